/**
 * All that is known of one task of a job, and what tasks wrote last.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import type { LogLine, TaskEvent } from "../journal/format.ts";
import { readJournal } from "../journal/reader.ts";
import { parseEvents, scanEvents } from "../journal/scan.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import { readBlocks } from "../ndjson/mod.ts";
import { exists } from "../util/fs.ts";
import type { TaskDetails } from "./protocol.ts";

const MOST_LINES = 1000;
const MOST_ARGS = 100_000;
const LAST_BYTES = 512 * 1024;

/** All that is known of one task. */
export async function detailsOf(folder: string, id: number): Promise<TaskDetails> {
  const [{ [id]: args }, events, logs] = await Promise.all([
    argsOf(folder, [id], MOST_ARGS),
    eventsOf(folder, id),
    logsOfTask(folder, id),
  ]);
  return { id, ...(args === undefined ? {} : { args }), events, logs };
}

/** The arguments of those tasks that have been read, as JSON that is cut off where it is longer. */
export async function argsOf(
  folder: string,
  ids: Iterable<number>,
  letters: number,
): Promise<Record<number, string>> {
  const path = jobFiles(folder).tasks;
  if (!exists(path)) return {};
  using lines = await LineIndex.open(path);
  const known = [...ids].filter((id) => id < lines.count);
  return Object.fromEntries(known.map((id) => {
    const text = new TextDecoder().decode(lines.at(id));
    return [id, text.length > letters ? `${text.slice(0, letters)}...` : text];
  }));
}

/** What tasks wrote last. */
export async function lastLogs(folder: string): Promise<LogLine[]> {
  const path = jobFiles(folder).logs;
  if (!exists(path)) return [];
  using file = await Deno.open(path);
  const start = Math.max(0, file.statSync().size - LAST_BYTES);
  await file.seek(start, Deno.SeekMode.Start);
  const text = await new Response(file.readable).text();
  // A part of a line stands at the start, and perhaps at the end.
  const lines = text.split("\n").slice(start > 0 ? 1 : 0, -1);
  return lines.slice(-MOST_LINES).map((line) => JSON.parse(line));
}

async function eventsOf(folder: string, id: number): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const block of readJournal(jobFiles(folder).events)) {
    scanEvents(block, {
      run: (head, start, _results, end) => {
        if (id < head.id || id >= head.id + head.count) return;
        const all = parseEvents(new TextDecoder().decode(block.subarray(start, end)));
        events.push(all[id - head.id]!);
      },
      success: (found, start, _result, end) => {
        if (found === id) add(block, start, end);
      },
      other: (start, end) => add(block, start, end),
    });
  }
  return events;

  function add(block: Uint8Array, start: number, end: number): void {
    const text = new TextDecoder().decode(block.subarray(start, end + 1));
    if (text.startsWith(`{"id":${id},`)) events.push(...parseEvents(text));
  }
}

async function logsOfTask(folder: string, id: number): Promise<LogLine[]> {
  const path = jobFiles(folder).logs, lines: LogLine[] = [];
  if (!exists(path)) return lines;
  for await (const block of readBlocks(path, { torn: "drop" })) {
    const all = new TextDecoder().decode(block).split("\n");
    const own = all.filter((line) => line.startsWith(`{"id":${id},`));
    lines.push(...own.map((line) => JSON.parse(line)));
    if (lines.length > MOST_LINES) break;
  }
  return lines.slice(0, MOST_LINES);
}
