import { files, glob } from "../../../lib/tasks/list_files.ts";
import { Places } from "../../../lib/tasks/places.ts";
import { type ArgsList, toTasks } from "../../../lib/tasks/source.ts";
import type { TaskBatch } from "../../../lib/tasks/batch.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "../../support/assert.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function streamOf(...chunks: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(
    chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk),
  );
}

function readAll(list: ArgsList, places?: Places): Promise<TaskBatch[]> {
  return Array.fromAsync(toTasks(list, { places }));
}

/** Returns the lines of a batch by id. */
function linesOf(batch: TaskBatch): string[] {
  return Array.from(batch, ({ args }) => decoder.decode(args));
}

function idsOf(batches: readonly TaskBatch[]): number[] {
  return batches.flatMap((batch) => Array.from(batch, ({ id }) => id));
}

/** Fails unless the ids and ends of batches match their bytes. */
function assertWhole(batches: readonly TaskBatch[]): void {
  for (const batch of batches) {
    const lines = decoder.decode(batch.bytes).split("\n");
    assertEquals(lines.pop(), "");
    assertEquals(linesOf(batch), lines);
  }
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  assertEquals(idsOf(batches), Array.from({ length: count }, (_, id) => id));
}

Deno.test("toTasks() returns the same tasks for every kind of list", async (t) => {
  const values = ["a", { b: "ü€😀" }, [1, null], 2.5];
  const text = '"a"\n{"b":"ü€😀"}\n[1,null]\n2.5\n';
  await using folder = await makeFolder({ "list 1.ndjson": text });
  const cases: [name: string, list: () => ArgsList][] = [
    ["an array", () => values],
    ["a Set", () => new Set(values)],
    ["a generator", () => values.values()],
    ["an async iterable", () => ReadableStream.from(values).values()],
    ["a path", () => `${folder.path}/list 1.ndjson`],
    ["a URL", () => new URL(folder.url("list 1.ndjson"))],
    ["a stream", () => streamOf(text)],
    [
      "a stream in pieces",
      () => streamOf(...[...encoder.encode(text)].map((byte) => Uint8Array.of(byte))),
    ],
  ];
  for (const [name, list] of cases) {
    await t.step(name, async () => {
      const batches = await readAll(list());
      assertWhole(batches);
      assertEquals(batches.flatMap(linesOf), [
        '"a"',
        '{"b":"ü€😀"}',
        "[1,null]",
        "2.5",
      ]);
    });
  }
});

Deno.test("toTasks() reads a number n as 0 to n-1", async (t) => {
  assertEquals((await readAll(3)).flatMap(linesOf), [
    "0",
    "1",
    "2",
  ]);
  assertEquals(await readAll(0), []);
  for (const number of [-1, 0.5, NaN, Infinity, 2 ** 33]) {
    await t.step(`and not ${number}`, async () => {
      const error = await assertRejects(() => readAll(number), RangeError);
      assertEquals(
        error.message,
        `Cannot read a list of ${number} tasks: pass a whole number from 0 to 4294967296`,
      );
    });
  }
});

Deno.test("toTasks() refuses a value that is not a list", async (t) => {
  const cases: [list: unknown, what: string][] = [
    [null, "null"],
    [undefined, "a value of type undefined"],
    [true, "a value of type boolean"],
    [{ a: 1 }, "a value of type object"],
    [() => [1], "a value of type function"],
  ];
  for (const [list, what] of cases) {
    await t.step(what, () => {
      const error = assertThrows(() => toTasks(list as ArgsList), TypeError);
      assertEquals(
        error.message,
        `Cannot read tasks from ${what}: pass an array, an iterable, a number, a path or a stream`,
      );
    });
  }
});

Deno.test("toTasks() returns no batch for an empty list", async (t) => {
  for (const list of [[], new Set<number>(), streamOf(), streamOf("\n \r\n"), streamOf("\ufeff")]) {
    await t.step(Deno.inspect(list), async () => assertEquals(await readAll(list), []));
  }
});

Deno.test("toTasks() copies the lines of a source unchanged", async (t) => {
  const cases: [name: string, chunks: (string | Uint8Array<ArrayBuffer>)[], lines: string[]][] = [
    ["blanks inside", ['{ "a" : 1 }\n'], ['{ "a" : 1 }']],
    ["blanks around", ["  1 \t\n"], ["  1"]],
    ["CRLF", ["1\r\n2\r\n"], ["1", "2"]],
    ["blank lines are left out", ["\n1\n\n \n2\n\n"], ["1", "2"]],
    ["a byte order mark", ["\ufeff1\n\ufeff2"], ["1", "\ufeff2"]],
    ["no newline at the end", ["1\n2"], ["1", "2"]],
    ["invalid JSON", ["{oops\n1,2\n"], ["{oops", "1,2"]],
    ["numbers keep their digits", ["1.50\n1e400\n"], [
      "1.50",
      "1e400",
    ]],
    ["escapes stay escapes", ['"\\u00fc"\n'], ['"\\u00fc"']],
  ];
  for (const [name, chunks, lines] of cases) {
    await t.step(name, async () => {
      const batches = await readAll(streamOf(...chunks));
      assertWhole(batches);
      assertEquals(batches.flatMap(linesOf), lines);
    });
  }
});

Deno.test("toTasks() copies even bytes that are not UTF-8", async () => {
  const [batch] = await readAll(streamOf(Uint8Array.of(34, 0xff, 34, 10)));
  assertEquals(batch!.task(0).args, Uint8Array.of(34, 0xff, 34));
});

Deno.test("toTasks() returns every id once, whatever its number of digits", async () => {
  const count = 100_010;
  const text = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  for (const list of [count, streamOf(text), streamOf(text.slice(0, 7), text.slice(7))]) {
    const batches = await readAll(list);
    assertWhole(batches);
    assertEquals(
      idsOf(batches),
      Array.from({ length: count }, (_, i) => i),
    );
    const last = batches.at(-1)!;
    assertEquals(linesOf(last).at(-1), `${count - 1}`);
  }
});

Deno.test("toTasks() accepts lines and values of any length", async () => {
  const long = "x".repeat(3_000_000), values = [1, long, 2, long];
  for (
    const list of [
      values,
      streamOf(values.map((value) => JSON.stringify(value) + "\n").join("")),
    ]
  ) {
    const batches = await readAll(list);
    assertWhole(batches);
    const args = batches.flatMap(linesOf).map((line) => JSON.parse(line));
    assertEquals(args.map((arg) => arg === long ? "long" : arg), [1, "long", 2, "long"]);
  }
});

Deno.test("toTasks() returns batches that are as large as their lines", async () => {
  async function* ten() {
    yield* Array.from({ length: 10 }, (_, i) => i);
  }
  const sizes = (batches: TaskBatch[]) => batches.map(({ bytes }) => bytes.buffer.byteLength);
  assertEquals(sizes(await readAll(ten())), [2, 2, 4, 8, 4]);
  assertEquals(sizes(await readAll(streamOf("1\n", "2\n"))), [2, 2]);
});

Deno.test("toTasks() reads no further than requested", async () => {
  const asked: number[] = [];
  async function* slow() {
    for (let i = 0;; i++) {
      asked.push(i);
      yield i;
    }
  }
  const tasks = toTasks(slow());
  assertEquals(asked, []);
  await tasks.next();
  await tasks.next();
  assertEquals(asked, [0, 1]);
  await tasks.return(undefined);

  let pulled = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode(`${pulled++}\n`)),
  }, { highWaterMark: 0 });
  const lines = toTasks(stream);
  await lines.next();
  assertEquals(pulled, 1);
  await lines.return(undefined);
});

Deno.test("toTasks() names an element that JSON cannot represent", async (t) => {
  const cases: [name: string, element: unknown, message: string][] = [
    [
      "bytes",
      { a: new Uint8Array(1) },
      ".a: JSON has no Uint8Array, write the bytes to a file and use its path",
    ],
    ["undefined", undefined, ": JSON has no undefined, use null or leave it out"],
    ["a Map", [new Map()], "[0]: JSON has no Map, use Object.fromEntries(map)"],
    ["a promise", Promise.resolve(1), ": JSON has no Promise, await it"],
  ];
  for (const [name, element, message] of cases) {
    await t.step(name, async () => {
      const error = await assertRejects(() => readAll([1, 2, element]), TypeError);
      assertEquals(error.message, `Cannot write element 2 of the list${message}`);
    });
  }
});

Deno.test("toTasks() throws a list's error, and closes a list that is left", async () => {
  const failure = new RangeError("no more");
  let closed = 0;
  function* throwing() {
    try {
      yield 1;
      throw failure;
    } finally {
      closed++;
    }
  }
  async function* throwingLater() {
    yield* throwing();
  }
  assertStrictEquals(await assertRejects(() => readAll(throwing())), failure);
  assertStrictEquals(await assertRejects(() => readAll(throwingLater())), failure);
  for await (const batch of toTasks(throwingLater())) {
    assertEquals(linesOf(batch), ["1"]);
    break;
  }
  assertEquals(closed, 3);
});

Deno.test("toTasks() closes a list that is left while it waits for an element", async () => {
  const left = new AbortController(), arrived = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  async function* slow() {
    try {
      yield 1;
      await arrived.promise;
      yield 2;
    } finally {
      closed.resolve();
    }
  }
  const tasks = toTasks(slow(), { signal: left.signal });
  await tasks.next();
  tasks.next().catch(() => {});
  left.abort();
  arrived.resolve();
  await within(closed.promise, "the list is closed");
});

Deno.test("files() refuses a second file that is not in a list, and an unknown option", () => {
  const cases: [options: unknown, message: string][] = [
    ["b.csv", 'Cannot use "b.csv" as the options of files(): write files([a, b])'],
    [null, "Cannot use null as the options of files(): write files([a, b])"],
    [
      { hasHeadr: false },
      'Cannot use option "hasHeadr" of files(): the options are format, encoding, ' +
      "isNulSeparated, delimiter, hasHeader, isTyped, hasQuotes",
    ],
  ];
  for (const [options, message] of cases) {
    assertEquals(assertThrows(() => files("a.csv", options as never), UsageError).message, message);
  }
});

Deno.test("glob() refuses a list of patterns, other values, and none", () => {
  const cases: [patterns: unknown[], fault: string][] = [
    [[], "without a pattern"],
    [[["a/*.tif", "b/*.tif"]], 'with [ "a/*.tif", "b/*.tif" ]'],
    [["a/*.tif", 3], "with 3"],
  ];
  for (const [patterns, fault] of cases) {
    const { message } = assertThrows(() => glob(...patterns as string[]), UsageError);
    assertEquals(
      message,
      `Cannot call glob() ${fault}: pass texts, as in glob("a/*.tif", "b/*.tif")`,
    );
  }
});

Deno.test("files() accepts a single source", async () => {
  await using folder = await makeFolder({ "l.ndjson": "1\n2\n" });
  const [batch] = await Array.fromAsync(toTasks(files(`${folder.path}/l.ndjson`)));
  assertEquals(batch?.count, 2);
});

Deno.test("toTasks() names a file that does not exist", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/nope.ndjson`;
  const error = await assertRejects(() => readAll(path), UsageError);
  assertEquals(
    error.message,
    `Cannot read ${path}: no such file (relative paths start at ${Deno.cwd()})`,
  );
});

Deno.test("toTasks() tells the line of each task", async (t) => {
  const cases: [name: string, chunks: string[], numbers: number[]][] = [
    ["no blank lines", ["1\n2\n3\n"], [1, 2, 3]],
    ["blank lines first", ["\n\n1\n2\n"], [3, 4]],
    ["blank lines between", ["1\n\n2\n \r\n\n3\n4\n"], [1, 3, 6, 7]],
    ["on the border of chunks", ["1\n", "\n\n", "2\n\n", "\n3"], [1, 4, 7]],
    ["a byte order mark alone on its line", ["\ufeff\n1\n"], [2]],
  ];
  for (const [name, chunks, numbers] of cases) {
    await t.step(name, async () => {
      const places = new Places();
      const ids = idsOf(await readAll(streamOf(...chunks), places));
      assertEquals(
        ids.map((id) => places.of(id)),
        numbers.map((line) => ({ name: "input", line })),
      );
    });
  }
});

Deno.test("toTasks() accepts a JSON text sequence, whose lines start with RS", async () => {
  const batches = await readAll(streamOf("\x1e1\n\x1e\x1e2\n\x1e\n\x1e[3]\n"));
  assertWhole(batches);
  assertEquals(batches.flatMap(linesOf), ["1", "2", "[3]"]);
  assertEquals(idsOf(batches), [0, 1, 2]);
});
