/**
 * The names of options that users know from other tools.
 *
 * @module
 */

import { nearestWord } from "../util/text/nearest.ts";

/** Options, each with the names that it has elsewhere. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  chunk: ["batch_size", "batchsize", "chunk_size"],
  cpus: ["cpu", "cpus_per_task"],
  delimiter: ["sep", "separator", "field_separator"],
  dry_run: ["simulate", "preview"],
  engine: ["backend", "executor", "runner", "scheduler", "platform", "cluster"],
  env: ["environment"],
  errors: ["failed", "failures"],
  follow: ["tail"],
  gpus: ["gpu", "gpus_per_task"],
  halt: [
    ...["fail_fast", "max_failures", "max_fails", "maxfail", "max_errors", "stop_on_error"],
    ...["exitfirst", "bail"],
  ],
  hosts: ["host", "nodes", "machines", "sshlogin"],
  limit: ["head", "max_tasks", "num_tasks"],
  max_attempts: ["retries", "max_retries", "tries", "max_tries", "num_retries"],
  memory: ["ram", "memory_limit", "mem_limit", "max_memory", "mem_per_cpu"],
  name: ["job_name", "jobname", "label", "title"],
  notify: ["mail", "email", "webhook", "callback"],
  ordered: ["keep_order", "sorted"],
  output: ["out_file", "outfile", "output_file", "out", "outdir"],
  partition: ["queue"],
  quiet: ["silent"],
  rate: ["throttle", "rate_limit", "rps", "qps"],
  seed: ["random_state", "random_seed"],
  shuffle: ["randomize"],
  skip: ["offset", "skiprows"],
  tasks_per_worker: ["max_tasks_per_child", "maxtasksperchild", "max_tasks_per_worker", "recycle"],
  timeout: ["time_limit", "walltime", "max_time", "time"],
  where: ["filter"],
  workers: [
    ...["n_jobs", "njobs", "jobs", "num_jobs", "nworkers", "max_workers", "processes", "procs"],
    ...["nprocs", "n_procs", "num_procs", "max_procs", "num_processes", "cores", "n_cores"],
    ...["threads", "n_threads", "nthreads", "num_threads", "parallel", "pool_size", "ntasks"],
  ],
};

/** Returns the option that is meant by its name in another tool, both in snake_case, or undefined. */
export function meantOption(name: string): string | undefined {
  return Object.keys(OPTIONS).find((own) => OPTIONS[own]!.includes(name.toLowerCase()));
}

/**
 * Returns the option that is meant by a name that no option has: by its name in another tool, or by
 * a similar one.
 *
 * @param name the name, in snake_case, camelCase or with dashes
 * @param known the options that may be meant, in snake_case or camelCase
 */
export async function nearestOption(
  name: string,
  known: readonly string[],
): Promise<string | undefined> {
  const meant = meantOption(snakeCase(name));
  return known.find((one) => snakeCase(one) === meant) ?? await nearestWord(name, known);
}

function snakeCase(name: string): string {
  return name.replaceAll("-", "_").replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();
}
