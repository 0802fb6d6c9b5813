/**
 * Writing values as lines of JSON.
 *
 * @module
 */

import { read } from "../../../lib/ndjson/read.ts";
import { write } from "../../../lib/ndjson/write.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { readAll } from "./sources.ts";

Deno.test("write() writes a value a line", async (t) => {
  const cases: [name: string, values: unknown, text: string, count: number][] = [
    ["a list", [1, { a: "ü" }, [2], null], '1\n{"a":"ü"}\n[2]\nnull\n', 4],
    ["no values", [], "", 0],
    ["one object", { a: 1 }, '{"a":1}\n', 1],
    ["one text, which is not its letters", "abc", '"abc"\n', 1],
    ["null", null, "null\n", 1],
    ["a generator", [1, 2].values(), "1\n2\n", 2],
    ["a Set", new Set([1, 2]), "1\n2\n", 2],
    ["a stream of values", ReadableStream.from([1, 2]), "1\n2\n", 2],
    ["promises", [Promise.resolve(1)], "1\n", 1],
    ["a text with a newline", ["a\nb"], '"a\\nb"\n', 1],
  ];
  for (const [name, values, text, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder();
      const path = `${folder.path}/out.ndjson`;
      const count = await write(values, path);
      assertEquals([count, await Deno.readTextFile(path)], [expected, text]);
    });
  }
});

Deno.test("write() appends, unless `overwrite` is set", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out 1%.ndjson`;
  await write([1], path);
  await write([2], path);
  await write([3], new URL(folder.url("out 1%.ndjson")));
  assertEquals(await readAll(path), [1, 2, 3]);
  await write([4], folder.url("out 1%.ndjson"), { overwrite: true });
  assertEquals(await readAll(path), [4]);
});

Deno.test("write() appends on a new line, whatever the end of the file", async (t) => {
  const cases: [before: string, values: number[], after: string][] = [
    ["1", [2, 3], "1\n2\n3\n"],
    ["1\n", [2], "1\n2\n"],
    ["", [2], "2\n"],
    ["1", [], "1"],
  ];
  for (const [before, values, after] of cases) {
    await t.step(JSON.stringify(before), async () => {
      await using folder = await makeFolder({ "out.ndjson": before });
      const path = `${folder.path}/out.ndjson`;
      assertEquals(await write(values, path), values.length);
      assertEquals(await Deno.readTextFile(path), after);
    });
  }
});

Deno.test("write() refuses an option that it does not have, before it opens the file", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out.ndjson`;
  const cases: [options: unknown, message: string][] = [
    [{ overwrit: true }, 'option "overwrit" of ndjson.write: the options are overwrite'],
    [{ overwrite: "yes" }, '"yes" as overwrite of ndjson.write: write true or false'],
    [true, "true as the options of ndjson.write: write an object such as { overwrite }"],
  ];
  for (const [options, message] of cases) {
    await t.step(message, async () => {
      // deno-lint-ignore no-explicit-any -- code that is not type-checked
      const error = await assertRejects(() => write([1], path, options as any), TypeError);
      assertEquals(error.message, `Cannot use ${message}`);
    });
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  assertEquals(await write([1], path, { overwrite: undefined }), 1);
});

Deno.test("write() refuses a target that is not a file of lines", async (t) => {
  const way = "the target is a path, a file: URL or a stream, as in ndjson.write(values, path)";
  const cases: [target: unknown, message: string][] = [
    [[1, 2], `Cannot write to [ 1, 2 ]: ${way}`],
    [
      Array(9).fill({ a: 1 }),
      `Cannot write to [ ${"[Object], ".repeat(3)}... 6 more items ]: ${way}`,
    ],
    [
      { a: { b: 1 }, c: "long".repeat(30) },
      `Cannot write to { a: [Object], c: "${"long".repeat(15)}"... 60 more characters }: ${way}`,
    ],
    ["", `Cannot write to "": ${way}`],
    [undefined, `Cannot write to undefined: ${way}`],
    [
      "a.ndjson.gz",
      "Cannot write a.ndjson.gz: the lines are not compressed; write to a path without .gz, or " +
      "to a stream that compresses them",
    ],
    [
      new URL("file:///a.ndjson.zst"),
      "Cannot write file:///a.ndjson.zst: the lines are not compressed; write to a path without " +
      ".zst, or to a stream that compresses them",
    ],
  ];
  for (const [target, message] of cases) {
    await t.step(String(target), async () => {
      const error = await assertRejects(() => write([1], target as string), TypeError);
      assertEquals(error.message, message);
    });
  }
});

Deno.test("write() writes to a stream and closes it", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const [count, values] = await Promise.all([write([1, "ü"], writable), readAll(readable)]);
  assertEquals([count, values], [2, [1, "ü"]]);
});

Deno.test("write() writes more than a block, each line once", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out.ndjson`;
  const lines = Array.from({ length: 20_000 }, (_, i) => ({ id: i, text: "x".repeat(i % 90) }));
  assertEquals(await write(lines.values(), path), 20_000);
  assertEquals(await readAll(path), lines);
});

Deno.test("write() leaves whole lines when it fails in the middle", async (t) => {
  function* throwing(count: number) {
    for (let i = 0; i < count; i++) yield { id: i };
    throw new RangeError("no more");
  }
  const cases: [name: string, values: () => Iterable<unknown>, count: number, message: string][] = [
    ["the first one", () => throwing(0), 0, "no more"],
    ["a few", () => throwing(3), 3, "no more"],
    ["more than a block", () => throwing(20_000), 20_000, "no more"],
    [
      "a value that JSON cannot hold",
      () => [{ id: 0 }, { id: 1 }, { a: new Map() }, { id: 3 }],
      2,
      "Cannot write value 2.a: JSON has no Map, use Object.fromEntries(map)",
    ],
  ];
  for (const [name, values, count, message] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder();
      const path = `${folder.path}/out.ndjson`;
      const error = await assertRejects(() => write(values(), path), Error);
      assertEquals(error.message, message);
      assertEquals(await readAll(path), Array.from({ length: count }, (_, id) => ({ id })));
    });
  }
});

Deno.test("write() refuses to overwrite a file whose values it would read", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/list.ndjson`, link = `${folder.path}/link.ndjson`;
  await Deno.symlink(path, link);
  async function* odd(source: AsyncIterable<unknown>) {
    for await (const x of source) if (Number(x) % 2 === 1) yield x;
  }
  const cases: [name: string, count: number, target: string, values: () => unknown][] = [
    ["its lines", 3, path, () => read(path)],
    ["some of its lines", 3, path, () => odd(read(path))],
    ["none of its lines", 1, path, () => odd(read(path))],
    ["its lines by a link", 3, link, () => read(path)],
    ["a long file", 200_000, path, () => read(path)],
  ];
  for (const [name, count, target, values] of cases) {
    await t.step(name, async () => {
      const text = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
      await Deno.writeTextFile(path, text);
      const writing = () => write(values(), target, { overwrite: true });
      assertEquals(
        (await assertRejects(writing, TypeError)).message,
        `Cannot overwrite ${target}: the values are read from this file, write to another one`,
      );
      assertEquals(await Deno.readTextFile(path) === text, true);
    });
  }
  await t.step("a file whose reading began earlier, and has ended", async () => {
    await Deno.writeTextFile(path, "1\n2\n");
    const all = await Array.fromAsync(read(path));
    await read(path).next();
    await write(all.reverse(), path, { overwrite: true });
    assertEquals(await readAll(path), [2, 1]);
  });
});

Deno.test("write() refuses to append to a file that its values are read from", async (t) => {
  await using folder = await makeFolder();
  const path = `${folder.path}/list.ndjson`;
  const text = Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile(path, text);
  await t.step("while they are read", async () => {
    assertEquals(
      (await assertRejects(() => write(read(path), path), TypeError)).message,
      `Cannot append to ${path}: the values are read from this file, write to another one`,
    );
    assertEquals(await Deno.readTextFile(path) === text, true);
  });
  await t.step("but not after the reading has ended", async () => {
    async function* next() {
      for await (const first of read(path)) {
        yield first;
        break;
      }
      yield (await readAll(path)).length;
    }
    await write(next(), path);
    assertEquals(await Deno.readTextFile(path) === `${text}0\n200000\n`, true);
  });
});

Deno.test("write() keeps the content of a file until there is a value", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out.ndjson`;
  await Deno.writeTextFile(path, "1\n2\n");
  const failing = (async function* () {
    await Promise.reject(new RangeError("no list"));
    yield 3;
  })();
  await assertRejects(() => write(failing, path, { overwrite: true }), RangeError);
  assertEquals(await readAll(path), [1, 2]);
  await write([], path, { overwrite: true });
  assertEquals(await readAll(path), []);
});

Deno.test("write() reports the target's error, and stops reading values", async () => {
  let asked = 0;
  function* values() {
    for (; asked < 1_000_000; asked++) yield "x".repeat(1000);
  }
  const full = new WritableStream({
    write() {
      throw new RangeError("disk full");
    },
  });
  assertEquals((await assertRejects(() => write(values(), full), RangeError)).message, "disk full");
  assert(asked < 1000, `asked for ${asked} values`);
});
