/**
 * The environment of Slurm's programs.
 *
 * @see https://slurm.schedmd.com/sbatch.html#SECTION_INPUT-ENVIRONMENT-VARIABLES
 *
 * @module
 */

/** Environment variables, by name. */
type Environment = Readonly<Record<string, string>>;

/** Variables with which Slurm's programs find the cluster and sign in. */
const ACCESS = ["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS", "SLURM_JWT"];

/** Options that only the engine may set, by the names of their variables. */
const RESERVED = new Set(
  ("ARRAY_INX CPUS_PER_GPU ERROR EXPORT EXPORT_FILE GET_USER_ENV INPUT JOB_NAME NO_REQUEUE " +
    "OPEN_MODE OUTPUT REQUEUE SIGNAL TEST_ONLY TRES_PER_TASK WAIT WRAP")
    .split(" ").map((name) => `SBATCH_${name}`),
);

/** Options that exclude a variable which `sbatch` would read in addition. */
const EXCLUDED: readonly (readonly [option: RegExp, variable: RegExp])[] = [
  [/^--mem\b/, /^SBATCH_MEM(_PER_\w+)?$/],
  [/^--(gres|gpus)\b/, /^SBATCH_(GPUS|GRES)/],
  [/^--ntasks\b/, /^SBATCH_NTASKS/],
];

/**
 * Returns an environment without Slurm's variables. Inside a Slurm job, these describe that job, and
 * act as options of other programs.
 */
export function cleanEnv(env: Environment): Record<string, string> {
  const isOption = (name: string) => /^(SLURM|SRUN|SBATCH|SQUEUE|SACCT|SCANCEL|SINFO)_/.test(name);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => ACCESS.includes(name) || !isOption(name)),
  );
}

/**
 * Returns the user's defaults for `sbatch`, such as `SBATCH_PARTITION`. An argument of `sbatch`
 * replaces the default of the same option.
 *
 * @param args the arguments of `sbatch`
 *
 * @example
 * ```ts
 * import { sbatchDefaults } from "./environment.ts";
 *
 * const env = { SBATCH_PARTITION: "long", SBATCH_WAIT: "1", SLURM_JOB_ID: "7" };
 * const names = Object.keys(sbatchDefaults(env, ["--parsable"]));
 * if (names.join() !== "SBATCH_PARTITION") throw new Error(names.join());
 * ```
 */
export function sbatchDefaults(env: Environment, args: readonly string[]): Record<string, string> {
  const excluded = EXCLUDED.filter(([option]) => args.some((arg) => option.test(arg)));
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      name.startsWith("SBATCH_") && !RESERVED.has(name) &&
      !excluded.some(([, variable]) => variable.test(name))
    ),
  );
}
