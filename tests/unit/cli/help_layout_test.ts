import { helpColumns, layoutRows, wrapCommand, wrapText } from "../../../lib/cli/help_layout.ts";
import { assertEquals } from "../../support/assert.ts";
import { useEnv } from "../../../lib/util/env.ts";

Deno.test("wrapText() breaks at blanks only, and keeps brackets together", () => {
  const text = "Pause between two requests. [default: 5s]";
  assertEquals(wrapText(text, 38), ["Pause between two requests.", "[default: 5s]"]);
  assertEquals(wrapText(text, 16, 2), [
    "  Pause between",
    "  two requests.",
    "  [default: 5s]",
  ]);
  assertEquals(wrapText("a wordthatislong b", 6, 0, 2), ["a", "  wordthatislong", "  b"]);
  assertEquals(wrapText("[default: one,two,three]", 16), ["[default:", "one,two,three]"]);
});

Deno.test("wrapCommand() ends lines with a backslash, and keeps quoted words whole", () => {
  const command = "dl_jobs run a.b limits:='[0, 1]' -j4";
  assertEquals(wrapCommand(command, 80), [`  ${command}`]);
  assertEquals(wrapCommand(command, 22), [
    "  dl_jobs run a.b \\",
    "    limits:='[0, 1]' \\",
    "    -j4",
  ]);
});

Deno.test("layoutRows() puts a long term on its own line", () => {
  const rows = [["-a, --all", "One."], [`--${"x".repeat(40)}`, "Two words."]] as const;
  assertEquals(layoutRows(rows, 60).split("\n"), [
    "  -a, --all              One.",
    `  --${"x".repeat(40)}`,
    "                         Two words.",
  ]);
});

Deno.test("helpColumns() follows COLUMNS, from 40 to 200", async (t) => {
  for (const [text, columns] of [["100", 100], ["12", 40], ["999", 200], ["72.9", 72]] as const) {
    await t.step(text, () => {
      using _env = useEnv({ COLUMNS: text });
      assertEquals(helpColumns(), columns);
    });
  }
});
