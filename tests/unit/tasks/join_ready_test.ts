import { CutList } from "../../../lib/tasks/cuts/cut_list.ts";
import { joinReady } from "../../../lib/tasks/join_ready.ts";
import { type TaskList, toTasks } from "../../../lib/tasks/source.ts";
import type { TaskBatch } from "../../../lib/tasks/batch.ts";
import { assertEquals, assertRejects, assertStrictEquals } from "../../support/assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Yields the numbers below `count`, without a wait. */
async function* numbers(count: number, failure?: Error): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
  if (failure) throw failure;
}

async function* through<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const value of values) yield value;
}

function linesOf(batches: readonly TaskBatch[]): string[] {
  return batches.flatMap((batch) =>
    Array.from(batch, ({ id, args }) => `${id}:${decoder.decode(args)}`)
  );
}

Deno.test("toTasks() joins elements that are ready, in any kind of asynchronous list", async (t) => {
  const text = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < 20_000; i++) controller.enqueue(encoder.encode(`${i}\n`));
      controller.close();
    },
  });
  const cases: [name: string, list: TaskList][] = [
    ["a generator", numbers(20_000)],
    ["generators inside each other", through(through(numbers(20_000)))],
    ["a stream of values", ReadableStream.from(numbers(20_000)).values()],
    ["a stream of lines", text],
    ["a part of a list", new CutList(numbers(20_010), { skip: 10 })],
  ];
  for (const [name, list] of cases) {
    await t.step(name, async () => {
      const batches = await Array.fromAsync(toTasks(list));
      const first = list instanceof CutList ? 10 : 0;
      assertEquals(linesOf(batches), Array.from({ length: 20_000 }, (_, i) => `${i}:${i + first}`));
      assertEquals(batches.length < 40, true, `${batches.length} batches`);
    });
  }
});

Deno.test("toTasks() passes a slow element on at once, and reads nothing after it", async () => {
  let asked = 0;
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  async function* slow() {
    for (const { promise } of gates) {
      asked++;
      await promise;
      yield asked;
    }
  }
  const tasks = toTasks(slow());
  for (const [at, gate] of gates.entries()) {
    const next = tasks.next();
    await new Promise((resolve) => setTimeout(resolve));
    gate.resolve();
    assertEquals(linesOf([(await next).value]), [`${at}:${at + 1}`]);
    assertEquals(asked, at + 1);
  }
});

Deno.test("toTasks() yields the elements before an error, and then throws it", async () => {
  const failure = new RangeError("no more"), seen: TaskBatch[] = [];
  const error = await assertRejects(async () => {
    for await (const batch of toTasks(numbers(5, failure))) seen.push(batch);
  });
  assertStrictEquals(error, failure);
  assertEquals(linesOf(seen), ["0:0", "1:1", "2:2", "3:3", "4:4"]);
});

Deno.test("toTasks() reads nothing after the limit of a list", async () => {
  let asked = 0;
  async function* counted() {
    for (;;) yield asked++;
  }
  const batches = await Array.fromAsync(toTasks(new CutList(counted(), { limit: 7 })));
  assertEquals([linesOf(batches).length, asked], [7, 7]);
});

Deno.test("joinReady() closes the list, and does not wait for an element that never comes", async () => {
  let closed = 0;
  async function* stuck(count: number) {
    try {
      yield* numbers(count);
      await new Promise(() => {});
    } finally {
      closed++;
    }
  }
  for await (const _ of toTasks(stuck(1))) break;
  assertEquals(closed, 1);
  const tasks = joinReady(toTasks(stuck(3)));
  for (let i = 0; i < 3; i++) await tasks.next();
  await tasks.return(undefined);
  assertEquals(closed, 1);
});
