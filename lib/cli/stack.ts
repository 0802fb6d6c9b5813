/**
 * The `stack` command: shows what the running tasks of a job do.
 *
 * @module
 */

import { jobIdOf } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import { readRecord } from "../job_dir/record.ts";
import { askForStacks, type WorkerStack } from "../job_dir/stacks.ts";
import { formatDuration } from "../util/time/duration.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { StackJson } from "./json_types.ts";
import { folderOf, JOB_NAMES, JSON_FLAG, print, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs stack`. */
export const stackCommand: Command = {
  name: "stack",
  usage: "stack [JOB] [TASK] [options]",
  doc: `${SUMMARIES.stack} ${JOB_NAMES}`,
  examples: ["dl_jobs stack", "dl_jobs stack last 17"],
  options: [JSON_FLAG],
  run: runStack,
};

const LIMIT_MS = 20_000;

/** The engines that do not tell which workers run tasks. */
const WITHOUT_STACKS: readonly string[] = ["inline", "slurm", "compute"];

async function runStack({ positional, flags }: Call): Promise<number> {
  const [called = "last", text, extra] = positional;
  if (extra !== undefined || (text !== undefined && !/^\d{1,15}$/.test(text))) {
    throw new UsageError(
      `Cannot use "${extra ?? text}": write a job and the number of a task, such as ` +
        "dl_jobs stack last 17",
    );
  }
  const folder = folderOf(called), id = jobIdOf(folder);
  assertRunning(folder);
  const { engine } = readRecord(folder);
  if (WITHOUT_STACKS.includes(engine)) {
    throw new UsageError(
      `Cannot read the stacks of job ${id}: the engine ${engine} does not know them, see ` +
        "dl_jobs status for what tasks have reported",
    );
  }
  const found = await askForStacks(folder, LIMIT_MS);
  if (!found) {
    throw new Error(
      `Cannot read the stacks of job ${id}: its process did not answer within ` +
        formatDuration(LIMIT_MS),
    );
  }
  const shown = found.filter(({ tasks }) =>
    text === undefined || tasks.some((task) => task.id === Number(text))
  );
  if (flags.json) await printJson<StackJson>({ job: id, workers: shown });
  else if (shown.length === 0) {
    say(`Job ${id} does not run ${text ? `task ${text}` : "a task"} now`);
  } else await print(`${shown.map(stackText).join("\n\n")}\n`);
  return EXIT.done.status;
}

function assertRunning(folder: string): void {
  if (holderOf(folder)) return;
  throw new UsageError(
    `Cannot read the stacks of job ${jobIdOf(folder)}: no process runs it, see dl_jobs errors ` +
      "for what its late tasks did",
  );
}

function stackText({ worker, pid, tasks, text }: WorkerStack): string {
  const names = tasks.map(({ id, since }) =>
    `task ${id} for ${formatDuration(Date.now() - since)}`
  );
  const process = pid === undefined ? "" : ` (pid ${pid})`;
  const what = text ?? "The engine does not tell what its tasks do";
  return [`${names.join(", ")}, on ${worker}${process}`, ...what.split("\n").map(indent)].join(
    "\n",
  );
}

function indent(line: string): string {
  return `  ${line}`;
}
