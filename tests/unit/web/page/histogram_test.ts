import { quantileText } from "../../../../lib/web/page/histogram.tsx";
import { binOf } from "../../../../lib/web/protocol.ts";
import { assertEquals } from "../../../support/assert.ts";

function textOf(...durations: number[]): string {
  const times: number[] = [];
  for (const ms of durations) times[binOf(ms)] = (times[binOf(ms)] ?? 0) + 1;
  const all = Array.from(times, (count = 0) => count);
  return quantileText(all, durations.length, Math.max(...durations));
}

Deno.test("quantileText() names no time that is shorter than the times it is about", () => {
  assertEquals(textOf(20_200, 20_200, 20_200), "95% within 20.2 s, the longest 20.2 s");
  assertEquals(
    textOf(1, 1, 1, 20_200),
    "Half within 1.3 ms, 95% within 20.2 s, the longest 20.2 s",
  );
  const day = 86_400_000;
  assertEquals(
    textOf(day, 3 * day, 3 * day, 9 * day),
    "Half within 3.7 d, 95% within 9 d 00 h, the longest 9 d 00 h",
  );
});
