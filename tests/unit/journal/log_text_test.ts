import { shownLogText } from "../../../lib/journal/log_text.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("shownLogText() shows what a terminal would show", async (t) => {
  const cases: [name: string, text: string, shown: string][] = [
    ["a line", "a\n", "a"],
    ["lines", "a\n\nb\n", "a\n\nb"],
    ["Windows lines", "a\r\nb\r\n", "a\nb"],
    ["a progress bar", "\r  0%\r 50%\r100%\n", "100%"],
    ["a progress bar that returns after each state", "  0%\r 50%\r100%\r", "100%"],
    ["a progress bar after a line", "start\n  0%\r100%\r\nend\n", "start\n100%\nend"],
    ["a return alone", "\r", ""],
  ];
  for (const [name, text, shown] of cases) {
    await t.step(name, () => {
      assertEquals(shownLogText({ id: 0, attempt: 1, stream: "stderr", text }), shown);
    });
  }
});

Deno.test("shownLogText() takes time in proportion to the text", () => {
  const text = "x" + "\r".repeat(200_000) + "\n";
  assertEquals(shownLogText({ id: 0, attempt: 1, stream: "stderr", text }), "x");
});
