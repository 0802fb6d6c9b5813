/**
 * The terminal of a session.
 *
 * @module
 */

import { Terminal } from "../../../repl/terminal.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** Creates a terminal that records its output. */
function makeTerminal(isBusy: () => boolean) {
  let out = "";
  const terminal = new Terminal(isBusy, { isMoving: true, write: (text) => out += text });
  const heard = () => {
    const text = out;
    out = "";
    return text;
  };
  return { terminal, heard };
}

const CLEAR = "\r\x1b[K";
const moving = (line: string) => `\x1b[?7l${line}\x1b[J\r\x1b[?7h`;

Deno.test("Terminal writes nothing over a prompt, and loses no text", () => {
  let isBusy = false;
  const { terminal, heard } = makeTerminal(() => isBusy);
  terminal.print("a job has started\n");
  terminal.showLine("1 of 3 done");
  assertEquals(heard(), "");
  isBusy = true;
  terminal.showLine("2 of 3 done");
  assertEquals(heard(), "a job has started\n" + moving("2 of 3 done"));
  terminal.print("in between\n");
  assertEquals(heard(), `${CLEAR}in between\n${moving("2 of 3 done")}`);
  terminal.beforePrompt();
  assertEquals(heard(), CLEAR);
  isBusy = false;
  terminal.showLine("");
  terminal.print("3 of 3 succeeded\n");
  assertEquals(heard(), "");
  terminal.beforePrompt();
  assertEquals(heard(), "3 of 3 succeeded\n");
});

Deno.test("Terminal buffers the newest lines, up to a limit", () => {
  let isBusy = false;
  const { terminal, heard } = makeTerminal(() => isBusy);
  for (let i = 0; i < 100_000; i++) terminal.print(`line ${i}\n`);
  terminal.beforePrompt();
  const out = heard();
  assert(out.length <= 64 * 1024 && out.startsWith("...\nline "), String(out.length));
  assert(out.endsWith("line 99999\n"));
  isBusy = true;
  const long = `${"x".repeat(100_000)}\n`;
  terminal.print(long);
  assertEquals(heard(), long);
});
