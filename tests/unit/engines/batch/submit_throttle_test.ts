import { SubmitThrottle } from "../../../../lib/engines/batch/submit_throttle.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("SubmitThrottle.isStill() waits for a list that is read quickly", async (t) => {
  const cases: [name: string, buffer: [isEnded: boolean, first: number, last: number], boolean][] =
    [
      ["the last task was read just now", [false, 900, 950], false],
      ["no task was read for a while", [false, 800, 850], true],
      ["the first task has waited for long", [false, -1000, 990], true],
      ["the list has ended", [true, 990, 990], true],
    ];
  for (const [name, [isEnded, first, last], expected] of cases) {
    await t.step(name, () => {
      assertEquals(new SubmitThrottle().isStill({ isEnded, first, last }, 1000), expected);
    });
  }
});

const LATE = { isFull: false, isAlone: false };

Deno.test("SubmitThrottle.isDue() submits a full submission, or the only one, at once", () => {
  const throttle = new SubmitThrottle();
  assertEquals([throttle.hasSubmitted, throttle.isDue(0, LATE)], [false, true]);
  throttle.submitted(0);
  assertEquals(throttle.hasSubmitted, true);
  assertEquals([
    throttle.isDue(1, LATE),
    throttle.isDue(1, { isFull: true, isAlone: false }),
    throttle.isDue(1, { isFull: false, isAlone: true }),
  ], [false, true, true]);
});

Deno.test("SubmitThrottle.isDue() spaces late submissions, with a wider gap each time", () => {
  const throttle = new SubmitThrottle(), waits: number[] = [];
  for (let round = 0, now = 0; round < 17; round++) {
    throttle.submitted(now);
    let wait = 0;
    while (!throttle.isDue(now + wait, LATE)) wait += 500;
    waits.push(wait);
    now += wait;
  }
  assertEquals(waits.slice(0, 3), [1000, 2000, 3000]);
  assertEquals(waits.slice(-3), [15_000, 15_000, 15_000]);
});

Deno.test("SubmitThrottle.holdUntil() holds back even the only submission", () => {
  const throttle = new SubmitThrottle();
  throttle.holdUntil(100);
  const due = (now: number) => throttle.isDue(now, { isFull: true, isAlone: true });
  assertEquals([due(99), due(100)], [false, true]);
});

Deno.test("SubmitThrottle.holdUntil() can end with the last part under way", () => {
  const throttle = new SubmitThrottle();
  throttle.holdUntil(100, true);
  const due = (isAlone: boolean) => throttle.isDue(50, { isFull: true, isAlone });
  assertEquals([due(false), due(true)], [false, true]);
});
