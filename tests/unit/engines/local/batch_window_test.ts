import { BatchWindow } from "../../../../lib/engines/local/batch_window.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** Returns the sizes of a window while a worker runs tasks of equal duration. */
function sizesOf(
  msPerTask: number,
  rounds: number,
  context: { concurrency: number; chunk?: number },
) {
  let now = 0;
  const window = new BatchWindow(context, () => now), sizes = [window.size];
  for (let i = 0; i < rounds; i++) {
    now += msPerTask * window.size;
    window.add(window.size);
    sizes.push(window.size);
  }
  return sizes;
}

Deno.test("BatchWindow fits the tasks of 160 ms, and grows at most eightfold", async (t) => {
  const cases: [
    name: string,
    ms: number,
    context: { concurrency: number; chunk?: number },
    sizes: number[],
  ][] = [
    ["tasks of a second", 1000, { concurrency: 1 }, [1, 1, 1]],
    ["tasks of 40 ms", 40, { concurrency: 1 }, [1, 4, 4]],
    ["tasks of 2 ms", 2, { concurrency: 1 }, [1, 8, 64, 80, 80]],
    ["a chunk", 2, { concurrency: 1, chunk: 3 }, [1, 3, 3]],
    ["several calls at a time", 40, { concurrency: 3 }, [6, 6, 6]],
    ["several calls at a time, and a chunk", 2, { concurrency: 3, chunk: 5 }, [6, 7, 7]],
    ["several long calls at a time", 1000, { concurrency: 3 }, [6, 3, 3]],
  ];
  for (const [name, ms, context, sizes] of cases) {
    await t.step(name, () => assertEquals(sizesOf(ms, sizes.length - 1, context), sizes));
  }
});

Deno.test("BatchWindow has an upper limit", () => {
  const sizes = sizesOf(0.001, 2000, { concurrency: 1 });
  assertEquals(sizes.at(-1), 32768);
  assert(sizes.every((size, i) => i === 0 || size <= 8 * sizes[i - 1]!));
});

Deno.test("BatchWindow does not shrink because of one slow read", () => {
  let now = 0;
  const window = new BatchWindow({ concurrency: 1 }, () => now);
  for (const ms of [20, 20, 200]) {
    now += ms;
    window.add(1);
  }
  assertEquals(window.size, 8, "the faster of the last two counts");
  now += 200;
  window.add(1);
  assertEquals(window.size, 1);
});

Deno.test("BatchWindow asks for more when half of the waiting tasks are done", () => {
  assertEquals(new BatchWindow({ concurrency: 1 }).refillAt, 0.5);
  assertEquals(new BatchWindow({ concurrency: 3 }).refillAt, 4);
});
