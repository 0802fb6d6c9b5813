/**
 * The tables of the engines' own options, for help and completions.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";

/** An engine's own options. A user sets them in the job option named after the engine. */
export interface EngineOptions {
  /** The name of the engine, and of the job option. */
  readonly engine: string;
  /** The table of its options. */
  readonly options: readonly OptionSpec[];
  /** A sentence about the names that the engine accepts in addition to those in the table. */
  readonly note?: string | undefined;
}

/**
 * Loads the tables on demand, because only the full help and completions need the engines' modules.
 */
export async function loadEngineOptions(): Promise<EngineOptions[]> {
  const [ssh, kubernetes, slurm, compute] = await Promise.all([
    import("../engines/ssh/options.ts"),
    import("../engines/kubernetes/options.ts"),
    import("../engines/slurm/options.ts"),
    import("../engines/compute/options.ts"),
  ]);
  return [
    { engine: "ssh", options: ssh.SSH_OPTIONS },
    { engine: "kubernetes", options: kubernetes.KUBERNETES_OPTIONS },
    { engine: "slurm", options: slurm.SLURM_OPTIONS, note: slurm.SBATCH_NOTE },
    { engine: "compute", options: compute.COMPUTE_OPTIONS },
  ];
}
