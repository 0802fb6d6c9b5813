import { readEnvFiles } from "../../../lib/config/env_file.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

Deno.test("readEnvFiles() reads lines and JSON, and a later file overrides an earlier one", async () => {
  await using folder = await makeFolder({
    "a.env": "\uFEFF# comment\nexport A=1.10\nB='two\nlines'\n\nC=\"x=1, y\" # more\r\nD=\n",
    "b.json": '  {"A": "0123", "E": "`\'\\"\\n"}',
    "empty.env": "# nothing\n\n",
  });
  const files = ["a.env", `${folder.path}/b.json`, "empty.env"];
  assertEquals(await readEnvFiles(files, folder.path), {
    ...{ A: "0123", B: "two\nlines", C: "x=1, y", D: "", E: "`'\"\n" },
  });
});

Deno.test("readEnvFiles() refuses a file that it cannot read, without its content", async (t) => {
  await using folder = await makeFolder({
    "words.env": "this is s3cret\n",
    "list.json": '{"A": ["s3cret"]}',
    "torn.json": '{"A": "s3cret',
    "nul.env": "A=1\nB=s3cret\0\n",
    "nul.json": '{"A": "1", "B": "s3cret\\u0000"}',
    "name.json": '{"A=": "s3cret"}',
  });
  const latin1 = Uint8Array.from("A=1\nB=s3cret\xe9\nC=2", (char) => char.charCodeAt(0));
  await Deno.writeFile(`${folder.path}/latin1.env`, latin1);
  const cases: [file: string, message: RegExp][] = [
    [
      "none.env",
      /^Cannot read the variables in none\.env: No such file .*, name another --env-file$/,
    ],
    [
      "words.env",
      /^Cannot read the variables in words\.env:1: the line does not have the form NAME=VALUE/,
    ],
    ["list.json", /^Cannot read the variables in list\.json: it is not a JSON object of texts/],
    [
      "nul.env",
      /^Cannot read the variables in nul\.env: the value of B contains a NUL character, .*, remove it$/,
    ],
    ["nul.json", /^Cannot read the variables in nul\.json: the value of B contains a NUL/],
    ["name.json", /^Cannot read the variables in name\.json: a name is empty, or contains =/],
    [
      "latin1.env",
      /^Cannot read the variables in latin1\.env:2: the line is not UTF-8, convert the file to UTF-8$/,
    ],
    ["torn.json", /^Cannot read the variables in torn\.json: it is not a JSON object of texts/],
  ];
  for (const [file, message] of cases) {
    await t.step(file, async () => {
      const error = await assertRejects(() => readEnvFiles([file], folder.path), UsageError);
      assertEquals([message.test(error.message), error.message.includes("s3cret")], [true, false]);
    });
  }
});
