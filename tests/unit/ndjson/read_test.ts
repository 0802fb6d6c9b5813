/**
 * Reading values from lines of JSON.
 *
 * @module
 */

import type { Source } from "../../../lib/ndjson/blocks.ts";
import { apply, read, readBatches } from "../../../lib/ndjson/read.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
import { Chunks, encoder, readAll, readUntilError, streamOf } from "./sources.ts";

Deno.test("read() accepts every kind of source", async (t) => {
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

Deno.test("read() reads an http URL, and reports the server's answer", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/list.ndjson") return new Response('1\n"zwei ü"\n3');
    return new Response(null, { status: Number(pathname.slice(1)) });
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(await readAll(`${base}/list.ndjson`), [1, "zwei ü", 3]);
  assertEquals(await readAll(new URL(`${base}/list.ndjson`)), [1, "zwei ü", 3]);
  assertEquals(await readAll(`${base.replace("http", "HTTP")}/list.ndjson`), [1, "zwei ü", 3]);
  assertEquals(await readAll(`${base}/204`), []);
  for (
    const [status, advice] of [
      [404, "check the address"],
      [403, "download the file with a login, and read it from the disk"],
      [429, "try again later"],
      [503, "try again later"],
    ] as const
  ) {
    const { message } = await assertRejects(() => readAll(`${base}/${status}`), Error);
    assertEquals(
      message,
      `Cannot read ${base}/${status}: the server answered ${status}, ${advice}`,
    );
  }
  await server.shutdown();
  const none = await assertRejects(() => readAll(`${base}/list.ndjson`), Error);
  assertEquals(none.message, `Cannot read ${base}/list.ndjson: Connection refused`);
});

Deno.test("read() names a URL whose connection ends early", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${listener.addr.port}/list.ndjson`;
  const answering = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n1\n";
    await connection.write(new TextEncoder().encode(text));
  })();
  const { message } = await assertRejects(() => readAll(url), Error);
  assertStringIncludes(message, `Cannot read ${url}: the connection ended early (`);
  await answering;
});

Deno.test("read() reads stdin, and names it in errors", async () => {
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

Deno.test("read() accepts any line endings and chunk boundaries", async (t) => {
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

Deno.test("read() of an empty file yields nothing", async () => {
  await using folder = await makeFolder({ "empty.ndjson": "" });
  assertEquals(await readAll(`${folder.path}/empty.ndjson`), []);
});

Deno.test("read() reads a line of 100 MB", async () => {
  const size = 100_000_000;
  // 1,500 chunks, as of a file, of which each must be searched and copied once.
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

Deno.test("read() reads no further than its caller asks", async () => {
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

Deno.test("readBatches() yields the values of a chunk, and no empty batches", async () => {
  const batches = readBatches(streamOf("1\n2\n", "\n\n", "3\n", "4"));
  assertEquals(await Array.fromAsync(batches), [[1, 2], [3], [4]]);
  assertEquals(await Array.fromAsync(readBatches(["a", "b"])), [["a"], ["b"]]);
});

Deno.test("read() never joins two lines", async () => {
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

Deno.test("read() reports why a file cannot be read", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/nope.ndjson`;
  assertEquals(
    (await assertRejects(() => readAll(path), Deno.errors.NotFound)).message,
    `Cannot read ${path}: no such file (relative paths start at ${Deno.cwd()})`,
  );
  const url = folder.url("nope.ndjson");
  assertEquals(
    (await assertRejects(() => readAll(url), Deno.errors.NotFound)).message,
    `Cannot read ${url}: no such file`,
  );
  assertEquals(
    (await assertRejects(() => readAll(folder.path), TypeError)).message,
    `Cannot read ${folder.path}: it is a folder, use an ndjson file`,
  );
});

Deno.test("read() refuses an option that it does not have, and a source without values", async (t) => {
  const cases: [source: unknown, options: unknown, message: string][] = [
    [
      [1],
      { onerror: "skip" },
      'use option "onerror" of ndjson.read: the options are onError, bigIntegers, onSkip',
    ],
    [[1], { onError: "ignore" }, 'use "ignore" as onError of ndjson.read: write "throw" or "skip"'],
    [
      [1],
      { bigIntegers: true },
      'use true as bigIntegers of ndjson.read: write "number" or "bigint"',
    ],
    [[1], { onSkip: 3 }, "use 3 as onSkip of ndjson.read: write a function"],
    [3, {}, "read values from 3: pass a path, a URL, a stream of bytes or an iterable"],
    [
      undefined,
      {},
      "read values from undefined: pass a path, a URL, a stream of bytes or an iterable",
    ],
  ];
  for (const [source, options, message] of cases) {
    await t.step(message, async () => {
      // deno-lint-ignore no-explicit-any -- code that is not type-checked
      const values = read(source as any, options as any);
      const error = await assertRejects(() => Array.fromAsync(values), TypeError);
      assertEquals(error.message, `Cannot ${message}`);
    });
  }
});

Deno.test("read() refuses a stream whose chunks are not bytes", async () => {
  const stream = new Blob(["1\n"]).stream().pipeThrough(new TextDecoderStream());
  const error = await assertRejects(() => readAll(stream as never), TypeError);
  assertEquals(
    error.message,
    "Cannot read input: its chunks are not bytes, pipe it through a TextEncoderStream, " +
      "or pass the values themselves",
  );
});

Deno.test("read() refuses bytes that are not valid UTF-8, and names the line", async (t) => {
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

Deno.test("read() names a compressed source, and what reads it", async () => {
  const compressed = new Blob(["1\n"]).stream().pipeThrough(new CompressionStream("gzip"));
  const { message } = await assertRejects(() => Array.fromAsync(read(compressed)), SyntaxError);
  assertEquals(
    message,
    "Cannot read input:1: it is compressed; read its stream, file.readable.pipeThrough(new " +
      'DecompressionStream("gzip"))',
  );
});

Deno.test("read() keeps a replacement character that is in the file", async () => {
  assertEquals(await readAll(streamOf('"\ufffd"\n2\n')), ["\ufffd", 2]);
});

Deno.test("read() skips a line that is not valid JSON on request", async () => {
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

Deno.test("read() counts the skipped lines, on stderr", async (t) => {
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

Deno.test("apply() reads only as its results are consumed, and passes options on", async () => {
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

Deno.test("apply() passes on the function's error, and closes the source", async () => {
  const source = new Chunks(["1\n", "2\n"]);
  const results = apply(source.stream, () => Promise.reject(new RangeError("too far")));
  assertEquals((await assertRejects(() => results.next(), RangeError)).message, "too far");
  assertEquals(source.isCanceled, true);
});

Deno.test("read() keeps the digits of an integer in two chunks", async () => {
  const text = '{"id":1}\n[9007199254740993]\n9007199254740995';
  for (let cut = 0; cut <= text.length; cut++) {
    const parts = [text.slice(0, cut), text.slice(cut)];
    const chunks = ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)));
    const values = await Array.fromAsync(read(chunks, { bigIntegers: "bigint" }));
    assertEquals(values, [{ id: 1 }, [9007199254740993n], 9007199254740995n]);
  }
});
