/**
 * A Slurm cluster for the tests of one file, and what they need to see of it.
 *
 * @module
 */

import { type ClusterOptions, SlurmCluster, whyNoCluster } from "../../tools/slurm_cluster.ts";

/** Why there is no cluster on this machine; in CI there must be one. */
export const whyNot: string | undefined = Deno.env.get("CI") ? undefined : whyNoCluster();

/** What the name of a test says where there is no cluster. */
export const skipped: string = whyNot ? ` (skipped: ${whyNot})` : "";

let cluster: SlurmCluster | undefined;

/** Brings a cluster up for all tests of a file, and takes it down behind them. */
export function useCluster(options: ClusterOptions = {}): void {
  if (whyNot) return;
  Deno.test.beforeAll(async () => {
    cluster = (await SlurmCluster.up(options)).guard();
    for (const [name, value] of Object.entries(cluster.env)) Deno.env.set(name, value);
  });
  Deno.test.afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    Deno.env.delete("SLURM_CONF");
  });
}

/** The cluster that is up. */
export function theCluster(): SlurmCluster {
  return cluster!;
}
