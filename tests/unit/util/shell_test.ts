import { shellWord, splitWords } from "../../../lib/util/shell.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("splitWords() splits a text as a shell does", () => {
  const cases: [text: string, words: string[] | undefined][] = [
    ["uv run python", ["uv", "run", "python"]],
    ["  a\t b\n", ["a", "b"]],
    ["'a b' \"c d\" e\\ f", ["a b", "c d", "e f"]],
    ["a'b'\"c\"d", ["abcd"]],
    ["'' \"\"", ["", ""]],
    ['"a\\"b" "\\x"', ['a"b', "\\x"]],
    ["it's", undefined],
    ['"open', undefined],
    ["", []],
  ];
  for (const [text, words] of cases) assertEquals(splitWords(text), words, text);
});

Deno.test("splitWords() returns the words that shellWord() has quoted", () => {
  const words = ["/a b/c", "it's", '"', "\\", "", "$HOME", "a\nb"];
  assertEquals(splitWords(words.map(shellWord).join(" ")), words);
});
