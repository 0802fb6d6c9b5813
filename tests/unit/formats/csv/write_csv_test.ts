/**
 * Results as CSV and TSV, read back by Python's module `csv`.
 *
 * @module
 */

import type { OutputOptions, OutputRow, OutputSource } from "../../../../lib/formats/output.ts";
import { writeCsv, writeTsv } from "../../../../lib/formats/csv/write_csv.ts";
import { inspect } from "../../../../lib/formats/inspect.ts";
import { LineNumbers } from "../../../../lib/formats/line_numbers.ts";
import { readRecords } from "../../../../lib/formats/read_records.ts";
import { concatBytes } from "../../../../lib/util/bytes/bytes.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Returns a source whose batches contain two rows at most. */
function sourceOf(rows: readonly OutputRow[]): OutputSource {
  return {
    name: "x.csv",
    async *rows() {
      for (let from = 0; from < rows.length; from += 2) yield rows.slice(from, from + 2);
    },
  };
}

async function csv(rows: readonly OutputRow[], options: OutputOptions = {}): Promise<string> {
  return (await Array.fromAsync(writeCsv(sourceOf(rows), options))).join("");
}

async function readLines(path: string): Promise<string[]> {
  const to = { lines: new LineNumbers(), notice: () => {} };
  const blocks = await Array.fromAsync(await readRecords(await inspect(path, {}), {}, to));
  return new TextDecoder().decode(concatBytes(blocks)).split("\n").slice(0, -1);
}

function rowsOf(...results: string[]): OutputRow[] {
  return results.map((result, id) => ({ id, result }));
}

Deno.test("writeCsv() has the columns of all results", async (t) => {
  const cases: [name: string, results: string[], text: string, options?: OutputOptions][] = [
    ["no results", [], ""],
    [
      "keys that appear later",
      ['{"a":1}', '{"b":2,"a":3}', '{"c":null}'],
      "a,b,c\n1,,\n3,2,\n,,\n",
    ],
    [
      "numbers with their digits",
      ['{"a":12345678901234567890,"b":1.50}'],
      "a,b\n12345678901234567890,1.50\n",
    ],
    ["objects in objects", ['{"a":{"b":1,"c":{"d":2}}}', '{"a":3}'], "a.b,a.c.d,a\n1,2,\n,,3\n"],
    ["objects as JSON", ['{"a":{"b":1}}', '{"a":3}'], 'a\n"{""b"":1}"\n3\n', { nested: "json" }],
    ["an object without keys in an object", ['{"a":{},"b":{ }}'], "a,b\n{},{ }\n"],
    ["lists", ['{"a":[1,"x"],"b":[{"c":2}]}'], 'a,b\n"[1,""x""]","[{""c"":2}]"\n'],
    [
      "values that are not objects",
      ["1", '"x"', "null", "[1,2]", "true"],
      'result\n1\nx\n""\n"[1,2]"\ntrue\n',
    ],
    ["values beside objects", ["1", '{"a":2}', "{}"], "result,a\n1,\n,2\n{},\n"],
    ["objects without keys", ["{}", "{}"], "result\n{}\n{}\n"],
    ["null in place of an object", ['{"o":null,"x":1}', '{"o":{"p":2}}'], "x,o.p\n1,\n,2\n"],
    ["null in place of results", ["null", "{}", '{"a":1}'], 'a\n""\n""\n1\n'],
    ["nothing but null inside", ['{"o":null}', '{"o":{"p":null}}'], 'o.p\n""\n""\n'],
    ["one empty cell, whose line is not empty", ['{"a":null}', '{"a":1}'], 'a\n""\n1\n'],
    ["a key with a dot", ['{"a.b":1}', '{"a":2}'], "a.b,a\n1,\n,2\n"],
    [
      "a key with a dot that looks like another column",
      ['{"a.b":1,"a":{"b":2},"c":3}'],
      "result.a\\.b,result.a.b,c\n1,2,3\n",
    ],
    [
      "a key that looks like the column of values",
      ['{"result":1}', "2"],
      "result.result,result\n1,\n,2\n",
    ],
    ["a key that needs quotes", ['{"a,\\"b":1,"=x":2,"":3}'], `"a,""b",'=x,""\n1,2,3\n`],
    [
      "a key that UTF-8 cannot represent",
      ['{"\\ud800":1,"\\udfff":2}'],
      '"""\\ud800""","""\\udfff"""\n1,2\n',
    ],
    ["a key with a byte order mark", ['{"\ufeffa":1,"b":2}'], '"\ufeffa",b\n1,2\n'],
    ["a key that looks like several", ['{"a;b":"1;2"}'], '"a;b"\n1;2\n'],
    ["keys with another delimiter", ['{"a;b":"1;2","c":3}'], "a;b,c\n1;2,3\n"],
    ["a key that looks like the line of Excel", ['{"sep=;":1}'], '"sep=;"\n1\n'],
    ["a key twice", ['{"a":1,"a":2}'], "a\n2\n"],
    ["another order of keys", ['{"a":1,"b":2}', '{"b":3,"a":4}', '{"a":5}'], "a,b\n1,2\n4,3\n5,\n"],
    ["white space", [' { "a" : { "b" : 1 } , "c" : [ 1 ] } '], "a.b,c\n1,[ 1 ]\n"],
    ["a formula", ['{"a":"=1"}'], "a\n=1\n", { raw: true }],
  ];
  for (const [name, results, text, options] of cases) {
    await t.step(name, async () => assertEquals(await csv(rowsOf(...results), options), text));
  }
});

Deno.test("readCsv() reads the keys that writeCsv() and writeTsv() write", async (t) => {
  await using folder = await makeFolder();
  const keys = ["\ufeffa", "a;b", "a,b", "a|b", "a\tb", "sep=;", "SEP=,", "a\nb", '"a"', "'a"];
  for (const [ending, writer] of [["csv", writeCsv], ["tsv", writeTsv]] as const) {
    for (const record of [...keys.map((key) => [key]), keys]) {
      await t.step(`${ending}: ${JSON.stringify(record)}`, async () => {
        const members = (end: string) => record.map((key) => [key, key + end]);
        const results = ["1", "2"].map((end) => JSON.stringify(Object.fromEntries(members(end))));
        const text = await Array.fromAsync(writer(sourceOf(rowsOf(...results)), { raw: true }));
        await folder.write(`x.${ending}`, text.join(""));
        assertEquals(await readLines(`${folder.path}/x.${ending}`), results);
      });
    }
  }
});

Deno.test("writeCsv() writes the arguments beside the results", async (t) => {
  const cases: [name: string, rows: OutputRow[], text: string][] = [
    ["no results", [], ""],
    [
      "objects",
      [{ id: 3, args: '{"x":{"y":1}}', result: '{"m":2}' }, { id: 5, args: "7", result: "8" }],
      "id,args.x.y,args,m,result\n3,1,,2,\n5,,7,,8\n",
    ],
    [
      "keys that look like the columns of the arguments",
      [{ id: 0, args: '{"x":1}', result: '{"id":2,"args":{"x":3},"y":4}' }],
      "id,args.x,result.id,result.args.x,y\n0,1,2,3,4\n",
    ],
    ["arguments without keys", [{ id: 0, args: "{}", result: "1" }], "id,result\n0,1\n"],
  ];
  for (const [name, rows, text] of cases) {
    await t.step(name, async () => assertEquals(await csv(rows, { withArgs: true }), text));
  }
});

Deno.test("Python reads the cells that writeCsv() and writeTsv() write", async (t) => {
  const results = [
    { text: 'a "b", c\t\r\nd\n', n: 1.5, list: ["x, y", 2], deep: { "ü": "😀", no: null } },
    { text: "", n: -3, list: [], deep: { "ü": " x " } },
    { text: "'=1", n: 0, list: [{}], deep: { no: false } },
  ];
  const rows = rowsOf(...results.map((result) => JSON.stringify(result)));
  for (const [dialect, write] of Object.entries({ excel: writeCsv, "excel-tab": writeTsv })) {
    await t.step(dialect, async () => {
      const text = (await Array.fromAsync(write(sourceOf(rows), {}))).join("");
      assertEquals(await readByPython(text, dialect), [
        ["text", "n", "list", "deep.ü", "deep.no"],
        ['a "b", c\t\r\nd\n', "1.5", '["x, y",2]', "😀", ""],
        ["", "-3", "[]", " x ", ""],
        ["'=1", "0", "[{}]", "", "false"],
      ]);
    });
  }
});

async function readByPython(text: string, dialect: string): Promise<unknown> {
  const program = "import csv, json, sys, io\n" +
    `text = io.TextIOWrapper(sys.stdin.buffer, "utf-8", newline="")\n` +
    `json.dump(list(csv.reader(text, "${dialect}")), sys.stdout)`;
  const python = new Deno.Command("python3", {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await new Blob([text]).stream().pipeTo(python.stdin);
  return JSON.parse(new TextDecoder().decode((await python.output()).stdout));
}
