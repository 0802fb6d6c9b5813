import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { toUtf8 } from "../../../lib/formats/encoding.ts";
import {
  type Format,
  formatOfName,
  type InputOptions,
  NOT_TEXT,
} from "../../../lib/formats/format.ts";
import { inspect } from "../../../lib/formats/inspect.ts";
import { LineNumbers } from "../../../lib/formats/line_numbers.ts";
import { RandomFile } from "../../../lib/formats/random_file.ts";
import { readRecords } from "../../../lib/formats/read_records.ts";
import { MARKED } from "../../../lib/ndjson/bad_line.ts";
import { concatBytes } from "../../../lib/util/bytes/bytes.ts";
import { delay } from "../../../lib/util/time/delay.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "../../support/assert.ts";

const encoder = new TextEncoder();

/** Reads the records of a source as text, with the line of each record. */
async function read(source: string | ReadableStream<Uint8Array>, options: InputOptions = {}) {
  const lines = new LineNumbers(), notices: string[] = [];
  const file = await inspect(source, options);
  const blocks = await readRecords(file, options, { lines, notice: (text) => notices.push(text) });
  const text = new TextDecoder().decode(concatBytes(await Array.fromAsync(blocks)));
  const records = text.split("\n").slice(0, -1);
  return { format: file.format, records, numbers: records.map((_, i) => lines.of(i)), notices };
}

/** Returns a stream whose chunks have one byte each. */
function bytewise(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
}

Deno.test("readRecords() reads a file by its ending", async (t) => {
  const cases: [name: string, format: Format, text: string, records: string[]][] = [
    ["a.ndjson", "ndjson", "1\n[2]", ["1", "[2]"]],
    ["a.jsonl", "ndjson", "\ufeff1\n", ["1"]],
    ["a.JSONL", "ndjson", "1\n", ["1"]],
    ["a", "ndjson", "1\n", ["1"]],
    ["a.txt", "lines", '\ufeffa "b"\r\n\n c \n', ['"a \\"b\\""', '" c "']],
    ["no.gz.txt", "lines", "1\n", ['"1"']],
    ["a.csv", "csv", '\ufeffa,b\r\n1,"x\n,"\r\n2,é', [
      '{"a":"1","b":"x\\n,"}',
      '{"a":"2","b":"é"}',
    ]],
    ["b.csv", "csv", "a;b\n1;2\n", ['{"a":"1","b":"2"}']],
    ["a.tsv", "tsv", "a\tb\n1\t2", ['{"a":"1","b":"2"}']],
    ["a.TAB", "tsv", "a\tb\n", []],
    ["empty.csv", "csv", "", []],
    // In a path, the part after these characters is not that of an address.
    ["a#1.csv", "csv", "a\n1\n", ['{"a":"1"}']],
    ["a?b#c.txt", "lines", "1\n", ['"1"']],
  ];
  await using folder = await makeFolder();
  for (const [name, format, text, records] of cases) {
    await folder.write(name, text);
    await t.step(name, async () => {
      const found = await read(`${folder.path}/${name}`);
      assertEquals([found.format, found.records], [format, records]);
    });
    for (const [ending, compress] of [["gz", gzipSync], ["zst", zstdCompressSync]] as const) {
      await t.step(`${name}.${ending}`, async () => {
        const path = `${folder.path}/${name}.${ending}`;
        const middle = Math.ceil(text.length / 2);
        // Programs that compress in parallel write several parts.
        const parts = [text.slice(0, middle), text.slice(middle)];
        await Deno.writeFile(
          path,
          concatBytes(parts.map((part) => compress(encoder.encode(part)))),
        );
        const found = await read(path);
        assertEquals([found.format, found.records], [format, records]);
      });
    }
  }
});

Deno.test("readRecords() reads a stream in chunks of any size", async (t) => {
  const text = "ä\n\nb\n";
  for (
    const [name, bytes] of Object.entries({
      plain: encoder.encode(text),
      gzip: gzipSync(text),
      zstd: zstdCompressSync(encoder.encode(text)),
    })
  ) {
    await t.step(name, async () => {
      const { records, numbers } = await read(bytewise(bytes), { format: "lines" });
      assertEquals([records, numbers], [['"ä"', '"b"'], [1, 3]]);
    });
  }
});

Deno.test("readRecords() reads texts that end with a NUL", async () => {
  const options = { format: "lines", isNulSeparated: true } as const;
  const { records } = await read(bytewise(encoder.encode("a\nb\0\0c \r")), options);
  assertEquals(records, ['"a\\nb"', '""', '"c \\r"']);
});

Deno.test("readRecords() says that lines without a NUL are one text", async () => {
  const options = { format: "lines", isNulSeparated: true } as const;
  const notice = "input has no NUL: all of its lines are one text, leave out -0 to read each line";
  const cases: [text: string, notices: string[]][] = [
    ["a\nb\n", [notice]],
    ["a\nb\0", []],
    ["a\0b\nc", []],
    ["a", []],
  ];
  for (const [text, notices] of cases) {
    assertEquals((await read(bytewise(encoder.encode(text)), options)).notices, notices);
  }
});

Deno.test("inspect() refuses texts that end with a NUL in another format", async () => {
  for (const format of ["ndjson", "json", "geojson", "csv", "tsv"] as const) {
    await assertRejects(
      () => inspect(bytewise(encoder.encode("[1]")), { format, isNulSeparated: true }),
      UsageError,
      `Cannot read input as ${format} with -0, which is for texts that end with a NUL: leave out`,
    );
  }
});

Deno.test("readRecords() decodes other encodings", async () => {
  const latin1 = { format: "lines", encoding: "latin1" } as const;
  assertEquals((await read(bytewise(Uint8Array.of(0xe9, 10, 0xe8)), latin1)).records, [
    '"é"',
    '"è"',
  ]);
  const utf16 = { format: "ndjson", encoding: "utf-16le" } as const;
  const bytes = Uint8Array.of(0xff, 0xfe, 0x31, 0, 10, 0, 0x32, 0);
  assertEquals((await read(bytewise(bytes), utf16)).records, ["1", "2"]);
});

Deno.test("readRecords() lets a byte order mark win over the encoding", async (t) => {
  const big = Uint8Array.of(0xfe, 0xff, 0, 0x61, 0, 10, 0, 0x31, 0, 10);
  const little = Uint8Array.of(0xff, 0xfe, 0x61, 0, 10, 0, 0x31, 0, 10, 0);
  const utf8 = encoder.encode("\ufeffa\n1\n");
  for (const encoding of ["utf-16", "utf-16le", "utf-16be", "latin1"]) {
    for (const [mark, bytes] of Object.entries({ big, little, utf8 })) {
      await t.step(`${mark} with ${encoding}`, async () => {
        const { records } = await read(bytewise(bytes), { format: "csv", encoding });
        assertEquals(records, ['{"a":"1"}']);
      });
    }
  }
});

Deno.test("readRecords() passes over all marks at the start of a file", async (t) => {
  const utf16 = (text: string) =>
    Uint8Array.from(
      [...text].flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]),
    );
  const cases: [format: Format, text: string, record: string][] = [
    ["csv", "a,b\n1,2\n", '{"a":"1","b":"2"}'],
    ["lines", "a\n", '"a"'],
    ["ndjson", "1\n", "1"],
    ["json", "[1]", "1"],
  ];
  for (const [format, text, record] of cases) {
    const marked = `\ufeff\ufeff\ufeff${text}`;
    for (
      const [encoding, bytes] of [["utf-8", encoder.encode(marked)], ["utf-16", utf16(marked)]]
    ) {
      await t.step(`${format} in ${encoding}`, async () => {
        const options = { format, encoding } as InputOptions;
        assertEquals((await read(bytewise(bytes as Uint8Array), options)).records, [record]);
      });
    }
  }
});

Deno.test("readRecords() makes a line with the mark of a joined file a record that fails", async () => {
  const text = "\ufeffa\n\ufeffb\n\ufeff\nc\ufeff\n";
  const { records, numbers } = await read(bytewise(encoder.encode(text)), { format: "lines" });
  assertEquals(records, [
    '"a"',
    `Cannot read input:2: ${MARKED}`,
    `Cannot read input:3: ${MARKED}`,
    '"c\ufeff"',
  ]);
  assertEquals(numbers, [1, 2, 3, 4]);
  const options = { format: "lines", isNulSeparated: true } as const;
  const names = await read(bytewise(encoder.encode("a\0\ufeffb\0")), options);
  assertEquals(names.records, ['"a"', '"\ufeffb"']);
});

Deno.test("toUtf8() removes a mark that is cut, and waits for no more than a mark", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter(), chunks = toUtf8(readable);
  const written = writer.write(encoder.encode("1\n"));
  assertEquals(await chunks.next(), { done: false, value: encoder.encode("1\n") });
  await written;
  await Promise.all([writer.close(), chunks.return(undefined)]);
  const cut = await Array.fromAsync(toUtf8(bytewise(encoder.encode("\ufeff1\n"))));
  assertEquals(new TextDecoder("utf-8", { ignoreBOM: true }).decode(concatBytes(cut)), "1\n");
});

Deno.test("readRecords() makes a line that is not UTF-8 a record that fails", async () => {
  const bytes = Uint8Array.of(97, 10, 0xe9, 10, 98, 10);
  const { records } = await read(bytewise(bytes), { format: "lines" });
  assertEquals(records, [
    '"a"',
    `Cannot read input:2: ${NOT_TEXT}`,
    '"b"',
  ]);
});

Deno.test("readRecords() makes a line that is not in its encoding a record that fails", async (t) => {
  const cases: [encoding: string, bad: number[]][] = [["UTF8", [0xe9]], ["shift_jis", [0xff]]];
  for (const [encoding, bad] of cases) {
    await t.step(encoding, async () => {
      const bytes = Uint8Array.of(97, 10, ...bad, 10, 98, 10);
      const { records } = await read(bytewise(bytes), { format: "lines", encoding });
      assertEquals(records, ['"a"', `Cannot read input:2: ${NOT_TEXT}`, '"b"']);
      const header = Uint8Array.of(...bad, 10, 98, 10);
      await assertRejects(
        () => read(bytewise(header), { format: "csv", encoding }),
        UsageError,
        `:1: ${NOT_TEXT}`,
      );
    });
  }
});

Deno.test("readRecords() makes a line that is too long a record that fails", async () => {
  const long = "a".repeat(17 * 1024 * 1024);
  const { records, numbers } = await read(new Blob([`a\n${long}\nb\n${long}`]).stream(), {
    format: "lines",
  });
  assertEquals([records, numbers], [[
    '"a"',
    "Cannot read input:2: it is longer than 16 MiB",
    '"b"',
    "Cannot read input:4: it is longer than 16 MiB",
  ], [1, 2, 3, 4]]);
});

Deno.test("readRecords() fails when a file is written anew while it is read", async (t) => {
  await using folder = await makeFolder();
  const shorten = (path: string) => Deno.truncate(path, 10);
  const rewrite = async (path: string) => {
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.fill(50, 0, 1));
    await Deno.utime(path, 1, 1);
  };
  const lengthen = (path: string) => Deno.writeTextFile(path, "333,4\n".repeat(400_000));
  const lists = { "a.csv": "1,2\n", "a.txt": "1\n", "a.ndjson": "1\n" };
  for (const [name, line] of Object.entries(lists)) {
    for (
      const [what, change] of [
        ["became shorter", shorten],
        ["was changed", rewrite],
        ["was changed", lengthen],
      ] as const
    ) {
      await t.step(`${name} ${what}, ${change.name}`, async () => {
        const path = `${folder.path}/${name}`;
        await folder.write(name, line.repeat(200_000));
        const error = await assertRejects(() => readWhile(path, change), Error);
        assertEquals(
          error.message,
          `Cannot read ${path}: it ${what} while it was read, start a new job with --reuse`,
        );
      });
    }
  }
  await t.step("a file that is read at any place, and grows", async () => {
    const path = `${folder.path}/a.parquet`;
    await folder.write("a.parquet", "1\n");
    using file = new RandomFile(Deno.openSync(path));
    file.check(path);
    await Deno.writeTextFile(path, "2\n", { append: true });
    assertThrows(() => file.check(path), Error, "it was changed while it was read");
  });
  await t.step("a file that gets another time is read", async () => {
    const path = `${folder.path}/b.ndjson`;
    await folder.write("b.ndjson", "1\n".repeat(200_000));
    assertEquals((await readWhile(path, (path) => Deno.utime(path, 1, 1))).length, 200_000);
  });
  await t.step("a file that grows is read to its end", async () => {
    const path = `${folder.path}/b.ndjson`;
    await folder.write("b.ndjson", "1\n".repeat(200_000));
    const append = (path: string) => Deno.writeTextFile(path, "2\n", { append: true });
    assertEquals((await readWhile(path, append)).at(-1), "2");
  });
});

/** Reads the lines of a file that changes once its first block was read. */
async function readWhile(path: string, change: (path: string) => Promise<void>): Promise<string[]> {
  const to = { lines: new LineNumbers(), notice: () => {} }, decoder = new TextDecoder();
  let text = "";
  for await (const block of await readRecords(await inspect(path, {}), {}, to)) {
    if (text === "") await change(path);
    text += decoder.decode(block);
  }
  return text.trimEnd().split("\n");
}

Deno.test("formatOfName() reads the path of an address", () => {
  const names = ["https://x.org/a.csv?b=c.txt#d", "file:///tmp/a.csv#b.txt", "https.csv?b.txt"];
  assertEquals(names.map(formatOfName), ["csv", "csv", "lines"]);
});

Deno.test("readRecords() fails on compressed data that are damaged or end early", async (t) => {
  const text = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("");
  await using folder = await makeFolder();
  for (
    const [kind, bytes] of [["gzip", gzipSync(text)], ["zstd", zstdCompressSync(text)]] as const
  ) {
    for (const size of [bytes.length - 1, bytes.length >> 1, 20]) {
      await t.step(`${kind}, ${size} of ${bytes.length} bytes`, async () => {
        const path = `${folder.path}/torn`;
        await Deno.writeFile(path, bytes.subarray(0, size));
        const { message } = await assertRejects(() => read(path), UsageError);
        assertMatch(message, /torn: its (gzip|zstd) data are damaged or end early \(.*\), make/);
      });
    }
  }
});

Deno.test("readRecords() checks the checksum of zstd", async () => {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  const bytes = Uint8Array.from(zstdCompressSync("abcdefgh\n", { params }));
  const options = { format: "lines" } as const;
  assertEquals((await read(bytewise(bytes), options)).records, ['"abcdefgh"']);
  bytes[bytes.indexOf(0x64)] = 0x65;
  await assertRejects(
    () => read(bytewise(bytes), options),
    UsageError,
    "Cannot read input: its zstd data are damaged or end early (Zstd decompress error: Restored " +
      "data doesn't match checksum), make the file again",
  );
});

Deno.test("readRecords() names a file of zstd that needs a dictionary", async () => {
  // A frame with the id 5 of a dictionary, and one block of one byte.
  const bytes = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x21, 5, 1, 9, 0, 0, 0x61]);
  await assertRejects(
    () => read(new Blob([bytes]).stream(), { format: "lines" }),
    UsageError,
    "Cannot read input: its zstd data are damaged or end early (Zstd decompress error: " +
      "Dictionary mismatch), make the file again",
  );
});

Deno.test("readRecords() reads frames of zstd of each kind", async (t) => {
  const text = "a long line\n".repeat(20_000);
  const skipped = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);
  const frame = zstdCompressSync(text);
  const huge = { [constants.ZSTD_c_windowLog]: 28, [constants.ZSTD_c_checksumFlag]: 1 };
  const large = "a".repeat(1 << 20).concat("\n").repeat(40);
  const cases: Readonly<Record<string, readonly [bytes: Uint8Array[], text: string]>> = {
    "a skippable frame first": [[skipped, frame], text],
    "a skippable frame between": [[frame, skipped, frame], text + text],
    "an empty frame": [[zstdCompressSync(""), frame], text],
    "only an empty frame": [[zstdCompressSync("")], ""],
    "a large window": [[zstdCompressSync(large, { params: huge })], large],
  };
  for (const [name, [parts, expected]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const source = ReadableStream.from([concatBytes(parts)]);
      const { records } = await read(source, { format: "lines" });
      assertEquals(records, expected.split("\n").slice(0, -1).map((line) => JSON.stringify(line)));
    });
  }
});

Deno.test("readRecords() fails on zstd that other bytes follow", async () => {
  const bytes = concatBytes([zstdCompressSync("a\n"), encoder.encode("b\n")]);
  for (const size of [bytes.length, bytes.length + 10]) {
    const whole = new Uint8Array(size);
    whole.set(bytes);
    await assertRejects(
      () => read(bytewise(whole), { format: "lines" }),
      UsageError,
      "its zstd data are damaged or end early",
    );
  }
});

Deno.test("inspect() reads only the beginning of a stream whose writer waits", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const written = writer.write(encoder.encode("[1]\n"));
  const file = await inspect(readable, {});
  const blocks = (await readRecords(file, {}, { lines: new LineNumbers(), notice: () => {} }))
    [Symbol.asyncIterator]();
  assertEquals(await blocks.next(), { done: false, value: encoder.encode("[1]\n") });
  await written;
  const closed = writer.close();
  assertEquals(await blocks.next(), { done: true, value: undefined });
  await closed;
});

Deno.test("inspect() waits for a whole line of a slow stream, whatever its first part looks like", async (t) => {
  const cases: [parts: string[], options: InputOptions, format: Format, records: string[]][] = [
    [["tr", "ue\n"], {}, "ndjson", ["true"]],
    [["name,", '"n"\nx,1\n'], { format: "csv" }, "csv", ['{"name":"x","n":"1"}']],
    [["a,a", "b\n1,2\n"], { format: "csv" }, "csv", ['{"a":"1","ab":"2"}']],
    [["\xef\xbb", "\xbf1\n"], {}, "ndjson", ["1"]],
    [["x\0", "y\0"], { format: "lines", isNulSeparated: true }, "lines", ['"x"', '"y"']],
    [["[1,", "2]"], { format: "json" }, "json", ["1", "2"]],
    ...[gzipSync("1\n"), zstdCompressSync(encoder.encode("1\n"))].map((
      bytes,
    ): typeof cases[number] => {
      const text = String.fromCharCode(...bytes);
      return [[text.slice(0, 1), text.slice(1)], {}, "ndjson", ["1"]];
    }),
  ];
  async function* slowly(parts: readonly string[]) {
    for (const part of parts) {
      yield Uint8Array.from(part, (char) => char.charCodeAt(0));
      await delay(1100);
    }
  }
  // At the same time, because each of them waits.
  const found = await Promise.all(
    cases.map(([parts, options]) => read(ReadableStream.from(slowly(parts)), options)),
  );
  for (const [i, [parts, , format, records]] of cases.entries()) {
    await t.step(JSON.stringify(parts), () => {
      assertEquals([found[i]!.format, found[i]!.records], [format, records]);
    });
  }
});

Deno.test("inspect() refuses a folder and a missing file", async () => {
  await using folder = await makeFolder();
  const message = `Cannot read ${folder.path}: it is a folder, not a file`;
  await assertRejects(() => inspect(folder.path, {}), UsageError, message);
  await assertRejects(() => inspect(`${folder.path}/a`, {}), UsageError, "no such file");
  await Deno.symlink("loop", `${folder.path}/loop`);
  const cases: [path: string, message: string][] = [
    ["", 'Cannot read "": the name is empty, is a variable of the shell not set?'],
    [`${folder.path}/loop`, "loop: Too many levels of symbolic links"],
    [`${folder.path}/${"a".repeat(300)}`, "a: File name too long"],
  ];
  for (const [path, reason] of cases) {
    await assertRejects(() => inspect(path, {}), UsageError, reason);
  }
});

Deno.test("inspect() refuses addresses that are not files or of a web server", async (t) => {
  const missing = "no such file (relative paths start at";
  const unknown = "is not supported, download it, or pipe it to dl_jobs map TASK -";
  const cases: [source: string | URL, message: string][] = [
    ["s3://tiles/a.csv", `s3://tiles/a.csv: s3 ${unknown}`],
    [new URL("s3://tiles/a.csv"), `s3://tiles/a.csv: s3 ${unknown}`],
    [new URL("data:,1"), `data:,1: data ${unknown}`],
    ["file:///none/a.csv", `file:///none/a.csv: ${missing}`],
    [new URL("file:///none/a.csv"), `file:///none/a.csv: ${missing}`],
    ["data:,1", `data:,1: ${missing}`],
  ];
  for (const [source, message] of cases) {
    await t.step(`${typeof source} ${source}`, async () => {
      await assertRejects(() => inspect(source, {}), UsageError, `Cannot read ${message}`);
    });
  }
});

Deno.test("LineNumbers finds the line of each record", async (t) => {
  const cases: [name: string, lines: number[]][] = [
    ["one line each", [1, 2, 3, 4]],
    ["all on one line", [1, 1, 1, 1]],
    ["records of three lines", [2, 5, 8, 11]],
    ["other distances", [1, 2, 4, 8, 9, 10, 10, 10, 20]],
    ["another order", [9, 3, 5, 4, 1, 2]],
    ["many distances", Array.from({ length: 20_000 }, (_, i) => i * i % 1000)],
  ];
  for (const [name, expected] of cases) {
    await t.step(name, () => {
      const lines = new LineNumbers();
      expected.forEach((line, record) => lines.set(record, line));
      assertEquals(expected.map((_, record) => lines.of(record)), expected);
    });
  }
});
