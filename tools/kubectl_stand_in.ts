/**
 * Runs a command with a stand-in for `kubectl` on the `PATH`, for trying the engine kubernetes:
 * `deno run -A tools/kubectl_stand_in.ts COMMAND [ARGUMENT ...]`
 *
 * A pod is a folder and some processes on this machine. Requires Linux.
 *
 * @module
 */

import { KubectlStandIn } from "./kubectl_stand_in/stand_in.ts";

async function main([command = "sh", ...args]: string[]): Promise<number> {
  await using cluster = await KubectlStandIn.create();
  const env = { PATH: `${cluster.dir}:${Deno.env.get("PATH")}` };
  return (await new Deno.Command(command, { args, env }).spawn().status).code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
