import type { EngineContext } from "../engine.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * The variables of each worker's place. Where tasks want GPUs, there are as many places as the
 * machine has GPUs for, and no GPU belongs to two of them.
 */
export function gpusOfSlots(
  { workers = navigator.hardwareConcurrency, gpus }: Pick<EngineContext, "workers" | "gpus">,
): Readonly<Record<string, string>>[] {
  if (gpus === 0) return Array.from({ length: workers }, () => ({}));
  const found = listGpus();
  if (found.length < gpus) {
    throw new UsageError(
      `Cannot run a task on ${gpus} GPUs: this machine has ${found.length}, ` +
        `set gpus to fewer or DL_JOBS_GPUS to how many there are`,
    );
  }
  return Array.from({ length: Math.min(workers, Math.floor(found.length / gpus)) }, (_, slot) => ({
    CUDA_VISIBLE_DEVICES: found.slice(slot * gpus, (slot + 1) * gpus).join(","),
  }));
}

/** The GPUs that this process may use: those that it was given, or all of the machine's. */
function listGpus(): string[] {
  const given = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return given ? given.split(",") : Array.from({ length: countGpus() }, (_, i) => String(i));
}

/** How many GPUs the machine has, as it was told or as the driver's tool says. */
function countGpus(): number {
  const told = Deno.env.get("DL_JOBS_GPUS");
  if (told) return Number(told);
  try {
    const { stdout } = new Deno.Command("nvidia-smi", { args: ["-L"] }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("GPU "))
      .length;
  } catch {
    return 0;
  }
}
