import { Terminal } from "../../repl/terminal.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("Terminal: nothing is written over a prompt, and nothing is lost", () => {
  let isBusy = false, out = "";
  const terminal = new Terminal(() => isBusy, (text) => out += text);
  terminal.write("a job has started\n");
  terminal.write("\r1 of 3 done\x1b[K");
  assertEquals(out, "");
  isBusy = true;
  terminal.write("\r2 of 3 done\x1b[K");
  assertEquals(out, "a job has started\n\r2 of 3 done\x1b[K");
  out = "";
  terminal.beforePrompt();
  assertEquals(out, "\r\x1b[K");
  isBusy = false;
  terminal.write("\r\x1b[K");
  terminal.write("3 of 3 succeeded\n");
  out = "";
  terminal.beforePrompt();
  assertEquals(out, "3 of 3 succeeded\n");
});

Deno.test("Terminal: keeps back the newest lines, and not too many", () => {
  let out = "";
  const terminal = new Terminal(() => false, (text) => out += text);
  for (let i = 0; i < 100_000; i++) terminal.write(`line ${i}\n`);
  terminal.beforePrompt();
  assert(out.length <= 64 * 1024 && out.startsWith("...\nline "), String(out.length));
  assert(out.endsWith("line 99999\n"));
});
