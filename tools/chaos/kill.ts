/**
 * Kills controllers and workers with SIGKILL.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { readProcessStat } from "../../lib/util/process/process_stat.ts";
import { processIds } from "../support/system.ts";

/** Kills a process after a number of milliseconds, unless it ends earlier. */
export async function killAfter(process: Deno.ChildProcess, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, process.status]);
  clearTimeout(timer);
  kill(process.pid);
  await process.status;
}

// A job ends when 20 workers in a row are killed before they are ready. On a busy machine, their
// starts can take longer than the intervals, so these double with this number of kills.
const SLOWED_BY = 10;

/**
 * Kills workers of a controller at random intervals until the controller ends.
 *
 * @param most the longest time between two kills, in milliseconds
 * @returns the number of killed workers
 */
export async function killWorkers(
  controller: Deno.ChildProcess,
  random: () => number,
  most: number,
): Promise<number> {
  let isRunning = true, killed = 0;
  controller.status.then(() => isRunning = false);
  while (isRunning) {
    const pause = (20 + most * random()) * 2 ** (killed / SLOWED_BY);
    await new Promise((resolve) => setTimeout(resolve, pause));
    const workers = isRunning ? workersOf(controller.pid) : [];
    const worker = workers[Math.floor(random() * workers.length)];
    if (worker !== undefined && kill(worker)) killed++;
  }
  return killed;
}

/** Lists the workers of a controller, whose options name a socket. */
function workersOf(controller: number): number[] {
  return processIds().filter((pid) =>
    readProcessStat(pid)?.parent === controller &&
    readIfThere(`/proc/${pid}/cmdline`).includes('"socket":')
  );
}

function kill(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
