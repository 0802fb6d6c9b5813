/**
 * The output that a job's tasks wrote.
 *
 * @module
 */

import { logsOf } from "../job/inspect/history.ts";
import { jobFiles } from "../job_dir/layout.ts";
import { lastLogLines } from "../job_dir/log_lines.ts";
import type { LogLine } from "../journal/format.ts";
import { shownLogText } from "../journal/log_text.ts";
import { escapeControls } from "../terminal/escape.ts";
import { parseJson } from "../util/parse_json.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";

const MAX_LINES = 20, MAX_BYTES = 64 * 1024;

/**
 * The output that a job's tasks wrote to stdout and stderr. Iterate over this object to read all
 * lines. A session displays the last 20 lines.
 */
export class Logs implements AsyncIterable<LogLine> {
  /**
   * Creates an object that reads the logs of the job in a folder.
   *
   * @param folder the job's folder.
   */
  constructor(readonly folder: string) {}

  /**
   * Iterates over the lines recorded so far, without waiting for more.
   *
   * @returns the lines, in the order in which they were recorded.
   */
  [Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    return plainLines(logsOf(this.folder));
  }

  /** @ignore */
  [INSPECT](): string {
    const lines = lastLogLines(jobFiles(this.folder).logs, MAX_BYTES).slice(-MAX_LINES).map(
      logText,
    );
    return lines.length > 0 ? escapeControls(lines.join("\n")) : "The tasks wrote nothing";
  }
}

/** Converts fields to plain values. A number in them may be an object with its digits. */
async function* plainLines(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  for await (const line of lines) {
    yield line.fields ? { ...line, fields: parseJson(JSON.stringify(line.fields)) } : line;
  }
}

function logText(line: LogLine): string {
  return shownLogText(line).split("\n").map((text) => `${line.id}: ${text}`).join("\n");
}
