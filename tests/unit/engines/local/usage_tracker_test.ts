import { UsageTracker } from "../../../../lib/engines/local/usage_tracker.ts";
import {
  blockHead,
  type EventBatch,
  NO_EVENTS,
  successLine,
} from "../../../../lib/journal/format.ts";
import { assertEquals } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A tree whose CPU time grows by 100 ms with each reading. */
function fakeTree() {
  let cpu = 0;
  const usage = () => ({ memory: 300e6, children: 0, cpu: cpu += 100 });
  return { usage, takePeak: () => ({ ...usage(), memory: 400e6, children: 250e6 }) };
}

function batch(lines: string, failures: EventBatch["failures"] = []): EventBatch {
  return { ...NO_EVENTS, lines: encode(lines), failures };
}

const long = batch(`${successLine(3, 2, 1500, '{"ms":7}')}\n`);
const short = batch(blockHead({ id: 4, count: 2, bytes: 4 }) + "1\n2\n");

Deno.test("UsageTracker measures a task that took longer than 100 ms", () => {
  const tracker = new UsageTracker(fakeTree(), false);
  tracker.begin();
  const [first, second] = tracker.end([short, long], 1500);
  assertEquals(first, short);
  assertEquals(second?.updates, [
    { id: 3, attempt: 2, type: "usage", memory: 400e6, children: 250e6, cpu: 100 },
  ]);
  assertEquals(tracker.end([short], 1500), [short]);
  assertEquals(tracker.end([long], 50), [long]);
});

Deno.test("UsageTracker measures failures", () => {
  const error = { message: "no", type: "Error", class: "error" } as const;
  const event = { id: 8, attempt: 1, type: "failed", ms: 200, error } as const;
  const tracker = new UsageTracker(fakeTree(), false);
  const [found] = tracker.end([batch("", [{ event, args: encode("8") }])], 200);
  assertEquals(found?.updates?.map(({ id, type }) => [id, type]), [[8, "usage"]]);
});

Deno.test("UsageTracker labels what belongs to several tasks", () => {
  for (const [isShared, batches] of [[true, [long]], [false, [long, long]]] as const) {
    const [found] = new UsageTracker(fakeTree(), isShared).end(batches, 1500);
    assertEquals(found?.updates, [
      { id: 3, attempt: 2, type: "usage", memory: 400e6, children: 250e6, shared: true },
    ]);
  }
});
