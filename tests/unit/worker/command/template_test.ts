/**
 * The templates of commands, filled with the arguments of tasks.
 *
 * @module
 */

import type { CommandRef } from "../../../../lib/job_dir/record.ts";
import { Argument } from "../../../../lib/worker/command/argument.ts";
import { readTemplate } from "../../../../lib/worker/command/template.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

function fill(words: readonly string[], json: string, more: Partial<CommandRef> = {}): string[] {
  return readTemplate({ command: words, ...more }).fill(new Argument(json, 7));
}

Deno.test("a template is filled with the argument of a task", async (t) => {
  const cases: [word: string, json: string, ...filled: string[]][] = [
    ["{}", '"a b"', "a b"],
    ["{}", '"-n"', "-n"],
    ["x{}y", '"\\n\\"\'$(id)"', "x\n\"'$(id)y"],
    ["{}", "12", "12"],
    ["{}", "1.10", "1.10"],
    ["{}", "9007199254740993", "9007199254740993"],
    ["{}", "1e400", "1e400"],
    ["{}", "null", "null"],
    ["{}", '{"b":1,"1":2.50}', '{"b":1,"1":2.50}'],
    ["{a}", '{"a":"x"}', "x"],
    ["{a.b}", '{"a":{"b":true}}', "true"],
    ["{a.b}", '{"a.b":1,"a":{"b":2}}', "1"],
    ["{a.b.c}", '{"a.b":{"c":3}}', "3"],
    ["{p.eo:cloud}", '{"p":{"eo:cloud":0.50}}', "0.50"],
    ["{file name}", '{"file name":"x"}', "x"],
    ["{a}", '{"a":{"b":[1, 2.0]}}', '{"b":[1,2.0]}'],
    ["{0}-{1}", '["a",2]', "a-2"],
    ["{0.x}", '[{"x":"y"}]', "y"],
    ["{#}", "1", "7"],
    ["{__proto__}", '{"__proto__":"own"}', "own"],
    // A list is several arguments, unless it is only a part of a word.
    ["{}", '["a b",2,{"c":3}]', "a b", "2", '{"c":3}'],
    ["{}", "[]"],
    ["{a}", '{"a":["x","y"]}', "x", "y"],
    ["{a}.", '{"a":["x"]}', '["x"].'],
    ["{a|json}", '{"a":["x"]}', '["x"]'],
    ["{|json}", '"a\\"b"', '"a\\"b"'],
    ["{|stem}", '"in/a.tar.gz"', "a.tar"],
    ["{|name}", '"in/a.tar.gz"', "a.tar.gz"],
    ["{|ext}", '"in/a.tar.gz"', ".gz"],
    ["{|dir}", '"in/a.tar.gz"', "in"],
    ["{|dir|name}", '"x/in/a.gz"', "in"],
    ["{a|stem|json}", '{"a":"b.c"}', '"b"'],
    ["{|stem}", "12", "12"],
    // Other braces are text.
    ["{{}}", "1", "{}"],
    ["{{a}}", "1", "{a}"],
    ["{{{a}}}", '{"a":1}', "{1}"],
    ["{{print $1}}", "1", "{print $1}"],
    ["{print $1}", "1", "{print $1}"],
    ['{"a":{"b":{}}}', "5", '{"a":{"b":5}}'],
    ["{ echo; }", "1", "{ echo; }"],
    ["{a,b}", "1", "{a,b}"],
    ["$1 ${}", "1", "$1 $1"],
    ["plain", "1", "plain"],
    ["", "1", ""],
  ];
  for (const [word, json, ...filled] of cases) {
    await t.step(`${word} of ${json}`, () => assertEquals(fill([word], json), filled));
  }
});

Deno.test("a template and an argument that do not match are an error", async (t) => {
  const keys = "the argument has no value for {c}: its keys are a, b";
  const cases: [word: string, json: string, error: string][] = [
    ["{c}", '{"a":1,"b":2}', keys],
    ["{a.c}", '{"a":1}', "the argument has no value for {a.c}: its keys are a"],
    ["{c}", "{}", "the argument has no value for {c}: it has no keys"],
    ["{c}", '"x"', HAS_NO_KEYS],
    ["{0}", '"x"', HAS_NO_KEYS.replace("{c}", "{0}")],
    [
      "{2}",
      "[1,2]",
      "the argument has no value for {2}: it is a list of 2, whose first value is {0}",
    ],
    [
      "{length}",
      "[1]",
      "the argument has no value for {length}: it is a list of 1, whose first value is {0}",
    ],
    ["{toString}", "{}", "the argument has no value for {toString}: it has no keys"],
    ["{|stem}", "[1]", "{|stem} needs a path as text, not [1]"],
    [
      "{}",
      '"a\\u0000b"',
      `{} has a NUL character, which no argument of a program can contain: ${REMOVE}`,
    ],
    [
      "{a}",
      '{"a":"\\ud800"}',
      "{a} has half of a surrogate pair, which UTF-8 cannot represent: fix the text in the list",
    ],
  ];
  for (const [word, json, error] of cases) {
    await t.step(`${word} of ${json}`, () => {
      assertEquals(assertThrows(() => fill([word], json), Error).message, error);
    });
  }
  const unknown = 'the unknown filter "stm": the filters are name, stem, dir, host, ext, json';
  assertEquals(
    assertThrows(() => readTemplate({ command: ["{a|stm}"] }), SyntaxError).message,
    `{a|stm} has ${unknown}`,
  );
});

const HAS_NO_KEYS =
  "the argument has no value for {c}: it has no keys, write {} for the whole argument";
const REMOVE = "remove it from the list, or write the value to a file";

Deno.test("a template knows its program", () => {
  const programOf = (...command: string[]) => readTemplate({ command }).program;
  assertEquals([programOf("a b", "{}"), programOf("{}"), programOf("x{}")], [
    "a b",
    undefined,
    undefined,
  ]);
  assertEquals(readTemplate({ command: ["x {}"], shell: true }).program, "sh");
});
