/**
 * The `logs` command: what the tasks of a job wrote.
 *
 * @module
 */

import { holderOf } from "../job_dir/lock.ts";
import type { LogLine } from "../journal/format.ts";
import type { Call, Command } from "./args.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";

/** `dl_jobs logs`. */
export const logsCommand: Command = {
  name: "logs",
  usage: "logs [JOB] [options]",
  doc: `Show what the tasks of a job wrote. ${JOB_NAMES}`,
  options: [
    { name: "task", type: "integer", default: null, min: 0, doc: "Only this task." },
    { name: "follow", short: "f", type: "boolean", default: false, doc: "Wait for what comes." },
    JSON_FLAG,
  ],
  config: false,
  run: runLogs,
};

const POLL_MS = 100;

async function runLogs(call: Call): Promise<number> {
  const { flags } = call;
  const folder = jobOf(call);
  const { logsOf } = await import("../job/history.ts");
  const place = { at: 0 };
  for (let isLast = false; !isLast;) {
    // Looked at before the reading: what comes after it is read the next time.
    isLast = !flags.follow || holderOf(folder) === undefined;
    for await (const line of logsOf(folder, place)) {
      if (flags.task === null || line.id === flags.task) {
        await print(lineText(line, flags.json === true));
      }
    }
    if (!isLast) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return 0;
}

function lineText(line: LogLine, isJson: boolean): string {
  if (isJson) return JSON.stringify(line) + "\n";
  return line.text.replace(/\n$/, "").split("\n").map((text) => `${line.id}: ${text}\n`).join("");
}
