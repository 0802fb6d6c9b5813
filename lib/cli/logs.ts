/**
 * The `logs` command: shows the output of the tasks of a job.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import type { LogLine } from "../journal/format.ts";
import { logLineText } from "../journal/log_text.ts";
import { GrowingFile } from "../util/growing_file.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";

/** The command `dl_jobs logs`. */
export const logsCommand: Command = {
  name: "logs",
  usage: "logs [JOB] [options]",
  doc: `Show what the tasks of a job printed. ${JOB_NAMES}`,
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
  config: false,
  run: runLogs,
};

/** The pause between two reads of a growing log, in milliseconds. */
const POLL_MS = 100;

async function runLogs(call: Call): Promise<number> {
  const { flags } = call;
  const folder = jobOf(call);
  const { logsOf } = await import("../job/history.ts");
  const file = new GrowingFile(jobFiles(folder).logs);
  for (let isLast = false; !isLast;) {
    // Check the lock before the read, so that the last read includes every line of an ended job.
    isLast = !flags.follow || holderOf(folder) === undefined;
    for await (const line of logsOf(folder, file)) {
      if (flags.task === null || line.id === flags.task) {
        await print(lineText(line, flags.json === true));
      }
    }
    if (!isLast) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return EXIT.done.status;
}

function lineText(line: LogLine, isJson: boolean): string {
  if (isJson) return JSON.stringify(line) + "\n";
  return logLineText(line).split("\n").map((text) => `${line.id}: ${text}\n`).join("");
}
