import { inspect } from "../../../../lib/formats/inspect.ts";
import { csvStart } from "../../../../lib/formats/csv/start.ts";
import { type InputOptions, NOT_TEXT } from "../../../../lib/formats/format.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";

const encoder = new TextEncoder();

function start(text: string, options: InputOptions = {}) {
  const { format = "csv" } = options, beginning = { head: encoder.encode(text), isWhole: true };
  const { delimiter, skip, notice } = csvStart("a.csv", format, beginning, options);
  return [String.fromCharCode(delimiter), skip, notice];
}

Deno.test("csvStart() determines the delimiter", async (t) => {
  const other = (shown: string) => `The delimiter of a.csv is ${shown}`;
  const too = (shown: string) =>
    `${other("','")}, but ${shown} divides its records evenly, too: pass --delimiter ${shown} ` +
    "if it is that";
  const cases: [name: string, text: string, options: InputOptions, expected: unknown[]][] = [
    ["a comma", "a,b\n1;2,3;4\n", {}, [",", 0, undefined]],
    ["a comma, although records are uneven", "a,b\n1\n1,2,3\n", {}, [",", 0, undefined]],
    ["a comma, in names with other characters", "a|x,b|y\n1,2\n", {}, [",", 0, undefined]],
    ["a comma, although a tab is possible", "a\tb,c\n1\t2,000\n", {}, [",", 0, too("tab")]],
    ["a comma, although a semicolon is possible", "a,b;c\n1,2;3\n", {}, [",", 0, too("';'")]],
    ["a comma, in a header with semicolons only", "a;b,c\n1,2\n", {}, [",", 0, undefined]],
    ["a comma, because there is no other", "name\nOslo\n", {}, [",", 0, undefined]],
    ["a comma, in an empty file", "", {}, [",", 0, undefined]],
    ["a semicolon", "a;b\n1,5;2\n", {}, [";", 0, other("';'")]],
    ["a semicolon, besides quotes", '"a;x";b\n1;"2;;"\n', {}, [";", 0, other("';'")]],
    ["a semicolon, in a header with a comma", "a, x;b;c\n1;2;3\n", {}, [";", 0, other("';'")]],
    ["a semicolon, in a header only", "a;b\n", {}, [";", 0, other("';'")]],
    ["a tab", "a\tb\n1\t2\n", {}, ["\t", 0, other("tab")]],
    ["a bar", "a|b\n1|2\n", {}, ["|", 0, other("'|'")]],
    ["a tab in tsv", "a,x\tb,x\n1\t2\n", { format: "tsv" }, ["\t", 0, undefined]],
    ["a comma in tsv", "a,b\n1,2\n", { format: "tsv" }, [",", 0, other("','")]],
    ["a tab in tsv without a header", "1,2\t3,4\n", { format: "tsv", hasHeader: false }, [
      "\t",
      0,
      undefined,
    ]],
    ["the line of Excel", "sep=;\r\na,b;c\r\n", {}, [";", 7, undefined]],
    ["a tab in the line of Excel", "SEP=\t\na\tb\n", {}, ["\t", 6, undefined]],
    ["an option", "a,b;c\n1,2;3\n", { delimiter: ";" }, [";", 0, undefined]],
    ["an option that is probably wrong", "a,b\n1,2\n", { delimiter: ";" }, [
      ";",
      0,
      "The delimiter of a.csv is ';', but ',' divides its records evenly",
    ]],
    ["an option besides the line of Excel", "sep=;\na,b\n1,2\n", { delimiter: "," }, [
      ",",
      6,
      undefined,
    ]],
    ["an option tab", "a", { delimiter: "tab" }, ["\t", 0, undefined]],
    ["an option \\t", "a", { delimiter: "\\t" }, ["\t", 0, undefined]],
    ["an option with a tab", "a", { delimiter: "\t" }, ["\t", 0, undefined]],
    ["an option with a space", "a", { delimiter: " " }, [" ", 0, undefined]],
  ];
  for (const [name, text, options, expected] of cases) {
    await t.step(name, () => assertEquals(start(text, options), expected));
  }
});

Deno.test("csvStart() refuses to guess", async (t) => {
  const cases: [name: string, text: string, options: InputOptions, message: string][] = [
    [
      "a delimiter that does not divide each record",
      "a;b\n1;2\n3\n",
      {},
      "Cannot read a.csv as csv: the character between its cells is not certain, pass " +
      "--delimiter ';' or --delimiter ','",
    ],
    [
      "numbers with commas between semicolons",
      "59,91;10,75\n60,39;5,32\n",
      { hasHeader: false },
      "Cannot read a.csv as csv: the character between its cells is not certain, pass " +
      "--delimiter ',' or --delimiter ';'",
    ],
    ...["ab", "", '"', "\n", "é", "tabs"].map((
      delimiter,
    ): [string, string, InputOptions, string] => [
      `the delimiter ${JSON.stringify(delimiter)}`,
      "a,b\n",
      { delimiter },
      `Cannot use --delimiter '${delimiter}': write one character of ASCII, such as ';', or tab`,
    ]),
  ];
  for (const [name, text, options, message] of cases) {
    await t.step(name, () => {
      assertEquals(assertThrows(() => start(text, options), UsageError).message, message);
    });
  }
});

Deno.test("inspect() checks tables and their options", async (t) => {
  const DUPLICATE = 'columns 1 and 2 have the same name, "id", rename one of them, or pass ' +
    "--no-header to get arrays";
  const cases: [name: string, text: string | Uint8Array, InputOptions, message: string][] = [
    ["a.csv", "\ufeffid,id\n", {}, `: ${DUPLICATE}`],
    ["a.data", "id;id\r\n", { delimiter: ";" }, `: ${DUPLICATE}`],
    ["a.csv", "id,id", { format: "csv" }, `: ${DUPLICATE}`],
    [
      "a.csv",
      "Made by,X\n\na,b,c\n1,2,3\n",
      {},
      " as csv: most records have 3 cells, the header has 2, remove lines before the header, or " +
      "pass --no-header to get arrays",
    ],
    [
      "a.csv",
      '"id\n',
      {},
      ":1: the quote in column 1 is not closed, pass --no-quotes if it is text",
    ],
    [
      "a.csv",
      Uint8Array.of(0xe9, 44, 97, 10),
      { format: "csv" },
      `:1: ${NOT_TEXT}`,
    ],
    [
      "a.csv",
      Uint8Array.of(0xe9, 44, 97, 10),
      {},
      " as csv: it looks like text in Latin-1 (line 1 is not UTF-8), pass --encoding latin1 to read it",
    ],
    [
      "a.csv",
      '{"id":1}\n',
      {},
      ' as csv: it looks like ndjson (line 1: {"id":1}), pass --input ndjson to read it',
    ],
    [
      "a.csv",
      "[1,2]",
      {},
      " as csv: it looks like one JSON array (line 1: [1,2]), pass --input json to read it",
    ],
    [
      "a.tsv",
      "\n<html>\n",
      {},
      " as tsv: it looks like an HTML page (line 2: <html>), if it is the error of a server, check " +
      "its address",
    ],
    [
      "a.ndjson",
      '{"id":1}\n',
      { isTyped: true },
      " as ndjson with --typed, which is for CSV: pass --input csv if it is CSV",
    ],
  ];
  for (const [name, text, options, message] of cases) {
    await t.step(`${name}: ${message}`, async () => {
      await using folder = await makeFolder();
      const path = `${folder.path}/${name}`;
      await Deno.writeFile(path, typeof text === "string" ? encoder.encode(text) : text);
      const error = await assertRejects(() => inspect(path, options), UsageError);
      assertEquals(error.message, `Cannot read ${path}${message}`);
    });
  }
  for (const text of ["a,b\n1\n", "a,b\n1\n1,2\n1\n3,4\n", 'a,b\n"\n"1"2\n'.repeat(3), "a\r1\r2"]) {
    await t.step(`records that fail alone: ${JSON.stringify(text)}`, async () => {
      await using folder = await makeFolder({ "a.csv": text });
      assertEquals((await inspect(`${folder.path}/a.csv`, {})).format, "csv");
    });
  }
  await t.step("a table in an encoding", async () => {
    await using folder = await makeFolder();
    const path = `${folder.path}/a.csv`;
    await Deno.writeFile(path, Uint8Array.of(0xe9, 44, 97, 10));
    assertEquals((await inspect(path, { encoding: "latin1" })).format, "csv");
  });
});
