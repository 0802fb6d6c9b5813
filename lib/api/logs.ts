import { INSPECT } from "../job/format.ts";
import { logsOf } from "../job/history.ts";
import { jobFiles } from "../job_dir/layout.ts";
import type { LogLine } from "../journal/format.ts";
import { exists } from "../util/fs.ts";

const SHOWN = 20, GLANCE_BYTES = 64 * 1024;

/** What the tasks of a job wrote. Iterate over it; when it is looked at, it shows the last lines. */
export class Logs implements AsyncIterable<LogLine> {
  /** The logs of the job in a folder. */
  constructor(readonly folder: string) {}

  /** Each line that is there now. */
  [Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    return logsOf(this.folder);
  }

  /** @ignore */
  [INSPECT](): string {
    const lines = lastLines(jobFiles(this.folder).logs).map(logText);
    return lines.length > 0 ? lines.join("\n") : "The tasks wrote nothing";
  }
}

function lastLines(path: string): LogLine[] {
  if (!exists(path)) return [];
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const start = Math.max(0, size - GLANCE_BYTES);
  file.seekSync(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size - start);
  const text = new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  // The first line is whole only at the beginning of the file, the last one when its end is there.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(start > 0 ? 1 : 0, -1);
  return lines.slice(-SHOWN).map((line) => JSON.parse(line));
}

function logText({ id, text }: LogLine): string {
  return text.replace(/\n$/, "").split("\n").map((line) => `${id}: ${line}`).join("\n");
}
