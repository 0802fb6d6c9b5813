/**
 * A project whose job is started, disturbed and resumed in rounds.
 *
 * @module
 */

import { listJobs } from "../../lib/job_dir/find.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);

/** The way to run a command. */
export interface CommandRun extends Pick<Deno.CommandOptions, "env" | "detached" | "stderr"> {
  /** More flags of a new job. @default {none} */
  readonly flags?: readonly string[];
  /** The words that name the function of a new job. @default {task.ts#square} */
  readonly fn?: readonly string[];
}

/**
 * Returns the files of a project, by their names.
 *
 * @param source the text of a module with the function `square`
 * @param tasks the number of tasks
 * @param module the name of the module
 */
export function projectFiles(
  source: string,
  tasks: number,
  module = "task.ts",
): Record<string, string> {
  const list = Array.from({ length: tasks }, (_, x) => `${x}\n`).join("");
  return { [module]: source, "in.ndjson": list };
}

/** Starts the job of a project. */
export function startJob(
  cwd: string,
  { flags = [], fn = ["task.ts#square"], ...run }: CommandRun,
): Deno.ChildProcess {
  const map = ["map", ...fn, "in.ndjson", "--output", "out.ndjson", "--no-noisy"];
  return dlJobs(cwd, [...map, ...flags], run);
}

/** Resumes the job, or starts a new one when the old one had no folder yet. */
export function resumeJob(cwd: string, run: CommandRun): Deno.ChildProcess {
  return listJobs(cwd).length === 0 ? startJob(cwd, run) : dlJobs(cwd, ["resume"], run);
}

function dlJobs(
  cwd: string,
  args: readonly string[],
  { env = {}, detached = false, stderr = "null" }: CommandRun,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, ...args],
    cwd,
    env,
    detached,
    stdin: "null",
    stdout: "null",
    stderr,
  }).spawn();
}
