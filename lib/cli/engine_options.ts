/**
 * The tables of the engines' own options, for help and completions.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";

/** The options that an engine reads from the job's option of the engine's name. */
export interface EngineOptions {
  /** The name of the engine, and of the job's option. */
  readonly engine: string;
  /** The table. */
  readonly options: readonly OptionSpec[];
  /** A sentence about names that are not in the table, where such names are allowed. */
  readonly note?: string | undefined;
}

/** Loads the tables, which no other part of a help needs. */
export async function loadEngineOptions(): Promise<EngineOptions[]> {
  const [slurm, compute] = await Promise.all([
    import("../engines/slurm/options.ts"),
    import("../engines/compute/options.ts"),
  ]);
  return [
    { engine: "slurm", options: slurm.SLURM_OPTIONS, note: slurm.SBATCH_NOTE },
    { engine: "compute", options: compute.COMPUTE_OPTIONS },
  ];
}
