/**
 * The command lines of the tools that start machines for a trial.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../support/assert.ts";

const TOOLS = ["slurm_cluster", "ssh_hosts", "kubernetes_cluster"];

Deno.test("the tools for a trial show their usage for --help and wrong arguments", async (t) => {
  for (const tool of TOOLS) {
    await t.step(tool, async () => {
      const { code, out, err } = await run(tool, "--help");
      assertEquals([code, err], [0, ""]);
      assertMatch(out, new RegExp(`^usage: ${tool}\\.ts `));
      assertEquals(await run(tool, "upp"), { code: 2, out: "", err: out });
      const wrong = await run(tool, "up", "--dri", "x");
      assertEquals([wrong.code, wrong.out], [2, ""]);
      assertEquals(wrong.err.replace(/^Error: Unknown option '--dri'.*\n/, ""), out);
    });
  }
});

async function run(tool: string, ...args: string[]) {
  const path = new URL(`../../tools/${tool}.ts`, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", path, ...args] });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
