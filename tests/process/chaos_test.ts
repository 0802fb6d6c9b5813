import { fromFileUrl } from "../../lib/util/paths.ts";
import { SOAK, TASKS } from "../../tools/soak.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const CHAOS = fromFileUrl(new URL("../../tools/chaos.ts", import.meta.url).href);
const SEED = 14;

const [CONTROLLERS, WORKERS] = SOAK.map(({ rounds }) => rounds / 10);

Deno.test("a job whose controller is killed again and again loses nothing", async () => {
  await play(CONTROLLERS!, []);
});

Deno.test("a job whose workers are killed, too, loses nothing", async () => {
  await play(WORKERS!, ["--workers-too"]);
});

async function play(rounds: number, more: readonly string[]): Promise<void> {
  const game = ["--rounds", `${rounds}`, "--tasks", `${TASKS}`, "--seed", `${SEED}`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CHAOS, ...game, ...more],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertMatch(text, new RegExp(`${rounds} rounds of ${TASKS} tasks, .* 0 things wrong\\n$`));
  assertEquals(code, 0);
}
