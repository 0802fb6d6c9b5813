import { files } from "../../../lib/tasks/list_files.ts";
import { type ArgsList, toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

async function count(list: ArgsList): Promise<number> {
  let count = 0;
  for await (const batch of toTasks(list)) count += batch.count;
  return count;
}

Deno.test("toTasks() reads an iterator or a stream once, and other lists again", async (t) => {
  async function* later() {
    yield* [1, 2];
  }
  const bytes = () => new Blob(["1\n2\n"]).stream();
  const cases: [name: string, list: ArgsList, isOnce: boolean][] = [
    ["an array", [1, 2], false],
    ["a Set", new Set([1, 2]), false],
    ["a number", 2, false],
    ["an iterable", { [Symbol.iterator]: () => [1, 2].values() }, false],
    ["an asynchronous iterable", { [Symbol.asyncIterator]: later }, false],
    ["an iterator", [1, 2].values(), true],
    ["a generator", later(), true],
    ["a stream", bytes(), true],
    ["a stream of files()", files([bytes()]), true],
  ];
  for (const [name, list, isOnce] of cases) {
    await t.step(name, async () => {
      assertEquals(await count(list), 2);
      if (!isOnce) return assertEquals(await count(list), 2);
      const error = await assertRejects(() => count(list), UsageError);
      assertEquals(
        error.message,
        "Cannot read the list again: its elements have been read; " +
          "pass an array, or a new iterator or stream for each run",
      );
    });
  }
});

Deno.test("toTasks() does not count a list that has not been read", async () => {
  const list = [1, 2].values();
  await toTasks(list).return(undefined);
  assertEquals(await count(list), 2);
});

Deno.test("toTasks() refuses a stream that has a reader", async () => {
  const stream = new Blob(["1\n"]).stream();
  using _reader = lock(stream);
  const error = await assertRejects(() => count(stream), TypeError);
  assertEquals(
    error.message,
    "Cannot read input: the stream is locked, release its reader, or pass a new stream",
  );
});

function lock(stream: ReadableStream<Uint8Array>): Disposable {
  const reader = stream.getReader();
  return { [Symbol.dispose]: () => reader.releaseLock() };
}
