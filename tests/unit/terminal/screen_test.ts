import { TerminalScreen } from "../../../lib/terminal/screen.ts";
import { assertEquals } from "../../support/assert.ts";

const CLEAR = "\r\x1b[K";
const moving = (line: string) => `\x1b[?7l${line}\x1b[J\r\x1b[?7h`;

Deno.test("TerminalScreen keeps its line around text that others write to the terminal", () => {
  const writes: string[] = [];
  const screen = new TerminalScreen({ isMoving: true, write: (text) => writes.push(text) });
  const around = () => new TextDecoder().decode(screen.around(new TextEncoder().encode("1\n")));
  assertEquals(around(), "1\n");
  screen.showLine("");
  screen.showLine("0 of 9 done");
  assertEquals(around(), `${CLEAR}1\n${moving("0 of 9 done")}`);
  screen.showLine("");
  screen.print("done\n");
  assertEquals(around(), "1\n");
  assertEquals(writes, [moving("0 of 9 done"), CLEAR, "done\n"]);
});
