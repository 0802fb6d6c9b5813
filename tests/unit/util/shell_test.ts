import { readWords, shellWord, splitWords } from "../../../lib/util/shell.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("splitWords() splits a text as a shell does", async (t) => {
  const cases: [text: string, words: string[] | undefined][] = [
    ["", []],
    [" a  b\tc\n", ["a", "b", "c"]],
    [`'a b' "c d" e\\ f`, ["a b", "c d", "e f"]],
    [`'' "" x''y`, ["", "", "xy"]],
    [`x'y'"z"`, ["xyz"]],
    [`'it'\\''s'`, ["it's"]],
    [`"a\\"b\\$c\\d"`, [`a"b$c\\d`]],
    [`'a\\b'`, ["a\\b"]],
    ['a\\\nb "c\\\nd"', ["ab", "cd"]],
    ["# no", ["#", "no"]],
    ["'a", undefined],
    [`"a\\"`, undefined],
    ["a\\", undefined],
    [`"a'b" c"`, undefined],
  ];
  for (const [text, words] of cases) {
    await t.step(JSON.stringify(text), () => assertEquals(splitWords(text), words));
  }
});

Deno.test("splitWords() reads a long text without an end quickly", () => {
  assertEquals(splitWords("a".repeat(100_000) + "'"), undefined);
});

Deno.test("readWords() tells which characters were quoted", () => {
  const bare = readWords(`a|b 'a|b' "|"| \\|`)?.map((word) => word.bare);
  assertEquals(bare, ["a|b", "___", "_|", "_"]);
});

Deno.test("splitWords() reverses shellWord()", () => {
  const texts = ["a", "", "it's", "a b", '"', "\\", "$x", "\n", "-n", "é😀"];
  assertEquals(splitWords(texts.map(shellWord).join(" ")), texts);
});
