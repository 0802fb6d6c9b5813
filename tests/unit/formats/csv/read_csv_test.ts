import { promisify } from "node:util";
import spectrum from "npm:csv-spectrum@2.0.0";
import { parse } from "npm:deno-std@1.4.0/csv/mod.js";
import { readCsv, readTsv } from "../../../../lib/formats/csv/read_csv.ts";
import type { InputOptions } from "../../../../lib/formats/format.ts";
import { LineNumbers } from "../../../../lib/formats/line_numbers.ts";
import { MARKED } from "../../../../lib/ndjson/bad_line.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assert, assertEquals, assertRejects } from "../../../support/assert.ts";

const encoder = new TextEncoder();

/** The lines of a reader, the line of each record in the file, and its notices. */
interface Read {
  readonly records: string[];
  readonly numbers: number[];
  readonly notices: string[];
}

/** Reads a file in chunks, whose memory is used again for the next chunk. */
async function read(
  file: string | Uint8Array,
  options: InputOptions = {},
  sizes: () => number = () => 65_536,
): Promise<Read> {
  const bytes = typeof file === "string" ? encoder.encode(file) : file;
  const lines = new LineNumbers(), notices: string[] = [];
  const notice = (text: string) => void notices.push(text);
  const reader = options.format === "tsv" ? readTsv : readCsv;
  const blocks = reader({ name: "a.csv", chunks: cut(bytes, sizes), lines, notice }, options);
  const text = new TextDecoder().decode(concatBytes(await Array.fromAsync(blocks)));
  const records = text.split("\n").slice(0, -1);
  return { records, numbers: records.map((_, i) => lines.of(i)), notices };
}

async function* cut(bytes: Uint8Array, sizes: () => number): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(65_536);
  for (let at = 0, size; at < bytes.length; at += size) {
    size = Math.min(sizes(), bytes.length - at);
    memory.set(bytes.subarray(at, at + size));
    yield memory.subarray(0, size);
    memory.fill(34);
  }
}

async function values(file: string, options?: InputOptions): Promise<unknown[]> {
  return (await read(file, options)).records.map((line) => JSON.parse(line));
}

/** Returns a function that returns pseudo-random integers below a limit. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(state / 2 ** 31 * limit);
  };
}

Deno.test("readCsv() reads the cases of csv-spectrum in chunks of any size", async (t) => {
  const cases = await promisify(spectrum)() as {
    name: string;
    csv: Uint8Array;
    json: Uint8Array;
  }[];
  assertEquals(cases.length, 12);
  for (const { name, csv, json } of cases) {
    await t.step(name, async () => {
      // One of the files is not UTF-8, and its telephone number differs from the expected one.
      const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
      const isOdd = name === "location_coordinates", decode = isOdd ? latin1 : asText;
      const text = decode(csv).replace("2095257564", "1234567890");
      const expected = [JSON.parse(decode(json))].flat(), bytes = encoder.encode(text);
      for (let size = 1; size <= bytes.length; size++) {
        const { records } = await read(bytes, {}, () => size);
        assertEquals(records.map((line) => JSON.parse(line)), expected);
      }
    });
  }
});

function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("readCsv() follows RFC 4180, and reads what programs write besides", async (t) => {
  const cases: [name: string, text: string, records: unknown[]][] = [
    ["lines that end with CR LF", "a,b\r\n1,2\r\n", [{ a: "1", b: "2" }]],
    ["a last line without its end", "a,b\r\n1,2", [{ a: "1", b: "2" }]],
    ["lines that end with CR", "a,b\r1,2\r3,4", [{ a: "1", b: "2" }, { a: "3", b: "4" }]],
    ["spaces, which are part of a cell", "a,b\n 1 , \n", [{ a: " 1 ", b: " " }]],
    ["quotes around any cell", '"a","b"\n"1",2\n', [{ a: "1", b: "2" }]],
    ["line breaks in quotes", '"a\nb"\n"1\r\n2"\n"\r"\n', [{ "a\nb": "1\r\n2" }, { "a\nb": "\r" }]],
    ["delimiters in quotes", '"a,b"\n","\n', [{ "a,b": "," }]],
    ["doubled quotes", '"a""b"\n""""\n', [{ 'a"b': '"' }]],
    ["empty cells", 'a,b\n,\n"",""\n', [{ a: "", b: "" }, { a: "", b: "" }]],
    ["a last cell that is empty", "a,b\n1,", [{ a: "1", b: "" }]],
    ["a record of an empty cell", 'a\n""\n', [{ a: "" }]],
    ["blank lines between records", "\n\r\na\n\n1\n\r\n\n2\n\n", [{ a: "1" }, { a: "2" }]],
    ["quotes in the middle of a cell", 'a,b\n5" pipe,b"c"\n', [{ a: '5" pipe', b: 'b"c"' }]],
    ["characters that JSON escapes", 'a\n\\\t\x00\x1f\x7f"\n', [{ a: '\\\t\x00\x1f\x7f"' }]],
    ["characters outside of ASCII", "é\nü€😀\u2028\n", [{ é: "ü€😀\u2028" }]],
    ["a key that objects have already", "__proto__,id\n1,2\n", [
      JSON.parse('{"__proto__":"1","id":"2"}'),
    ]],
    ["numbers and words, which stay text", "a,b,c\n007,true,\n", [{ a: "007", b: "true", c: "" }]],
    ["a header only", "a,b\n", []],
    ["a header without its end", "a,b", []],
    ["nothing", "", []],
    ["blank lines only", "\n\n", []],
  ];
  for (const [name, text, records] of cases) {
    await t.step(name, async () => {
      assertEquals(await values(text), records);
      const bytewise = await read(text, {}, () => 1);
      assertEquals(bytewise.records.map((line) => JSON.parse(line)), records);
    });
  }
});

Deno.test("readCsv() reads random tables in random chunks, as @std/csv does", async () => {
  const random = randomNumbers(7), pick = (of: readonly string[]) => of[random(of.length)]!;
  const parts = ["a", "é", "😀", '"', ",", "\n", "\r\n", " ", "\\", "0", ";", "\t"];
  const many = <T>(count: number, one: () => T) => Array.from({ length: count }, one);
  for (let round = 0; round < 400; round++) {
    const width = 1 + random(4), end = pick(["\n", "\r\n"]);
    const rows = many(
      1 + random(6),
      () => many(width, () => many(random(5), () => pick(parts)).join("")),
    );
    const texts = rows.map((row) =>
      row.map((cell) => {
        const isQuoted = /[",\r\n]/.test(cell) || row.join("") === "" || random(3) === 0;
        return isQuoted ? `"${cell.replaceAll('"', '""')}"` : cell;
      }).join(",") + end
    );
    const text = texts.join(""), isTorn = random(2) === 0;
    const { records, numbers } = await read(
      isTorn ? text.slice(0, -end.length) : text,
      { hasHeader: false, delimiter: "," },
      () => 1 + random(9),
    );
    assertEquals(records.map((line) => JSON.parse(line)), rows, text);
    assertEquals(numbers, rows.map((_, i) => texts.slice(0, i).join("").split("\n").length), text);
    // It changes line breaks in cells.
    const changed = rows.map((row) => row.map((cell) => cell.replaceAll("\r\n", "\n")));
    assertEquals(parse(text), changed, text);
  }
});

Deno.test("readCsv() yields the same records for any chunks of any bytes", async () => {
  const random = randomNumbers(11), bytes = encoder.encode('a"",,\n\r\\1\xff');
  for (let round = 0; round < 400; round++) {
    const file = Uint8Array.from({ length: random(40) }, () => bytes[random(bytes.length)]!);
    const options = { hasHeader: false, delimiter: "," };
    const whole = await read(file, options);
    for (const sizes of [() => 1, () => 1 + random(5)]) {
      assertEquals(await read(file, options, sizes), whole, JSON.stringify(asText(file)));
    }
    for (const record of whole.records.filter((line) => !line.startsWith("["))) {
      assert(record.startsWith("Cannot read a.csv:"), record);
    }
  }
});

Deno.test("readCsv() fails records alone, and names their lines", async (t) => {
  const cases: [name: string, text: string, records: string[], numbers: number[]][] = [
    [
      "fewer and more cells than the header",
      "a,b\n1\n1,2\n1,2,3\n",
      [
        "Cannot read a.csv:2: it has 1 cell, the header has 2",
        '{"a":"1","b":"2"}',
        "Cannot read a.csv:4: it has 3 cells, the header has 2",
      ],
      [2, 3, 4],
    ],
    [
      "a number of cells that is wrong in a record of several lines",
      'a,b\n"1\n\r2"\n1,2\n',
      ["Cannot read a.csv:2: it has 1 cell, the header has 2 (up to line 4)", '{"a":"1","b":"2"}'],
      [2, 5],
    ],
    [
      "text after a closing quote",
      'a,b\n1,"2" \n1,2\n',
      [
        "Cannot read a.csv:2: text follows the closing quote in column 2, double the quotes inside of a cell, or pass --no-quotes",
        '{"a":"1","b":"2"}',
      ],
      [2, 3],
    ],
    [
      "a single quote that a later one seems to close",
      'a,b\n"1,2\n3,"4"\n5,6\n',
      [
        "Cannot read a.csv:2: text follows the closing quote in column 1, double the quotes inside of a cell, or pass --no-quotes (line 3 is read as a record)",
        '{"a":"3","b":"4"}',
        '{"a":"5","b":"6"}',
      ],
      [2, 3, 4],
    ],
    [
      "a quote that is not closed",
      'a,b\r\n1,"2\r\n\r\n3,4\r\n5,6',
      [
        "Cannot read a.csv:2: the quote in column 2 is not closed, pass --no-quotes if it is text (line 3 is read as a record)",
        '{"a":"3","b":"4"}',
        '{"a":"5","b":"6"}',
      ],
      [2, 4, 5],
    ],
    [
      "the start of a file that was joined to another one",
      'a,b\n1,2\n\ufeffa,b\n\ufeff"3\n4",5\n6,\ufeff7\n"\ufeff8",9\n\ufeff',
      [
        '{"a":"1","b":"2"}',
        `Cannot read a.csv:3: ${MARKED}`,
        `Cannot read a.csv:4: ${MARKED}`,
        '{"a":"4\\"","b":"5"}',
        '{"a":"6","b":"\ufeff7"}',
        '{"a":"\ufeff8","b":"9"}',
        `Cannot read a.csv:8: ${MARKED}`,
      ],
      [2, 3, 4, 5, 6, 7, 8],
    ],
    [
      "several quotes that are not closed",
      'a,b\n1,"2\n3,"4\n5,"6',
      [
        "Cannot read a.csv:2: text follows the closing quote in column 2, double the quotes inside of a cell, or pass --no-quotes (line 3 is read as a record)",
        "Cannot read a.csv:3: text follows the closing quote in column 2, double the quotes inside of a cell, or pass --no-quotes (line 4 is read as a record)",
        "Cannot read a.csv:4: the quote in column 2 is not closed, pass --no-quotes if it is text",
      ],
      [2, 3, 4],
    ],
  ];
  for (const [name, text, records, numbers] of cases) {
    await t.step(name, async () => {
      const expected = { records, numbers, notices: [] };
      for (let size = 1; size <= text.length; size++) {
        assertEquals(await read(text, {}, () => size), expected);
      }
    });
  }
});

Deno.test("readCsv() reads on after a quote that no quote closes within 16 MiB", async () => {
  const row = `1,${"x".repeat(98)}\n`, rows = row.repeat(200_000);
  const { records, numbers } = await read(`a,b\n1,"2\n${rows}`);
  assertEquals(records.length, 200_001);
  assertEquals(
    records[0],
    "Cannot read a.csv:2: it is longer than 16 MiB, or the quote in column 2 is not closed, pass --no-quotes if it is text (line 3 is read as a record)",
  );
  assertEquals(new Set(records.slice(1)).size, 1);
  assertEquals(numbers.at(-1), 200_002);
});

Deno.test("readCsv() skips a line that is longer than 16 MiB", async () => {
  const { records } = await read(`a,b\n1,${"x".repeat(2 ** 25)}\n3,4`);
  assertEquals(records.map((record) => record.slice(0, 80)), [
    "Cannot read a.csv:2: it is longer than 16 MiB",
    '{"a":"3","b":"4"}',
  ]);
});

Deno.test("readCsv() reads records as arrays when there is no header", async () => {
  const { records, numbers } = await read("1,2\n\n3\n,\n", { hasHeader: false });
  assertEquals(records, ['["1","2"]', '["3"]', '["",""]']);
  assertEquals(numbers, [1, 3, 4]);
});

Deno.test("readTsv() reads quotes as text when there are none around cells", async () => {
  const text = 'title\tyear\n"Rome" Express\t1932\n"Nosferatu\t1922\n""\t"\n';
  const options: InputOptions = { format: "tsv", hasQuotes: false };
  for (let size = 1; size <= text.length; size++) {
    const { records } = await read(text, options, () => size);
    assertEquals(records.map((line) => JSON.parse(line)), [
      { title: '"Rome" Express', year: "1932" },
      { title: '"Nosferatu', year: "1922" },
      { title: '""', year: '"' },
    ]);
  }
});

Deno.test("readCsv() yields the records that it has, before it reads on", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const blocks = readCsv(
    { name: "-", chunks: readable, lines: new LineNumbers(), notice: () => {} },
    {},
  );
  for (
    const [text, record] of [["a,b\n1,2\n3", '{"a":"1","b":"2"}\n'], [
      ",4\n",
      '{"a":"3","b":"4"}\n',
    ]]
  ) {
    const next = blocks.next();
    await writer.write(encoder.encode(text));
    assertEquals(asText((await next).value!), record);
  }
  await writer.close();
  assertEquals((await blocks.next()).done, true);
});

Deno.test("a header must name its columns, each differently", async (t) => {
  const error = async (text: string) => (await assertRejects(() => read(text), UsageError)).message;
  await t.step("two columns with one name", async () => {
    assertEquals(
      await error("id,a,b,a\n1,2,3,4\n"),
      'Cannot read a.csv: columns 2 and 4 have the same name, "a", rename one of them, or pass ' +
        "--no-header to get arrays",
    );
  });
  await t.step("columns without a name", async () => {
    assertEquals(await read(",a,\n0,1,2\n"), {
      records: ['{"column_1":"0","a":"1","column_3":"2"}'],
      numbers: [2],
      notices: ["Columns of a.csv have no name, their keys are column_1, column_3"],
    });
  });
  await t.step("a column without a name, whose key exists", async () => {
    assertEquals(
      await error(",column_1\n"),
      'Cannot read a.csv: columns 1 and 2 have the same name, "column_1", rename one of them, or ' +
        "pass --no-header to get arrays",
    );
  });
  await t.step("only a header", async () => {
    assertEquals(await read("a,b\r\n"), { records: [], numbers: [], notices: [] });
  });
  await t.step("names with spaces", async () => {
    assertEquals(await read("a, b\n1,2\n"), {
      records: ['{"a":"1"," b":"2"}'],
      numbers: [2],
      notices: ['Names in the header of a.csv have spaces: " b"'],
    });
  });
  await t.step("years as names", async () => {
    assertEquals((await read("a,1990,2020\n1,2,3\n")).notices, []);
  });
  await t.step("very many names", async () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
    const { records } = await read(`${names}\n${names}\n`);
    assertEquals(JSON.parse(records[0]!), Object.fromEntries(names.map((name) => [name, name])));
  });
  await t.step("a record that is probably no header", async () => {
    const { notices } = await read("1,Oslo\n2,Bergen\n");
    assertEquals(notices, [
      "The first record of a.csv is its header (1, Oslo), pass --no-header if it is not",
    ]);
  });
  await t.step("a quote that is not closed", async () => {
    assertEquals(
      await error('a,"b\n1,2\n'),
      "Cannot read a.csv:1: the quote in column 2 is not closed, pass --no-quotes if it is text",
    );
  });
});
