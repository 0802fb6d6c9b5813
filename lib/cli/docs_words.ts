/**
 * The words that users in trouble type after `dl_jobs docs`, which the pages do not use.
 *
 * @module
 */

import { plain } from "./docs_search.ts";

/** Headings of the documentation, each with the words that it explains. */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  "a task that fails": [
    ...["mend", "fix", "error", "failed", "failure", "exception", "traceback"],
    ...["crash", "crashed", "segfault", "killed", "debug"],
  ],
  "memory and cpu time": ["out of memory", "oom", "ram"],
  "more attempts": ["try again", "retries", "backoff", "flaky"],
  "stop and resume": ["restart", "start over", "interrupt", "ctrl c", "abort", "kill", "reboot"],
  "hangs": ["hang", "hung", "stuck", "freeze", "frozen", "deadlock", "blocked", "timeouts"],
  "slow tasks": ["slow", "performance", "speed", "bottleneck"],
  "local": ["parallel", "parallelism", "threads", "cores", "processes", "multithreading"],
  "rate limits": ["429", "throttle", "throttling", "too many requests"],
  "how a function is named": ["import", "module not found", "cannot find module"],
  "what a task may do": ["denied", "permission", "permission denied"],
  "secrets": ["password", "api key", "credentials"],
  "lists in files": ["encoding", "utf 8", "utf8", "unicode", "input"],
  "csv": ["excel", "spreadsheet", "xlsx", "pandas"],
  "results in files": ["save", "export", "write results", "output file"],
  "progress and logs": ["print", "log", "logging", "stderr", "progress bar"],
  "setup, context and checkpoints": ["model", "load once", "initialize", "initializer"],
  "damage": ["corrupt", "corrupted", "corruption"],
  "exit status": ["exit code", "return code"],
  "without a terminal": ["cron", "crontab", "systemd", "ci", "nohup", "service", "unattended"],
  "old jobs": ["disk space", "clean up", "cleanup", "delete"],
  "results of earlier jobs": ["cache", "skip done"],
};

/** Returns the heading that explains a user's words, as {@linkcode plain} spells it. */
export function headingOf(words: string): string | undefined {
  const typed = plain(words);
  return Object.keys(SYNONYMS).find((heading) => SYNONYMS[heading]!.includes(typed));
}
