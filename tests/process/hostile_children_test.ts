import { playHostile } from "../../tools/hostile/play.ts";
import { HOSTILE } from "../../tools/soak.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("children that read stdin and write forged responses change no result", async () => {
  assertEquals(await playHostile({ ...HOSTILE, rounds: HOSTILE.rounds / 10, seed: 15 }), 0);
});
