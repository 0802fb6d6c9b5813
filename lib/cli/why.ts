/**
 * The `why` command: tells the history of a task.
 *
 * @module
 */

import { argsOfTask } from "../job/inspect/job_failures.ts";
import { taskHistory } from "../job/inspect/why.ts";
import { assertJournal } from "../job_dir/health.ts";
import { holderOf } from "../job_dir/lock.ts";
import { readRecord } from "../job_dir/record.ts";
import { cutText } from "../terminal/text_width.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { WhyJson } from "./json_types.ts";
import { folderOf, JOB_NAMES, JSON_FLAG, print } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs why`. */
export const whyCommand: Command = {
  name: "why",
  usage: "why [JOB] TASK [options]",
  doc: `${SUMMARIES.why} ${JOB_NAMES}`,
  examples: ["dl_jobs why 17", "dl_jobs why 20261123T062803 17"],
  options: [JSON_FLAG],
  run: runWhy,
};

const MOST_ARGS = 200;

async function runWhy({ positional, flags }: Call): Promise<number> {
  const [called, text] = positional.length > 1 ? positional : ["last", positional[0]];
  if (text === undefined || !/^\d{1,15}$/.test(text) || positional.length > 2) {
    throw new UsageError(
      "Cannot tell why: write the number of a task, such as dl_jobs why last 17",
    );
  }
  const folder = folderOf(called), record = readRecord(folder), task = Number(text);
  const isRunning = holderOf(folder) !== undefined;
  assertJournal(folder, record);
  const args = await argsOfTask(folder, task);
  const { place, sentences: history } = await taskHistory(folder, record, task, isRunning);
  if (flags.json) await printJson<WhyJson>({ job: record.id, task, place, args, history });
  else {
    const replay = `dl_jobs replay ${record.id} ${task} runs it in this terminal.`;
    const lines = [
      `Task ${task}${place === undefined ? "" : ` (${place})`} has the arguments ` +
      cutText(args, MOST_ARGS),
      ...history,
      replay,
    ];
    await print(lines.map((line) => `${line}\n`).join(""));
  }
  return EXIT.done.status;
}
