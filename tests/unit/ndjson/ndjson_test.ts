import {
  apply,
  read,
  readBatches,
  type ReadOptions,
  type Source,
  stringify,
  write,
} from "../../../lib/ndjson/mod.ts";
import { badLine } from "../../../lib/ndjson/bad_line.ts";
import { nameOf, readBlocks } from "../../../lib/ndjson/blocks.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "../../support/assert.ts";

const encoder = new TextEncoder();

/** A stream of these chunks, which counts how many were asked for. */
class Chunks {
  pulled = 0;
  isCanceled = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(chunks: readonly (string | Uint8Array<ArrayBuffer>)[]) {
    this.stream = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks[this.pulled];
        if (chunk === undefined) return controller.close();
        this.pulled++;
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      },
      cancel: () => void (this.isCanceled = true),
    }, { highWaterMark: 0 });
  }
}

function streamOf(...chunks: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array> {
  return new Chunks(chunks).stream;
}

function readAll(source: Source, options?: ReadOptions): Promise<unknown[]> {
  return Array.fromAsync(read(source, options));
}

/** What was read before an error, and its message. */
async function readUntilError(source: Source): Promise<[values: unknown[], message: string]> {
  const values: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const value of read(source)) values.push(value);
  }, SyntaxError);
  return [values, error.message];
}

Deno.test("read() takes every kind of source", async (t) => {
  const text = '1\n{"a":[2]}\n"three"\n';
  const values = [1, { a: [2] }, "three"];
  await using folder = await makeFolder({ "list.ndjson": text, "with blank %#?.ndjson": text });
  const path = `${folder.path}/list.ndjson`;
  const cases: [name: string, source: () => Source][] = [
    ["a path", () => path],
    ["a path with signs", () => `${folder.path}/with blank %#?.ndjson`],
    ["a file: URL", () => new URL(folder.url("with blank %#?.ndjson"))],
    ["the text of a file: URL", () => folder.url("with blank %#?.ndjson")],
    ["a stream", () => streamOf(text)],
    ["the body of a response", () => new Response(text).body!],
    ["an array", () => values],
    ["an iterable", () => new Set(values)],
    ["a generator", () => values.values()],
    ["an async iterable", () => ReadableStream.from(values).values()],
    ["an array of promises", () => values.map((value) => Promise.resolve(value))],
  ];
  for (const [name, source] of cases) {
    await t.step(name, async () => assertEquals(await readAll(source()), values));
  }
});

Deno.test("read() takes an http URL, and says what a server answered", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/list.ndjson") return new Response('1\n"zwei ü"\n3');
    return new Response(null, { status: pathname === "/empty" ? 204 : 404 });
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(await readAll(`${base}/list.ndjson`), [1, "zwei ü", 3]);
  assertEquals(await readAll(new URL(`${base}/list.ndjson`)), [1, "zwei ü", 3]);
  assertEquals(await readAll(`${base}/empty`), []);
  const error = await assertRejects(() => readAll(`${base}/nope`), Error);
  assertEquals(
    error.message,
    `Cannot read ${base}/nope: the server answered 404, check the address`,
  );
  await server.shutdown();
  const none = await assertRejects(() => readAll(`${base}/list.ndjson`), Error);
  assertEquals(none.message, `Cannot read ${base}/list.ndjson: Connection refused`);
});

Deno.test("read() takes stdin, and calls it so", async () => {
  const ndjson = new URL("../../../lib/ndjson/mod.ts", import.meta.url).href;
  const script = `
    import { read } from ${JSON.stringify(ndjson)};
    try {
      for await (const value of read("-")) console.log(JSON.stringify(value));
    } catch (error) {
      console.log(error.message);
    }`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "data:text/javascript," + encodeURIComponent(script)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(encoder.encode('{"a":1}\r\n\n[2]\n{'));
  await writer.close();
  const { stdout } = await process.output();
  assertEquals(
    new TextDecoder().decode(stdout),
    `{"a":1}\n[2]\nCannot read stdin:4:2: Expected property name or '}'\n`,
  );
});

Deno.test("read() does not mind how lines end and where chunks do", async (t) => {
  const ü = encoder.encode('"ü€😀"\n2\n');
  const cases: [name: string, chunks: (string | Uint8Array<ArrayBuffer>)[], values: unknown[]][] = [
    ["CRLF", ['1\r\n{"a":2}\r\n'], [1, { a: 2 }]],
    ["CRLF on two chunks", ["1\r", "\n2\r\n"], [1, 2]],
    ["a byte order mark", ["\ufeff1\n2\n"], [1, 2]],
    ["a byte order mark alone", ["\ufeff"], []],
    ["a byte order mark before CRLF", ["\ufeff\r\n1\r\n"], [1]],
    ["a byte order mark inside a text", ['"\ufeff"\n'], ["\ufeff"]],
    ["blank lines", ["\n\n1\n \t\n\r\n2\n\n"], [1, 2]],
    ["blanks around a value", ["  1  \n\t[ 2 ]\t\n"], [1, [2]]],
    ["no newline at the end", ["1\n2"], [1, 2]],
    ["a CR at the end", ["1\n2\r"], [1, 2]],
    ["nothing", [], []],
    ["empty chunks", ["", "1", "", "\n", "", "2", ""], [1, 2]],
    ["a chunk for each byte", [...'{"a":1}\n2\n'], [{ a: 1 }, 2]],
    ["a chunk for each byte of a character", [...ü].map((byte) => Uint8Array.of(byte)), [
      "ü€😀",
      2,
    ]],
    ["the newline in a chunk of its own", ["1", "\n", "2", "\n"], [1, 2]],
    ["many lines and a half one", ["1\n2\n3", "3\n4\n"], [1, 2, 33, 4]],
    ["a line of many chunks", ['"', ..."abcdef", '"\n1\n'], ["abcdef", 1]],
    ["characters that look like line ends", ['"\u2028\u2029\u0085"\n1\n'], [
      "\u2028\u2029\u0085",
      1,
    ]],
  ];
  for (const [name, chunks, values] of cases) {
    await t.step(name, async () => assertEquals(await readAll(streamOf(...chunks)), values));
  }
});

Deno.test("read() of an empty file gives nothing", async () => {
  await using folder = await makeFolder({ "empty.ndjson": "" });
  assertEquals(await readAll(`${folder.path}/empty.ndjson`), []);
});

Deno.test("read() takes a line of 100 MB", async () => {
  const size = 100_000_000;
  // As a file is read: 1,500 chunks, each of which must be looked at and copied once.
  const piece = new Uint8Array(64 * 1024).fill(120);
  const whole = Math.floor(size / piece.length);
  const rest = piece.subarray(0, size - whole * piece.length);
  const chunks = ['1\n"', ...Array.from({ length: whole }, () => piece), rest, '"\n2\n'];
  const lengths: unknown[] = [];
  for await (const value of read<string | number>(streamOf(...chunks))) {
    lengths.push(typeof value === "string" ? value.length : value);
  }
  assertEquals(lengths, [1, size, 2]);
});

Deno.test("read() reads no further than it is asked to", async () => {
  const source = new Chunks(["1\n2\n", "3\n", "4\n", "5\n"]);
  const values = read(source.stream);
  assertEquals(source.pulled, 0);
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) seen.push([(await values.next()).value, source.pulled]);
  assertEquals(seen, [[1, 1], [2, 1], [3, 2]]);
  await values.return(undefined);
  assertEquals({ pulled: source.pulled, isCanceled: source.isCanceled }, {
    pulled: 2,
    isCanceled: true,
  });
});

Deno.test("read() asks an iterable for a value at a time and closes it", async () => {
  const asked: number[] = [];
  let isClosed = false;
  function* count() {
    try {
      for (let i = 0;; i++) {
        asked.push(i);
        yield i;
      }
    } finally {
      isClosed = true;
    }
  }
  for await (const value of read(count())) if (value === 2) break;
  assertEquals({ asked, isClosed }, { asked: [0, 1, 2], isClosed: true });
});

Deno.test("readBatches() gives what a chunk brought, and no empty batches", async () => {
  const batches = readBatches(streamOf("1\n2\n", "\n\n", "3\n", "4"));
  assertEquals(await Array.fromAsync(batches), [[1, 2], [3], [4]]);
  assertEquals(await Array.fromAsync(readBatches(["a", "b"])), [["a"], ["b"]]);
});

Deno.test("read() says where a line is no JSON", async (t) => {
  const cases: [line: string, place: string, reason: string][] = [
    ["{", "2:2", "Expected property name or '}'"],
    ["[", "2:2", "Unexpected end of JSON input"],
    ["[1,2", "2:5", "Expected ',' or ']' after array element"],
    ['{"a":1', "2:7", "Expected ',' or '}' after property value"],
    ['{"a"', "2:5", "Expected ':' after property name"],
    ['{"a":', "2:6", "Unexpected end of JSON input"],
    ['{"a":1,}', "2:8", "Expected double-quoted property name"],
    ["{a:1}", "2:2", "Expected property name or '}'"],
    ["{'a':1}", "2:2", "Expected property name or '}'"],
    ["[1,]", "2:4", `Unexpected token ']', "[1,]" is not valid JSON`],
    ["[,1]", "2:2", `Unexpected token ',', "[,1]" is not valid JSON`],
    ['{"a":}', "2:6", `Unexpected token '}', "{"a":}" is not valid JSON`],
    ["[}", "2:2", `Unexpected token '}', "[}" is not valid JSON`],
    ["[1}", "2:3", "Expected ',' or ']' after array element"],
    ["1 2", "2:3", "Unexpected non-whitespace character after JSON"],
    ['{"a":1}{"a":2}', "2:8", "Unexpected non-whitespace character after JSON"],
    ["]", "2:1", `Unexpected token ']', "]" is not valid JSON`],
    ["tru", "2:4", "Unexpected end of JSON input"],
    ["[tru]", "2:5", `Unexpected token ']', "[tru]" is not valid JSON`],
    ["[nul, 1]", "2:5", `Unexpected token ',', "[nul, 1]" is not valid JSON`],
    ["True", "2:1", `Unexpected token 'T', "True" is not valid JSON`],
    ["NaN", "2:1", `"NaN" is not valid JSON`],
    ["[1, NaN]", "2:5", `Unexpected token 'N', "[1, NaN]" is not valid JSON`],
    ["undefined", "2:1", `"undefined" is not valid JSON`],
    ["01", "2:2", "Unexpected number"],
    ["-", "2:2", "No number after minus sign"],
    ["+1", "2:1", `Unexpected token '+', "+1" is not valid JSON`],
    ["1.", "2:3", "Unterminated fractional number"],
    ["1e", "2:3", "Exponent part is missing a number"],
    [".5", "2:1", `Unexpected token '.', ".5" is not valid JSON`],
    ['"abc', "2:5", "Unterminated string"],
    ['"a\tb"', "2:3", "Bad control character in string literal"],
    ['"a\\q"', "2:4", "Bad escaped character"],
    ['"a\\u12x4"', "2:7", "Bad Unicode escape"],
    ["  oops", "2:3", `Unexpected token 'o', "  oops" is not valid JSON`],
    ["hello, world", "2:1", `Unexpected token 'h', "hello, world" is not valid JSON`],
    [
      '{"a":[1,-2.5e+3,true,null,"]"],"b":{"c":{}},"d":oops}',
      "2:49",
      `Unexpected token 'o', ..."":{}},"d":oops}" is not valid JSON`,
    ],
    [
      '["\\"]", [], {}, x]',
      "2:17",
      `Unexpected token 'x', "["\\"]", [], {}, x]" is not valid JSON`,
    ],
    // What a message quotes must not be taken for what it says.
    ["x at position 3", "2:1", `Unexpected token 'x', "x at position 3" is not valid JSON`],
    ["\ufeff1", "2:1", `Unexpected token '\ufeff', "\ufeff1" is not valid JSON`],
  ];
  for (const [line, place, reason] of cases) {
    await t.step(JSON.stringify(line), async () => {
      assertEquals(await readUntilError(streamOf(`1\n${line}\n2\n`)), [
        [1],
        `Cannot read input:${place}: ${reason}`,
      ]);
    });
  }
});

Deno.test("read() lets no line run into the next one", async () => {
  const lines = [
    '{"a":1}',
    '{"a":{}',
    '{"a":{"b":2}',
    "{}}",
    "{}",
    "{}}}",
    "{},{}",
    '{"}',
    '{"":"}',
  ];
  lines.push('"}', '{"a":[1]}', '{"a":[{}', "{}]}", "1", "1,2", "", "{", "}", "{}\r", '"b":{}}');
  const parsed = (line: string) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  };
  const options = { onError: "skip", onSkip: () => {} } as const;
  for (const first of lines) {
    for (const second of lines) {
      for (const third of lines) {
        const all = [first, second, third];
        const values = await readAll(streamOf(all.join("\n")), options);
        assertEquals(values, all.flatMap(parsed), JSON.stringify(all));
      }
    }
  }
});

Deno.test("read() says where a line is broken, however deep or long it is", async () => {
  const deep = "[".repeat(200_000), long = `["${"\\n".repeat(500_000)}",`;
  assertEquals(await readUntilError(streamOf(`${deep}\n`)), [
    [],
    "Cannot read input:1:200001: Unexpected end of JSON input",
  ]);
  const cause = new SyntaxError("Unexpected token '?'");
  assertEquals(
    badLine(`${deep}?`, "a", 1, cause).message,
    "Cannot read a:1:200001: Unexpected token '?'",
  );
  assertEquals(
    badLine(`${long}?]`, "a", 1, cause).message,
    `Cannot read a:1:${long.length + 1}: Unexpected token '?'`,
  );
});

Deno.test("read() names the file in an error, and keeps the reason", async () => {
  await using folder = await makeFolder({ "list.ndjson": "1\n\n\n{oops}\n" });
  const path = `${folder.path}/list.ndjson`;
  const error = await assertRejects(() => readAll(path), SyntaxError);
  assertEquals(error.message, `Cannot read ${path}:4:2: Expected property name or '}'`);
  assertInstanceOf(error.cause, SyntaxError);
});

Deno.test("read() says why a file cannot be read", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/nope.ndjson`;
  assertEquals(
    (await assertRejects(() => readAll(path), Deno.errors.NotFound)).message,
    `Cannot read ${path}: no such file, looked from ${Deno.cwd()}`,
  );
  const url = folder.url("nope.ndjson");
  assertEquals(
    (await assertRejects(() => readAll(url), Deno.errors.NotFound)).message,
    `Cannot read ${url}: no such file`,
  );
  assertEquals(
    (await assertRejects(() => readAll(folder.path), TypeError)).message,
    `Cannot read ${folder.path}: it is a folder, give an ndjson file`,
  );
});

Deno.test("read() refuses a stream of something else than bytes", async () => {
  const stream = new Blob(["1\n"]).stream().pipeThrough(new TextDecoderStream());
  const error = await assertRejects(() => readAll(stream as never), TypeError);
  assertEquals(
    error.message,
    "Cannot read input: its chunks are not bytes, pipe it through a TextEncoderStream, " +
      "or give the values themselves",
  );
});

Deno.test("read() refuses bytes that are no UTF-8, and says in which line", async (t) => {
  const bad = Uint8Array.of(34, 0xe9, 34, 10);
  const cases: [name: string, chunks: (string | Uint8Array<ArrayBuffer>)[]][] = [
    ["in a chunk of its own", ["1\n2\n", bad, "3\n"]],
    ["in the middle of a chunk", [Uint8Array.of(49, 10, 50, 10, ...bad, 51, 10)]],
    ["a character that is cut off", ["1\n2\n", Uint8Array.of(34, 0xe2, 0x82, 34, 10)]],
    ["a surrogate", ["1\n2\n", Uint8Array.of(34, 0xed, 0xa0, 0x80, 34, 10)]],
    ["at the very end", ["1\n2\n", Uint8Array.of(34, 0xc3)]],
    ["in a line of several chunks", ['1\n2\n"a', Uint8Array.of(0xe9, 97), '"\n3\n']],
    ["more of a character than there can be", ["1\n2\n", new Uint8Array(9).fill(0x80), "\n"]],
  ];
  for (const [name, chunks] of cases) {
    await t.step(name, async () => {
      assertEquals(await readUntilError(streamOf(...chunks)), [
        [1, 2],
        "Cannot read input:3: the line is not valid UTF-8, convert the file first",
      ]);
    });
  }
});

Deno.test("read() keeps a replacement character that stands in the file", async () => {
  assertEquals(await readAll(streamOf('"\ufffd"\n2\n')), ["\ufffd", 2]);
});

Deno.test("read() passes over what is no JSON when it is told to", async () => {
  const skipped: string[] = [];
  const source = streamOf("1\noops\n2\n", Uint8Array.of(0xff, 10), "{\n\n3");
  const values = await readAll(source, {
    onError: "skip",
    onSkip: ({ message }) => skipped.push(message),
  });
  assertEquals(values, [1, 2, 3]);
  assertEquals(skipped, [
    `Cannot read input:2:1: Unexpected token 'o', "oops" is not valid JSON`,
    "Cannot read input:4: the line is not valid UTF-8, convert the file first",
    "Cannot read input:5:2: Expected property name or '}'",
  ]);
});

Deno.test("read() counts what it passed over, on stderr", async (t) => {
  const cases: [text: string, said: string[]][] = [
    ["1\n", []],
    ["oops\n", ["Warning: skipped 1 line that is not valid JSON in input"]],
    ["oops\n1\n[\n", ["Warning: skipped 2 lines that are not valid JSON in input"]],
  ];
  const { warn } = console;
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), async () => {
      const said: unknown[] = [];
      console.warn = (line) => said.push(line);
      try {
        await readAll(streamOf(text), { onError: "skip" });
      } finally {
        console.warn = warn;
      }
      assertEquals(said, expected);
    });
  }
});

Deno.test("badLine() takes any cause", () => {
  assertEquals(badLine("x", "list", 7, "odd").message, "Cannot read list:7:1: odd");
});

Deno.test("nameOf() tells what a source is called", () => {
  const names = ["-", "a.ndjson", new URL("file:///a.ndjson"), streamOf(), [1]].map(nameOf);
  assertEquals(names, ["stdin", "a.ndjson", "file:///a.ndjson", "input", "input"]);
});

Deno.test("readBlocks() gives whole lines as they came", async (t) => {
  const cases: [name: string, chunks: string[], torn: "keep" | "drop", blocks: string[]][] = [
    ["a block for a chunk", ["1\n2\n", "3\n"], "keep", ["1\n2\n", "3\n"]],
    ["a line over chunks", ["1\n2", "2", "2\n3\n4", "\n"], "keep", ["1\n", "222\n3\n", "4\n"]],
    ["a torn line is ended", ["1\n2"], "keep", ["1\n", "2\n"]],
    ["a torn line is dropped", ["1\n2", "2"], "drop", ["1\n"]],
    ["a torn line alone is dropped", ["1"], "drop", []],
    ["nothing is torn", ["1\n"], "drop", ["1\n"]],
    ["CRLF and blank lines stay", ["\r\n\n1\r\n"], "drop", ["\r\n\n1\r\n"]],
    ["nothing", [], "keep", []],
  ];
  for (const [name, chunks, torn, expected] of cases) {
    await t.step(name, async () => {
      const blocks = await Array.fromAsync(readBlocks(streamOf(...chunks), { torn }));
      assertEquals(blocks.map((block) => new TextDecoder().decode(block)), expected);
    });
  }
});

Deno.test("stringify() gives the text of what JSON can hold", async (t) => {
  class Tile {
    #secret = 1;
    readonly id = 7;
    get mean() {
      return this.#secret;
    }
  }
  const base = { inherited: () => 1 };
  const shared = { a: 1 };
  const cases: [name: string, value: unknown, text: string][] = [
    ["null", null, "null"],
    ["text", 'a"\n', '"a\\"\\n"'],
    ["a number", 1.5, "1.5"],
    ["NaN and Infinity, as everywhere in JSON", [NaN, -Infinity, -0], "[null,null,0]"],
    ["nested", { a: [{ b: {} }, []] }, '{"a":[{"b":{}},[]]}'],
    ["a date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["a URL", [new URL("file:///a")], '["file:///a"]'],
    ["toJSON()", { toJSON: () => ({ a: 1 }), f() {} }, '{"a":1}'],
    ["a Map with toJSON()", Object.assign(new Map(), { toJSON: () => "map" }), '"map"'],
    ["an array with toJSON()", Object.assign([undefined], { toJSON: () => 1 }), "1"],
    ["an instance", new Tile(), '{"id":7}'],
    ["what is inherited is not its own", Object.create(base), "{}"],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["one object twice", [shared, shared], '[{"a":1},{"a":1}]'],
    ["a typed array", Uint8Array.of(1, 2), '{"0":1,"1":2}'],
    ["a key called toJSON", { toJSON: 1 }, '{"toJSON":1}'],
    ["a symbol as key", { [Symbol.for("a")]: 1 }, "{}"],
  ];
  for (const [name, value, text] of cases) {
    await t.step(name, () => assertEquals(stringify(value), text));
  }
});

const NO_BIGINT = "JSON has no BigInt, give it as a string or a number";
const NO_UNDEFINED = "JSON has no undefined, give null or leave it out";
const NO_FUNCTION = "JSON has no functions, give what it returns";
const NO_SYMBOL = "JSON has no symbols, give a string";
const NO_CYCLE = "it contains itself, give a copy without the cycle";
const NO_MAP = "JSON has no Map, give Object.fromEntries(map)";
const NO_SET = "JSON has no Set, give [...set]";
const NO_PROMISE = "JSON has no Promise, await it";
const NO_ERROR = "JSON has no Error, give its message";
const NO_ITERATOR = "JSON has no iterator, give [...iterator]";

Deno.test("stringify() names the place that JSON cannot hold", async (t) => {
  const self: Record<string, unknown> = { a: 1 };
  self.self = self;
  const ring: { list: unknown[] } = { list: [1] };
  ring.list.push({ ring });
  class Tile {
    load = () => 1;
  }
  const cases: [name: string, value: unknown, place: string, reason: string][] = [
    ["a BigInt", 1n, "", NO_BIGINT],
    ["a nested BigInt", { a: [1, { b: 2n }] }, ".a[1].b", NO_BIGINT],
    ["undefined", undefined, "", NO_UNDEFINED],
    ["undefined in an object", { a: undefined }, ".a", NO_UNDEFINED],
    ["undefined in a list", [1, undefined], "[1]", NO_UNDEFINED],
    // deno-lint-ignore no-sparse-arrays -- a gap is what this is about
    ["a gap in a list", [1, , 2], "[1]", NO_UNDEFINED],
    ["a function", () => 1, "", NO_FUNCTION],
    ["a method", { a: { f() {} } }, ".a.f", NO_FUNCTION],
    ["a method of an instance", [new Tile()], "[0].load", NO_FUNCTION],
    ["a symbol", Symbol("a"), "", NO_SYMBOL],
    ["a nested symbol", { a: Symbol.iterator }, ".a", NO_SYMBOL],
    ["a cycle", self, ".self", NO_CYCLE],
    ["a longer cycle", { ring }, ".ring.list[1].ring", NO_CYCLE],
    ["a Map", new Map([[1, 2]]), "", NO_MAP],
    ["a nested Map", { a: [new Map()] }, ".a[0]", NO_MAP],
    ["a Set", { a: new Set([1]) }, ".a", NO_SET],
    ["a promise that nobody awaited", { mean: Promise.resolve(1) }, ".mean", NO_PROMISE],
    ["an error", { reason: new RangeError("too far") }, ".reason", NO_ERROR],
    ["a generator", (function* () {})(), "", NO_ITERATOR],
    ["an iterator", { keys: [1].keys() }, ".keys", NO_ITERATOR],
    ["keys that are no names", { "a b": { "": { "1": 1n } } }, '["a b"][""]["1"]', NO_BIGINT],
    ["a key with quotes", { 'say "hi"': 1n }, '["say \\"hi\\""]', NO_BIGINT],
    ["keys that are names", { $a: { _b1: { ü: 1n } } }, '.$a._b1["ü"]', NO_BIGINT],
    ["the first of several", { a: 1, b: new Set(), c: 1n }, ".b", NO_SET],
    ["after a toJSON()", { at: new Date(0), b: 1n }, ".b", NO_BIGINT],
  ];
  for (const [name, value, place, reason] of cases) {
    await t.step(name, () => {
      const error = assertThrows(() => stringify(value, "result"), TypeError);
      assertEquals(error.message, `Cannot write result${place}: ${reason}`);
    });
  }
});

Deno.test("stringify() lets through what a toJSON() throws", () => {
  const toJSON = () => {
    throw new RangeError("not today");
  };
  assertEquals(assertThrows(() => stringify({ a: { toJSON } }), RangeError).message, "not today");
});

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

Deno.test("write() appends, unless it is told to overwrite", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/out 1%.ndjson`;
  await write([1], path);
  await write([2], path);
  await write([3], new URL(folder.url("out 1%.ndjson")));
  assertEquals(await readAll(path), [1, 2, 3]);
  await write([4], folder.url("out 1%.ndjson"), { overwrite: true });
  assertEquals(await readAll(path), [4]);
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

Deno.test("write() that fails in the middle leaves the whole lines of what came before", async (t) => {
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
      () => [{ id: 0 }, { id: 1 }, { a: 1n }, { id: 3 }],
      2,
      `Cannot write value 2.a: ${NO_BIGINT}`,
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

Deno.test("write() says what the target said, and stops asking for values", async () => {
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

Deno.test("apply() calls a function for each value, one after the other", async () => {
  const running: string[] = [];
  const double = async (x: number) => {
    running.push(`start ${x}`);
    await Promise.resolve();
    running.push(`end ${x}`);
    return x * 2;
  };
  assertEquals(await Array.fromAsync(apply(streamOf("1\n2\n"), double)), [2, 4]);
  assertEquals(running, ["start 1", "end 1", "start 2", "end 2"]);
  assertEquals(await Array.fromAsync(apply([1, 2], (x: number) => x + 1)), [2, 3]);
});

Deno.test("apply() reads on only when its result is taken, and passes options on", async () => {
  const source = new Chunks(["1\n", "oops\n", "2\n", "3\n"]);
  const called: number[] = [];
  const options = { onError: "skip", onSkip() {} } as const;
  const results = apply(source.stream, (x: number) => called.push(x), options);
  await results.next();
  assertEquals([called, source.pulled], [[1], 1]);
  await results.next();
  assertEquals([called, source.pulled], [[1, 2], 3]);
  await results.return(undefined);
  assertEquals(source.isCanceled, true);
});

Deno.test("apply() lets through what the function throws, and closes the source", async () => {
  const source = new Chunks(["1\n", "2\n"]);
  const results = apply(source.stream, () => Promise.reject(new RangeError("too far")));
  assertEquals((await assertRejects(() => results.next(), RangeError)).message, "too far");
  assertEquals(source.isCanceled, true);
});
