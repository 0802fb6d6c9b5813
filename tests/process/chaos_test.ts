import { fromFileUrl } from "../../lib/util/paths.ts";
import { SOAK } from "../../tools/soak.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const CHAOS = fromFileUrl(new URL("../../tools/chaos.ts", import.meta.url).href);
const SEED = 14;

for (const { kind, rounds, tasks, workersToo } of SOAK) {
  const killed = workersToo ? "controller and workers are" : "controller is";
  Deno.test(`a job (${kind}) whose ${killed} killed again and again loses nothing`, async () => {
    const game = ["--rounds", `${rounds / 10}`, "--tasks", `${tasks}`, "--seed", `${SEED}`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", CHAOS, `--${kind}`, ...game, ...workersToo ? ["--workers-too"] : []],
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertMatch(text, new RegExp(`${rounds / 10} rounds of ${tasks} tasks .* 0 things wrong\\n$`));
    if (workersToo) assertMatch(text, / [1-9]\d* workers killed, 0 things wrong\n$/);
    assertEquals(code, 0);
  });
}
