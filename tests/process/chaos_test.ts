import { fromFileUrl } from "../../lib/util/paths.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const CHAOS = fromFileUrl(new URL("../../tools/chaos.ts", import.meta.url).href);

Deno.test("a job whose controller is killed again and again loses nothing", async () => {
  await play([]);
});

Deno.test("a job whose workers are killed, too, loses nothing", async () => {
  await play(["--workers-too"]);
});

async function play(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CHAOS, "--rounds", "5", "--tasks", "5000", ...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertMatch(text, /5 rounds of 5000 tasks, .* 0 things wrong\n$/);
  assertEquals(code, 0);
}
