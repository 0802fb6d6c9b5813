/**
 * The errors for lines that are not valid JSON.
 *
 * @module
 */

import { badLine } from "../../../lib/ndjson/bad_line.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertInstanceOf, assertRejects } from "../../support/assert.ts";
import { readAll, readUntilError, streamOf } from "./sources.ts";

Deno.test("read() reports where a line is not valid JSON", async (t) => {
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
    // A quotation in the message must not be read as its position.
    ["x at position 3", "2:1", `Unexpected token 'x', "x at position 3" is not valid JSON`],
    ["\ufeff1", "2:1", "a byte order mark (U+FEFF) begins the line, remove it"],
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

Deno.test("read() reports where a line is broken, however deep or long it is", async () => {
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

Deno.test("badLine() accepts any cause", () => {
  assertEquals(badLine("x", "list", 7, "odd").message, "Cannot read list:7:1: odd");
});
