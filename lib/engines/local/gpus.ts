/**
 * The machine's GPUs, divided among workers.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { LocalContext } from "../engine.ts";
import { tasksOnCpus } from "../shared/tasks_on_cpus.ts";

/**
 * Returns the environment variables of each worker slot. When tasks need GPUs, no two slots share a
 * GPU, so the number of GPUs limits the number of slots. Without `workers`, there are as many slots
 * as tasks fit on the CPUs, as on a host of the engine `ssh`.
 *
 * @throws {UsageError} when the machine has fewer GPUs than one task needs.
 */
export function gpusOfSlots(
  { workers, cpus = 1, gpus }: Pick<LocalContext, "workers" | "cpus" | "gpus">,
): Readonly<Record<string, string>>[] {
  return slotsOf(workers ?? tasksOnCpus(navigator.hardwareConcurrency, cpus), gpus);
}

function slotsOf(workers: number, gpus: number): Readonly<Record<string, string>>[] {
  if (gpus === 0) return Array.from({ length: workers }, () => ({}));
  const found = listGpus();
  if (found.length < gpus) {
    throw new UsageError(
      `Cannot run a task on ${gpus} GPUs: this machine has ${found.length}; ` +
        `lower the option gpus, or set DL_JOBS_GPUS to the number of GPUs`,
    );
  }
  return Array.from({ length: Math.min(workers, Math.floor(found.length / gpus)) }, (_, slot) => ({
    CUDA_VISIBLE_DEVICES: found.slice(slot * gpus, (slot + 1) * gpus).join(","),
  }));
}

/** Returns the number of GPUs that this process may use. */
export function availableGpus(): number {
  return listGpus().length;
}

/** Lists the GPUs that this process may use: CUDA_VISIBLE_DEVICES, or all GPUs of the machine. */
function listGpus(): string[] {
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return visible ? visible.split(",") : Array.from({ length: countGpus() }, (_, i) => String(i));
}

/** Counts the machine's GPUs: DL_JOBS_GPUS, or the GPUs that `nvidia-smi` lists. */
function countGpus(): number {
  const declared = Deno.env.get("DL_JOBS_GPUS");
  if (declared) return Number(declared);
  try {
    const { stdout } = new Deno.Command("nvidia-smi", { args: ["-L"] }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("GPU "))
      .length;
  } catch {
    return 0;
  }
}
