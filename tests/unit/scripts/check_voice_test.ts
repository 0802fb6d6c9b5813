import { checkVoice, isGood } from "../../../scripts/check_voice.ts";
import type { SourceText } from "../../../scripts/source_files.ts";
import { readProse } from "../../../scripts/voice/prose.ts";
import { assertEquals } from "../../support/assert.ts";

/** The prose of a source in short: kind, line, and the words with single blanks. */
function proseOf(source: string, path = "lib/a.ts"): string[] {
  return readProse(path, source).map(({ kind, line, text }) =>
    `${kind} ${line} ${text.replaceAll(/\s+/g, " ").trim()}`
  );
}

const SOURCES: readonly (readonly [name: string, source: string, prose: readonly string[]])[] = [
  ["no prose", "const a = 1 / 2 / 3;\n", []],
  ["a doc comment", "/** Returns one. */\n", ["doc 1 Returns one."]],
  [
    "a doc comment of several lines",
    "\n/**\n * Returns one.\n *\n * Twice.\n */\n",
    ["doc 2 Returns one. Twice."],
  ],
  ["a block comment", "/* a */ /** b **/", ["comment 1 a", "doc 1 b"]],
  [
    "line comments, which are one piece when they follow each other",
    "a; // one\n  // two\n\n// three\n",
    ["comment 1 one two", "comment 4 three"],
  ],
  [
    "strings with the marks of comments in them",
    `a("// no", '/* no */');`,
    ["string 1 // no", "string 1 /* no */"],
  ],
  ["strings with quotes in them", `["a'b", 'a"b', 'a\\'b']`, [
    "string 1 a'b",
    'string 1 a"b',
    "string 1 a\\'b",
  ]],
  ["comments with quotes in them", `// don't\n/* "a */ "b"`, [
    "comment 1 don't",
    'comment 2 "a',
    "string 2 b",
  ]],
  [
    "a template with code, a string and a template in it",
    "`a ${f({ b: 'c' })} d ${`e ${1} f`} g`; // h",
    [
      "string 1 a",
      "string 1 c",
      "string 1 d",
      "string 1 e",
      "string 1 f",
      "string 1 g",
      "comment 1 h",
    ],
  ],
  [
    "regular expressions with quotes, backticks and slashes in them",
    "x = /[\"'`/]/g; y(/\\/\\//, /a\"/); return /'/; // b",
    ["comment 1 b"],
  ],
  ["divisions", `a / b; (a) / 2; a[0] / 'c'.length / 2; // d`, ["string 1 c", "comment 1 d"]],
  [
    "text between tags, where a quote opens nothing",
    "<p>It's here</p>; // a\n<p title='b' />",
    ["comment 1 a", "string 2 b"],
  ],
  ["code spans in a comment", "// Not `nobody`, but a user", ["comment 1 Not , but a user"]],
];

Deno.test("readProse() tells comments, strings and code apart", async (t) => {
  for (const [name, source, prose] of SOURCES) {
    await t.step(name, () => assertEquals(proseOf(source), prose));
  }
});

Deno.test("readProse() reads a page without its code, but with the comments of its examples", () => {
  const page =
    "# A page\n\nSee `nobody`.\n\n```sh\n# somebody\n```\n\n```ts\n\n// note\nf();\n```\nEnd.";
  assertEquals(proseOf(page, "docs/a.md"), ["text 1 # A page See . End.", "comment 11 note"]);
});

Deno.test("checkVoice() finds a phrase in any prose, with its line and what to write", async (t) => {
  const cases: readonly (readonly [path: string, text: string, findings: readonly string[]])[] = [
    ["lib/a.ts", "nobody();", []],
    ["lib/a.ts", "\n// It goes\n// on.", [
      'lib/a.ts:2 "goes on": write continues, resumes or runs on',
    ]],
    ["lib/a.ts", "/**\n * Returns it.\n *\n * In vain.\n */", [
      'lib/a.ts:4 "In vain": write without success',
    ]],
    ["lib/a.ts", "f(`has ${n}, at the\n most`);", ['lib/a.ts:1 "at the most": write at most']],
    ["docs/a.md", "One.\n\nBy and by.", ['docs/a.md:3 "By and by": write gradually']],
    ["tools/a.py", "# for ever", ['tools/a.py:1 "for ever": write without limit, or forever']],
    ["tools/a.py", "if a is None:\n  fail('in vain')", [
      'tools/a.py:2 "in vain": write without success',
    ]],
    ["lib/a.ts", "// It is no map, where there is no map and it is no longer one.", [
      'lib/a.ts:1 "is no map": write is not a',
    ]],
    ["lib/a.ts", "// A user who has a list. Understands this: not so many.", []],
  ];
  for (const [path, text, findings] of cases) {
    await t.step(text, () => assertEquals(checkVoice([{ path, text }]).phrases, findings));
  }
});

/** A file with some doc comments. */
function documented(...docs: readonly string[]): SourceText {
  return { path: "lib/a.ts", text: docs.map((doc) => `/** ${doc} */\n`).join("") };
}

Deno.test("checkVoice() counts the doc comments that open with a question word", () => {
  const { docs, questions } = checkVoice([
    documented("Returns it.", "How it is.", "@default 1", "Whatever. Why?", "Whether it is."),
  ]);
  const advice = 'open with a verb ("Returns ...") or a noun';
  assertEquals(docs, 4);
  assertEquals(questions, [
    `lib/a.ts:2 opens with "How": ${advice}`,
    `lib/a.ts:5 opens with "Whether": ${advice}`,
  ]);
});

Deno.test("isGood() allows two question words in a hundred doc comments, and no phrase", () => {
  const fifty = Array.from({ length: 49 }, () => "Returns it.");
  assertEquals(isGood(checkVoice([])), true);
  assertEquals(isGood(checkVoice([documented("Why?", ...fifty)])), true);
  assertEquals(isGood(checkVoice([documented("Why?", ...fifty.slice(1))])), false);
  assertEquals(isGood(checkVoice([documented("Nobody."), documented(...fifty)])), false);
});
