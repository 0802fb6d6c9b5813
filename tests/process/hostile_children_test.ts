import { playHostile } from "../../tools/hostile/play.ts";
import { HOSTILE } from "../../tools/soak.ts";
import { assertEquals } from "../support/assert.ts";

for (const { module, rounds, tasks } of HOSTILE) {
  Deno.test(`children of ${module} that write forged responses change no result`, async () => {
    assertEquals(await playHostile({ module, rounds: rounds / 10, tasks, seed: 15 }), 0);
  });
}
