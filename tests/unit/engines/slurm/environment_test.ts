import { cleanEnv, sbatchDefaults } from "../../../../lib/engines/slurm/environment.ts";
import { assertEquals } from "../../../support/assert.ts";

const OTHERS = { PATH: "/bin", SLURM: "x", MY_SBATCH_PARTITION: "x", SLURMY_X: "x" };
const ACCESS = {
  ...{ SLURM_CONF: "/etc/slurm.conf", SLURM_CONF_SERVER: "head:6817", SLURM_JWT: "token" },
  SLURM_CLUSTERS: "alps",
};
/** The variables of a Slurm job in which the controller runs. */
const ENCLOSING = {
  ...{ SLURM_JOB_ID: "7", SLURM_CPUS_PER_TASK: "2", SLURM_MEM_PER_CPU: "1", SLURM_NTASKS: "4" },
  ...{ SRUN_CPUS_PER_TASK: "2", SQUEUE_FORMAT: "%i", SACCT_FORMAT: "x", SCANCEL_USER: "me" },
  ...{ SINFO_FORMAT: "x", SLURM_TIME_FORMAT: "relative" },
};
/** The user's defaults that a job keeps. */
const DEFAULTS = {
  ...{ SBATCH_PARTITION: "long", SBATCH_ACCOUNT: "geo", SBATCH_QOS: "low", SBATCH_TIMELIMIT: "9" },
  ...{
    SBATCH_CONSTRAINT: "fast",
    SBATCH_MEM_BIND: "x",
    SBATCH_CLUSTERS: "a,b",
    SBATCH_RESERVATION: "mine",
  },
};
/** The defaults that would change what the engine relies on. */
const RESERVED = {
  ...{ SBATCH_WAIT: "1", SBATCH_EXPORT: "ALL", SBATCH_OUTPUT: "/x", SBATCH_ERROR: "/y" },
  ...{ SBATCH_ARRAY_INX: "5", SBATCH_REQUEUE: "1", SBATCH_SIGNAL: "B:KILL@5" },
  ...{ SBATCH_GET_USER_ENV: "1", SBATCH_JOB_NAME: "x", SBATCH_CPUS_PER_GPU: "3" },
};
const MEMORY = { SBATCH_MEM_PER_CPU: "1", SBATCH_MEM_PER_GPU: "1", SBATCH_MEM: "1" };
const GPUS = { SBATCH_GRES: "gpu:1", SBATCH_GPUS: "1", SBATCH_GPUS_PER_NODE: "1" };
const ALL = { ...ENCLOSING, ...ACCESS, ...OTHERS, ...DEFAULTS, ...RESERVED, ...MEMORY, ...GPUS };

Deno.test("cleanEnv() keeps no variable of an enclosing job", () => {
  assertEquals(cleanEnv(ALL), { ...ACCESS, ...OTHERS });
});

Deno.test("sbatchDefaults() keeps the defaults of options that the job does not set", async (t) => {
  const cases: [args: string[], expected: Record<string, string>][] = [
    [["--parsable", "--job-name=--mem"], { ...DEFAULTS, ...MEMORY, ...GPUS }],
    [["--mem=3G"], { ...DEFAULTS, ...GPUS }],
    [["--mem-per-cpu=3G"], { ...DEFAULTS, ...GPUS }],
    [["--gres=gpu:2"], { ...DEFAULTS, ...MEMORY }],
    [["--gpus-per-task=2", "--mem=1"], DEFAULTS],
  ];
  for (const [args, expected] of cases) {
    await t.step(args.join(" "), () => assertEquals(sbatchDefaults(ALL, args), expected));
  }
});
