/**
 * Runs a command with a stand-in for `kubectl` on the `PATH`, for trying the engine kubernetes:
 * `deno run -A tools/kubectl_stand_in.ts COMMAND [ARGUMENT ...]`
 *
 * A pod is a folder and some processes on this machine. Requires Linux.
 *
 * @module
 */

import { KubectlStandIn } from "./kubectl_stand_in/stand_in.ts";
import { runWithEnv } from "./support/run_with_env.ts";

async function main(command: string[]): Promise<number> {
  await using cluster = await KubectlStandIn.create();
  return await runWithEnv(command, { PATH: `${cluster.dir}:${Deno.env.get("PATH")}` });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
