/**
 * The programs of a cluster and the Debian packages that contain them.
 *
 * @module
 */

import { installPrograms, missingOf } from "../support/packages.ts";
import { isInstalled } from "../support/system.ts";

/** Programs, each with its package. */
const PROGRAMS = {
  slurmctld: "slurmctld",
  slurmd: "slurmd",
  munged: "munge",
  sbatch: "slurm-client",
};
const ACCOUNTING = { ...PROGRAMS, slurmdbd: "slurmdbd", mariadbd: "mariadb-server" };

/** Options of an installation. */
export interface InstallOptions {
  /** Includes the programs for accounting. @default {false} */
  readonly accounting?: boolean | undefined;
}

/** Returns the reason that this machine cannot run a cluster; undefined when it can. */
export function whyNoCluster(): string | undefined {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux alone";
  if (Deno.uid() !== 0) return "the nodes of a cluster need root";
  const missing = missingProgram();
  return !missing || isInstalled("apt-get") ? undefined : `${missing} is not installed`;
}

/** Returns a program of a cluster that is not installed; undefined when all are installed. */
export function missingProgram({ accounting = false }: InstallOptions = {}): string | undefined {
  return missingOf(accounting ? ACCOUNTING : PROGRAMS);
}

/**
 * Checks that the programs of a cluster are installed.
 *
 * @throws {Error} when a program is not installed
 */
export function requirePrograms(options: InstallOptions): void {
  const missing = missingProgram(options);
  if (missing) throw new Error(`Cannot bring up a cluster: ${missing} is not installed`);
}

/**
 * Installs the packages of missing programs.
 *
 * @throws {Error} when this machine cannot run a cluster, or `apt-get` fails
 */
export async function install({ accounting = false }: InstallOptions = {}): Promise<void> {
  const why = whyNoCluster();
  if (why) throw new Error(`Cannot bring up a cluster: ${why}`);
  await installPrograms(accounting ? ACCOUNTING : PROGRAMS);
}
