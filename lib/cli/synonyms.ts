/**
 * The names of commands and options that users know from other tools.
 *
 * @module
 */

/** Commands, each with the names that it has elsewhere. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  cancel: ["kill", "stop", "abort", "scancel", "terminate"],
  clean: ["gc", "prune", "purge"],
  continue: ["unpause"],
  init: ["new", "create"],
  jobs: ["list", "ls", "ps", "history", "squeue", "sacct"],
  logs: ["tail", "output", "follow"],
  map: ["submit", "exec", "apply", "sbatch", "parallel", "start"],
  repl: ["shell", "console", "notebook"],
  results: ["export", "fetch", "save", "download"],
  retry: ["rerun", "again"],
  resume: ["restart"],
  rm: ["delete", "del", "remove"],
  status: ["show", "info", "describe", "watch", "top", "stat", "progress"],
  ui: ["web", "serve", "server", "dashboard"],
};

/** Options, each with the names that it has elsewhere. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  cpus: ["cpu", "cpus_per_task"],
  delimiter: ["sep", "separator", "field_separator"],
  dry_run: ["simulate", "preview"],
  engine: ["backend", "executor", "runner", "scheduler", "platform", "cluster"],
  env: ["environment"],
  follow: ["tail"],
  gpus: ["gpu", "gpus_per_task"],
  halt: ["fail_fast", "max_failures", "stop_on_error", "exitfirst"],
  hosts: ["host", "nodes", "machines", "sshlogin"],
  limit: ["head", "max_tasks", "num_tasks"],
  max_attempts: ["retries", "max_retries", "tries", "max_tries", "num_retries"],
  memory: ["ram", "memory_limit", "mem_limit", "max_memory", "mem_per_cpu"],
  ordered: ["keep_order", "sorted"],
  output: ["out_file", "outfile", "output_file", "out", "outdir"],
  partition: ["queue"],
  quiet: ["silent"],
  rate: ["throttle", "rate_limit", "rps", "qps"],
  seed: ["random_state", "random_seed"],
  shuffle: ["randomize"],
  skip: ["offset", "skiprows"],
  timeout: ["time_limit", "walltime", "max_time", "time"],
  where: ["filter"],
  workers: [
    ...["n_jobs", "njobs", "jobs", "num_jobs", "nworkers", "max_workers", "processes", "procs"],
    ...["nprocs", "n_procs", "num_procs", "max_procs", "num_processes", "cores", "n_cores"],
    ...["threads", "n_threads", "nthreads", "num_threads", "parallel", "pool_size", "ntasks"],
  ],
};

/** Options of sbatch that the engine slurm passes on. */
const SBATCH = [
  ...["partition", "account", "qos", "constraint", "gres", "nodelist", "reservation", "licenses"],
  ...["mail_user", "mail_type", "clusters", "exclusive"],
];

/** Returns the command that is meant by its name in another tool, or undefined. */
export function meantCommand(name: string): string | undefined {
  return ownName(COMMANDS, name);
}

/** Returns the option that is meant by its name in another tool, both in snake_case, or undefined. */
export function meantOption(name: string): string | undefined {
  return ownName(OPTIONS, name);
}

/** Returns true for a name of an option of sbatch, in snake_case. */
export function isSbatchOption(name: string): boolean {
  return SBATCH.includes(name);
}

function ownName(table: typeof OPTIONS, name: string): string | undefined {
  return Object.keys(table).find((own) => table[own]!.includes(name.toLowerCase()));
}
