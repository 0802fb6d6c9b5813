/**
 * A Slurm cluster for the tests of one file.
 *
 * @module
 */

import { SlurmCluster } from "../../tools/slurm_cluster/cluster.ts";
import type { ClusterOptions } from "../../tools/slurm_cluster/config.ts";
import { install, missingProgram, whyNoCluster } from "../../tools/slurm_cluster/install.ts";
import { mayInstall, skipSuffix, whySkipped } from "./programs.ts";

// Slurm is installed when the module loads, because some tests start their own clusters.
if (mayInstall && whyNoCluster() === undefined) await install({ accounting: true });

/** The reason that tests with a cluster are skipped. Absent in CI. */
export const whyNot: string | undefined = findReason();

/** The suffix of the names of tests with a cluster. */
export const skipped: string = skipSuffix(whyNot);

function findReason(): string | undefined {
  if (Deno.env.get("CI")) return undefined;
  const program = missingProgram({ accounting: true });
  return whyNoCluster() ?? whySkipped(program && `${program} is not installed`);
}

let cluster: SlurmCluster | undefined;

/** Brings a cluster up for all tests of a file, and takes it down after them. */
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

/** Returns the running cluster. */
export function theCluster(): SlurmCluster {
  return cluster!;
}
