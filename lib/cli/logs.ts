/**
 * The `logs` command: shows the output of the tasks of a job.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import type { LogLine } from "../journal/format.ts";
import { LogJoiner } from "../journal/log_joiner.ts";
import { logLineText, shownLogText } from "../journal/log_text.ts";
import { delay } from "../util/time/delay.ts";
import { logTime } from "../util/time/duration.ts";
import { GrowingFile } from "../util/files/growing_file.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { jsonList, printJson, printJsonField } from "./json_output.ts";
import type { LogsJson } from "./json_types.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print, printAll } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs logs`. */
export const logsCommand: Command = {
  name: "logs",
  usage: "logs [JOB] [options]",
  doc: `${SUMMARIES.logs} ${JOB_NAMES}`,
  options: [
    {
      name: "task",
      type: "integer",
      default: null,
      min: 0,
      doc: "Show the lines of this task only.",
      example: "7",
    },
    {
      name: "follow",
      short: "f",
      type: "boolean",
      default: false,
      doc: "Keep showing new lines until the job ends.",
    },
    JSON_FLAG,
  ],
  examples: ["dl_jobs logs", "dl_jobs logs last --task 17", "dl_jobs logs -f"],
  run: runLogs,
};

/** The pause between two reads of a growing log, in milliseconds. */
const POLL_MS = 100;

async function runLogs(call: Call): Promise<number> {
  const { flags } = call;
  const folder = jobOf(call);
  const [{ logsOf }, { argsOfTask }] = await Promise.all([
    import("../job/inspect/history.ts"),
    import("../job/inspect/job_failures.ts"),
  ]);
  const isGrowing = flags.follow && holderOf(folder) !== undefined;
  // The list of a running job may not have been read up to the task.
  if (typeof flags.task === "number" && !isGrowing) await argsOfTask(folder, flags.task);
  const file = new GrowingFile(jobFiles(folder).logs), joiner = new LogJoiner();
  for (let isLast = false; !isLast;) {
    // Check the lock before the read, so that the last read includes every line of an ended job.
    isLast = !flags.follow || holderOf(folder) === undefined;
    await printLines(linesOf(logsOf(folder, file), flags.task), flags, joiner);
    if (!isLast) await delay(POLL_MS);
  }
  if (!flags.json) { for (const line of joiner.takeRest()) await print(lineText(line)); }
  return EXIT.done.status;
}

type LogLines = AsyncIterable<LogLine>;

/** Prints the lines of one read. */
async function printLines(
  lines: LogLines,
  { json, follow }: Call["flags"],
  joiner: LogJoiner,
): Promise<void> {
  if (!json) {
    await printAll(wholeLines(lines, joiner));
  } else if (follow) await printPart(await Array.fromAsync(lines));
  else await printJsonField("lines", jsonList(textsOf(lines)));
}

/** Yields the text of the lines that are complete. */
async function* wholeLines(lines: LogLines, joiner: LogJoiner): AsyncGenerator<string> {
  // To ask for each line would take a sixth of the time.
  const isTerminal = Deno.stdout.isTerminal();
  for await (const piece of lines) {
    for (const line of joiner.add(piece)) yield lineText(line, isTerminal);
  }
}

async function printPart(lines: readonly LogLine[]): Promise<void> {
  if (lines.length > 0) await printJson<LogsJson>({ lines });
}

async function* textsOf(lines: LogLines): AsyncGenerator<string> {
  for await (const line of lines) yield JSON.stringify(line);
}

async function* linesOf(lines: LogLines, task: unknown): AsyncGenerator<LogLine> {
  for await (const line of lines) if (task === null || line.id === task) yield line;
}

function lineText(line: LogLine, isTerminal = Deno.stdout.isTerminal()): string {
  const { id, time } = line, head = time === undefined ? "" : `${logTime(new Date(time))} `;
  // A pipe receives the output of the tasks unchanged.
  const text = isTerminal ? shownLogText(line) : logLineText(line);
  return text.split("\n").map((part) => `${head}${id}: ${part}\n`).join("");
}
