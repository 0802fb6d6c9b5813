import { readCsv } from "../../../../lib/formats/csv/read_csv.ts";
import { LineNumbers } from "../../../../lib/formats/line_numbers.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Reads CSV with types: its lines, and its notices. */
async function read(text: string, hasHeader = true): Promise<[lines: string[], notices: string[]]> {
  const notices: string[] = [], bytes = new TextEncoder().encode(text);
  const chunks = ReadableStream.from([bytes.subarray(0, 5), bytes.subarray(5)]);
  const notice = (sentence: string) => void notices.push(sentence);
  const file = { name: "a.csv", chunks, lines: new LineNumbers(), notice };
  const blocks = await Array.fromAsync(readCsv(file, { isTyped: true, hasHeader }));
  return [new TextDecoder().decode(concatBytes(blocks)).split("\n").slice(0, -1), notices];
}

Deno.test("a cell becomes a number where JSON has the same number", async (t) => {
  const long = `0.${"0".repeat(400)}1`, zeros = `0.${"0".repeat(400)}`;
  const cases: [cell: string, json: string][] = [
    ...[
      "0",
      "-0",
      "7",
      "-7",
      "1.50",
      "0.1",
      "12345678901234567890",
      "1e5",
      "1E+5",
      "1.5e-7",
      "0e999",
    ],
    ...["0.12345678901234567890123", zeros, "1e308"],
  ].map((cell) => [cell, cell]);
  const texts = [
    ...[
      "007",
      "-007",
      "00",
      "+5",
      "1_000",
      "1,000",
      ".5",
      "5.",
      "-",
      "- 1",
      " 1",
      "1 ",
      "0x10",
      "1e",
    ],
    ...["1e+", "1e400", "-1e400", "1e-400", "1.e5", "1.5.2", "1e5.5", "NaN", "Infinity", "١", long],
    ...["9".repeat(400)],
  ];
  for (const [cell, json] of [...cases, ...texts.map((text) => [text, JSON.stringify(text)])]) {
    await t.step(cell!.slice(0, 30), async () => {
      assertEquals((await read(`a,b\n"${cell}","${cell}"\n`))[0], [`{"a":${json},"b":${json}}`]);
    });
  }
});

Deno.test("a cell becomes true, false or null, else it stays text", async () => {
  const [lines] = await read('a\ntrue\nFALSE\nTrue\nyes\ntruth\nnull\n""\n" "\ntru\n"tr""e"\n');
  const values = lines.map((line) => JSON.parse(line).a);
  assertEquals(values, [true, false, true, "yes", "truth", "null", null, " ", "tru", 'tr"e']);
});

Deno.test("a notice says which columns have other values than text", async (t) => {
  await t.step("with the numbers of values", async () => {
    const [lines, notices] = await read("id,name,zip,ok\n1,Oslo,0150,true\n2,,5003,\n3\n");
    assertEquals(lines, [
      '{"id":1,"name":"Oslo","zip":"0150","ok":true}',
      '{"id":2,"name":null,"zip":5003,"ok":null}',
      "Cannot read a.csv:4: it has 1 cell, the header has 4",
    ]);
    assertEquals(notices, [
      "Typed columns of a.csv: id (2 numbers), name (1 null, 1 text), zip (1 number, 1 text), " +
      "ok (1 boolean, 1 null)",
    ]);
  });
  await t.step("without a header", async () => {
    const [lines, notices] = await read("1,a\n2,b,true\n", false);
    assertEquals(lines, ['[1,"a"]', '[2,"b",true]']);
    assertEquals(notices, ["Typed columns of a.csv: 1 (2 numbers), 3 (1 boolean)"]);
  });
  await t.step("without such values", async () => {
    const [, notices] = await read("a\nb\n");
    assertEquals(notices, ["Typed columns of a.csv: no column, all cells are text"]);
  });
  await t.step("with many columns", async () => {
    const names = Array.from({ length: 25 }, (_, i) => `c${i}`);
    const [, notices] = await read(`${names}\n${names.map(() => 1)}\n`);
    const listed = names.slice(0, 20).map((name) => `${name} (1 number)`);
    assertEquals(notices, [`Typed columns of a.csv: ${listed.join(", ")} and 5 more columns`]);
  });
});
