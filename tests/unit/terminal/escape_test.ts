import { escapeControls, escapeLine } from "../../../lib/terminal/escape.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("escapeControls() leaves nothing that a terminal obeys", async (t) => {
  const cases: [name: string, text: string, escaped: string][] = [
    ["plain text", "a b\tc\nd", "a b\tc\nd"],
    ["other scripts", "日本 é 🙂 \u200d שלום", "日本 é 🙂 \u200d שלום"],
    ["a Windows line", "a\r\nb", "a\r\nb"],
    ["a return to the start of the line", "50%\r100%", "50%\\r100%"],
    ["colours", "\x1b[31mred\x1b[0m \x1b[1;38:2:0:0:0mbold\x1b[m", "red bold"],
    ["the clipboard", "\x1b]52;c;aGk=\x07", "\\u001b]52;c;aGk=\\u0007"],
    ["the title", "\x1b]0;x\x1b\\", "\\u001b]0;x\\u001b\\"],
    ["the screen", "\x1b[2J\x1b[H", "\\u001b[2J\\u001b[H"],
    ["an answer of the terminal", "\x1b[6n\x1bP+q\x1b\\", "\\u001b[6n\\u001bP+q\\u001b\\"],
    ["a sequence that a colour hides", "\x1b[\x1b[0m2J", "\\u001b[2J"],
    ["controls of one byte", "\x9b2J\x9d52;c;x\x9c\x90", "\\u009b2J\\u009d52;c;x\\u009c\\u0090"],
    ["the next line", "a\x85b", "a\\u0085b"],
    ["a bell, a backspace and a delete", "\x07\b\x7f\0", "\\u0007\\u0008\\u007f\\u0000"],
    ["the direction", "\u202e\u2066x\u2069", "\\u202e\\u2066x\\u2069"],
  ];
  for (const [name, text, escaped] of cases) {
    await t.step(name, () => assertEquals(escapeControls(text), escaped));
  }
});

Deno.test("escapeControls() leaves nothing of any text, and the value of any JSON", () => {
  const every = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join("");
  assertEquals(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u.test(escapeControls(every)), false);
  const json = JSON.stringify({ [every]: every });
  assertEquals(JSON.parse(escapeControls(json)), { [every]: every });
});

Deno.test("escapeLine() also keeps the text on one line", () => {
  assertEquals(escapeLine("a\tb\r\nc\x1b"), "a\\tb\\r\\nc\\u001b");
});
