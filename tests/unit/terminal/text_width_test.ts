import { cutMessage, cutText, padText, textWidth } from "../../../lib/terminal/text_width.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("textWidth() is the width of a text in a terminal", () => {
  const cases: [text: string, width: number][] = [
    ["", 0],
    ["Fiji", 4],
    ["Åland", 5],
    ["A\u030aland", 5],
    ["日本", 4],
    ["한국", 4],
    ["ニュー", 6],
    ["Ｆｉｊｉ", 8],
    ["👍", 2],
    ["█░", 2],
    ["a\u200bb", 2],
  ];
  for (const [text, width] of cases) assertEquals(textWidth(text), width, text);
});

Deno.test("cutText() fits the columns, and marks a cut", () => {
  const cases: [text: string, columns: number, cut: string][] = [
    ["Fiji", 4, "Fiji"],
    ["Fiji", 3, "Fi…"],
    ["Fiji", 1, "…"],
    ["Fiji", 0, ""],
    ["日本国", 6, "日本国"],
    ["日本国", 5, "日本…"],
    ["日本国", 4, "日…"],
    ["A\u030aland", 3, "A\u030al…"],
  ];
  for (const [text, columns, cut] of cases) assertEquals(cutText(text, columns), cut, text);
});

Deno.test("padText() pads by columns, not by characters", () => {
  assertEquals(padText("日本", 6), "日本  ");
  assertEquals(padText("12", 4, true), "  12");
  assertEquals(padText("Fiji", 2), "Fiji");
});

Deno.test("cutMessage() keeps the beginning of a text without blanks", () => {
  const japanese = cutMessage(`Error: ${"データを読めません。".repeat(20)}`, 100);
  assertEquals(japanese.slice(0, 12), "Error: データを読");
  assertEquals(textWidth(japanese) <= 100, true);
  const path = cutMessage(`Cannot read /${"a".repeat(90)} in b.csv, mend it`, 60);
  assertEquals(path, `Cannot read /${"a".repeat(22)}… in b.csv, mend it`);
});
