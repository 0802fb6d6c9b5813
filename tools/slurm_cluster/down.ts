/**
 * Takes a cluster down: ends its daemons and jobs, and removes its folder.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { listNames, processIds } from "../support/system.ts";
import { until } from "../support/until.ts";

/** The default folder of a cluster that a user starts. */
export const DEFAULT_DIR = "/tmp/dl_jobs_slurm";

/** Ends all processes of a cluster and removes its folder. */
export async function down(dir = DEFAULT_DIR): Promise<void> {
  const names = listNames(dir).filter((name) => name.endsWith(".pid"));
  // Ends the nodes first: a node would otherwise start pending jobs.
  for (const name of names.sort().reverse()) await endProcess(`${dir}/${name}`, "SIGKILL");
  killMarked(`SLURM_CONF=${dir}/`);
  await Deno.remove(dir, { recursive: true }).catch(() => {});
}

/** Ends the process whose id is in a file, if it is still a daemon of a cluster. */
export async function endProcess(pidFile: string, signal: Deno.Signal): Promise<void> {
  const pid = Number(readIfThere(pidFile));
  // A zombie has no command line, so it counts as ended.
  const isOurs = () =>
    /^[^\0]*(slurmctld|slurmd|slurmdbd|munged|mariadbd)\0/.test(
      readIfThere(`/proc/${pid}/cmdline`),
    );
  if (!pid || !isOurs()) return;
  Deno.kill(pid, signal);
  await until(() => !isOurs(), `process ${pid} has ended on ${signal}`);
}

/**
 * Kills the processes of Slurm and of its jobs that have the given texts in their environment. A user
 * of the cluster has the same variables in a shell, whose programs continue.
 */
export function killMarked(...marks: string[]): void {
  for (const pid of processIds()) {
    const environment = readIfThere(`/proc/${pid}/environ`);
    if (!marks.every((mark) => environment.includes(mark))) continue;
    const isOfSlurm = environment.includes("SLURMD_NODENAME=") ||
      readIfThere(`/proc/${pid}/comm`).startsWith("slurm");
    if (isOfSlurm) sendSignal(pid, "SIGKILL");
  }
}
