/**
 * The words that users in trouble type after `dl_jobs docs`, which the pages do not use.
 *
 * @module
 */

import { type DocPart, plain, rank, stemOf } from "./docs_search.ts";

/** Headings of the documentation, each with the words that it explains. */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  "a task that fails": [
    ...["mend", "fix", "error", "failed", "failure", "exception", "traceback"],
    ...["crash", "crashed", "segfault", "killed", "debug", "dead letter", "dead letter queue"],
    ...["ignore errors", "continue on error", "keep going", "failed job", "failed tasks"],
  ],
  "memory and cpu time": ["out of memory", "oom", "ram", "peak memory", "rss", "memory usage"],
  "more attempts": [
    ...["try again", "retries", "flaky", "exponential backoff", "jitter", "fail fast", "max fails"],
    ...["stop on error", "bail", "max failures", "max errors", "failure budget", "retry policy"],
    ...["attempts", "retry delay", "error strategy"],
  ],
  "stop and resume": [
    ...["restart", "start over", "interrupt", "ctrl c", "abort", "kill", "reboot", "power cut"],
    ...["sigint", "graceful", "graceful shutdown", "shutdown", "crash recovery", "continue a job"],
  ],
  "hangs": ["hang", "hung", "stuck", "freeze", "frozen", "deadlock", "blocked", "timeouts"],
  "slow tasks": [
    "slow",
    "performance",
    "speed",
    "bottleneck",
    "straggler",
    "speculative",
    "hedging",
  ],
  "local": [
    ...["parallel", "parallelism", "threads", "threadpool", "cores", "processes", "chunksize"],
    ...["multithreading", "process pool", "max workers", "n jobs", "batch size"],
  ],
  "rate limits": [
    ...["429", "throttle", "throttling", "too many requests", "delay", "requests per second"],
    ...["adaptive concurrency", "limiter", "interval cap"],
  ],
  "how a function is named": ["import", "module not found", "cannot find module"],
  "what a task may do": ["denied", "permission", "permission denied", "isolation"],
  "secrets": ["password", "api key", "credentials"],
  "environment variables": ["dotenv"],
  "the interpreter": ["conda", "virtualenv", "venv", "poetry"],
  "lists in files": ["encoding", "utf 8", "utf8", "unicode", "input"],
  "csv": ["excel", "spreadsheet", "xlsx", "pandas", "dataframe", "delimiters", "separator"],
  "parameters": [
    ...["product", "cross product", "cartesian", "cartesian product", "sweep", "matrix"],
    ...["expand grid", "cross join"],
  ],
  "a part of a list": [
    ...["dedupe", "deduplicate", "deduplication", "duplicates", "distinct", "filter", "subset"],
    ...["offset", "first n", "random"],
  ],
  "paths": ["wildcard", "globbing", "find files"],
  "placeholders": ["template", "templates", "replacement string", "command template", "basename"],
  "results in files": ["save", "export", "write results", "output file", "output format"],
  "progress and logs": [
    ...["print", "log", "logging", "stderr", "progress bar", "eta", "remaining time", "tqdm"],
    ...["verbose", "silent", "logs per task"],
  ],
  "for programs": ["machine readable", "metrics", "telemetry", "json progress"],
  "container": ["docker", "singularity", "docker image"],
  "comparison with other tools": ["celery", "ray", "bullmq", "parsl"],
  "moving a job": ["migrate", "switch engine", "another machine"],
  "folders that others can write to": ["multi user", "shared machine"],
  "when a job ends": [
    ...["notification", "alert", "email", "mail", "slack", "webhook", "callback", "hook", "hooks"],
    ...["on complete", "on success", "on failure", "tell me", "discord", "telegram"],
  ],
  "the page in a browser": ["dashboard", "web ui", "gui", "monitor", "monitoring"],
  "setup, context and checkpoints": [
    ...["model", "load once", "initialize", "initializer", "worker init", "warm up"],
  ],
  "checkpoints": ["checkpointing", "heartbeat details"],
  "when something dies": ["preempt", "preemption", "preemptible", "requeue"],
  "damage": ["corrupt", "corrupted", "corruption"],
  "exit status": ["exit code", "return code"],
  "without a terminal": [
    ...["cron", "crontab", "systemd", "ci", "service", "unattended", "overlap", "no overlap"],
    ...["only one instance", "single instance"],
  ],
  "old jobs": ["disk space", "clean up", "cleanup", "delete", "purge", "prune", "retention"],
  "results of earlier jobs": [
    ...["cache", "skip done", "memoize", "memoization", "incremental", "already done"],
  ],
  "changing a job while it runs": ["autoscale", "scale up", "more workers", "suspend"],
  "a canary before a long job": ["estimate", "trial run", "smoke test"],
  "order and priority": [
    ...["priority", "priorities", "fifo", "lifo", "reorder", "queue order", "sort", "urgent"],
  ],
  "jobs that depend on others": [
    ...[
      "dependency",
      "dependencies",
      "depends on",
      "dag",
      "pipeline",
      "chain",
      "workflow",
      "steps",
    ],
    ...["task graph", "after", "then", "multi step", "flow", "airflow", "snakemake", "nextflow"],
    ...["luigi", "wait for"],
  ],
  "tasks whose output exists": [
    ...["skip existing", "skip if exists", "if not exists", "atomic", "atomic output", "overwrite"],
    ...["partial output", "up to date"],
  ],
  "one at a time for each key": [
    ...["mutex", "semaphore", "concurrency per key", "group concurrency", "per key", "keyed"],
    ...["flock", "exclusive", "limit per host", "limit per key", "sem"],
  ],
  "a time limit for the whole job": [
    ...["total timeout", "deadline", "global timeout", "max runtime", "total time", "job timeout"],
    ...["time budget", "walltime"],
  ],
  "nights, load and nice": [
    ...["schedule", "at night", "office hours", "time of day", "load average"],
    ...[
      "load",
      "memfree",
      "renice",
      "nice",
      "ionice",
      "affinity",
      "pin",
      "numa",
      "taskset",
      "cpu load",
    ],
    ...["memory pressure", "priority of processes", "low priority", "schedules"],
  ],
  "jobs in the background": [
    ...["nohup", "daemon", "detach", "attach", "tmux", "screen", "background", "disown", "hangup"],
    ...["foreground", "sighup", "pueue", "task spooler"],
  ],
  "lists that grow": [
    ...["watch folder", "watch a folder", "tail f", "inotify", "endless", "infinite", "append"],
    ...["streaming", "add tasks", "queue", "unbounded", "dynamic", "spawn tasks", "kafka", "sqs"],
    ...["redis"],
  ],
  "shards of a list": ["shard", "sharding", "split a list", "array index", "partition the list"],
  "batches of records": ["batching", "batches", "bulk", "group records", "many per call"],
  "several results of a task, or none": [
    ...["flatten", "flatmap", "flat map", "skip result", "filter results", "several rows"],
    ...["no result", "empty result", "multiple results", "explode", "pmapskip"],
  ],
  "pairs of files": [
    ...["fastq", "pairs", "file pairs", "paired", "paired end", "two files", "suffix"],
    ...["remove suffix", "strip extension", "double extension"],
  ],
  "threads of libraries": [
    ...["omp num threads", "openblas", "mkl", "blas", "oversubscription", "blas threads"],
    ...["inner threads", "torch threads", "threads per task"],
  ],
  "several tasks on a gpu": [
    ...["fractional gpu", "gpu sharing", "share gpu", "cuda", "gpu fraction"],
    ...["mps"],
  ],
  "files and variables of a task": [
    ...[
      "working directory",
      "temp dir",
      "temporary directory",
      "output folder",
      "output directory",
    ],
    ...["per task directory", "per task output", "env per task", "workdir"],
  ],
  "errors that are final": [
    ...["permanent", "transient", "unrecoverable", "do not retry", "retry only some errors"],
    ...["permanent error", "non retryable", "retry if", "retry on", "abort error"],
  ],
  "cpu time and cost": ["cost", "billing", "resource usage", "accounting", "price", "usage"],
};

/**
 * Returns the parts of the documentation that explain a user's words, the best one first. A heading
 * that has the words is better than one whose synonyms have another form of them.
 */
export function explainWords(parts: readonly DocPart[], words: readonly string[]): DocPart[] {
  const typed = words.join(" "), ranked = rank(parts, words);
  const partOf = (heading: string | undefined) =>
    parts.find((part) => heading !== undefined && plain(part.heading) === heading);
  const best = partOf(headingOf(typed)) ??
    ranked.find(({ heading }) => plain(heading) === plain(typed)) ?? partOf(headingLike(typed));
  return best ? [best, ...ranked.filter((part) => part !== best)] : ranked;
}

/** Returns the heading that explains a user's words, as {@linkcode plain} spells it. */
export function headingOf(words: string): string | undefined {
  const typed = plain(words);
  return Object.keys(SYNONYMS).find((heading) => SYNONYMS[heading]!.includes(typed));
}

/** Returns the heading that explains another form of a user's words, such as their plural. */
function headingLike(words: string): string | undefined {
  const stem = stemOf(plain(words));
  return Object.keys(SYNONYMS).find((heading) =>
    SYNONYMS[heading]!.some((word) => stemOf(word) === stem)
  );
}
