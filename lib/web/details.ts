/**
 * Reads the details of a task, and the last lines of a job's log.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { readList } from "../job_dir/list_file.ts";
import { lastLogLines, parseLogLine } from "../job_dir/log_lines.ts";
import { readRecord } from "../job_dir/record.ts";
import type { LogLine, TaskEvent } from "../journal/format.ts";
import { LogJoiner } from "../journal/log_joiner.ts";
import { logLineText } from "../journal/log_text.ts";
import { readJournal } from "../journal/reader.ts";
import { parseEvents, scanEvents } from "../journal/scan.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
import { exists } from "../util/files/fs.ts";
import { shorten } from "../util/text/shorten.ts";
import { parseUnchanged } from "../values/exact_json.ts";
import type { LongSuccess, TaskDetails } from "./protocol.ts";

const MAX_LINES = 1000;
// A browser needs many seconds to show a text of megabytes.
const MAX_LETTERS = 100_000;
const LAST_BYTES = 512 * 1024;

/** Reads the arguments, events and logs of one task. Of a long result, they have the start. */
export async function detailsOf(folder: string, id: number): Promise<TaskDetails> {
  const [{ [id]: args }, events, logs] = await Promise.all([
    argsOf(folder, [id], MAX_LETTERS),
    eventsOf(folder, id),
    logsOfTask(folder, id),
  ]);
  return { id, args, events: events.map(shortened), logs };
}

/**
 * Reads the arguments of tasks, as JSON by task id. Leaves out tasks that the job has not read yet,
 * and tasks whose lines are damaged.
 *
 * @param letters the maximum length of a task's JSON, in characters; longer JSON is cut off
 */
export async function argsOf(
  folder: string,
  ids: Iterable<number>,
  letters: number,
): Promise<Record<number, string>> {
  const wanted = [...ids], found: Record<number, string> = {};
  for await (const chunk of readList(folder, readRecord(folder))) {
    const own = wanted.filter((id) => id >= chunk.id && id < chunk.id + chunk.count);
    if (own.length === 0 || !chunk.isSound) continue;
    const lines = argsText(chunk.bytes).split("\n");
    for (const id of own) found[id] = shorten(lines[id - chunk.id]!, letters);
  }
  return found;
}

function shortened(event: TaskEvent): TaskEvent | LongSuccess {
  if (event.type !== "succeeded") return event;
  const { result, ...rest } = event, json = JSON.stringify(result);
  if (json.length <= MAX_LETTERS) return event;
  return { ...rest, start: json.slice(0, MAX_LETTERS), length: json.length };
}

/**
 * Reads the last lines of a job's log: at most 1000, from its last 512 KiB, or from all of it if the
 * lines must contain a text.
 *
 * @param part the text, in upper or lower case. @default {any line}
 */
export async function lastLogs(folder: string, part = ""): Promise<LogLine[]> {
  const path = jobFiles(folder).logs;
  if (!exists(path)) return [];
  if (part !== "") return await linesWith(path, part);
  return joined(lastLogLines(path, LAST_BYTES)).slice(-MAX_LINES);
}

/** Joins the pieces of lines, which a task may write one after the other. */
function joined(pieces: readonly LogLine[]): LogLine[] {
  const joiner = new LogJoiner(), lines = pieces.flatMap((piece) => joiner.add(piece));
  return [...lines, ...joiner.takeRest()];
}

async function linesWith(path: string, part: string): Promise<LogLine[]> {
  const pattern = new RegExp(RegExp.escape(part), "i"), joiner = new LogJoiner();
  // Most lines are not parsed: a text without signs that JSON escapes is in the line as it is.
  const isPlain = !/["\\\p{C}]/u.test(part);
  const mayMatch = (line: string) =>
    !isPlain || joiner.hasOpen || pattern.test(line) || !WHOLE.test(line);
  const matches = (line: LogLine) => pattern.test(logLineText(line));
  let found: LogLine[] = [];
  for await (const block of readBlocks(path, { torn: "drop" })) {
    const own: LogLine[] = [];
    for (const line of new TextDecoder().decode(block).split("\n")) {
      if (!mayMatch(line)) continue;
      own.push(...parseLogLine(line).flatMap((piece) => joiner.add(piece)).filter(matches));
    }
    found = [...found, ...own].slice(-MAX_LINES);
  }
  return [...found, ...joiner.takeRest().filter(matches)].slice(-MAX_LINES);
}

// A line of the file with whole lines of a task: a text of `ctx.log`, or one that ends with a newline.
const WHOLE = /"stream":"log"|(?<!\\)(?:\\\\)*\\n"/;

async function eventsOf(folder: string, id: number): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const chunk of readJournal(jobFiles(folder).events, readRecord(folder).id)) {
    const textOf = (start: number, end: number) =>
      new TextDecoder().decode(chunk.subarray(start, end));
    scanEvents(chunk, {
      block: (head, start, _results, end) => {
        if (id < head.id || id >= head.id + head.count) return;
        events.push(parseEvents(textOf(start, end), parseUnchanged)[id - head.id]!);
      },
      success: (found, start, _result, end) => {
        if (found === id) events.push(...parseEvents(textOf(start, end + 1), parseUnchanged));
      },
      other: (start, end) => {
        const text = textOf(start, end + 1);
        if (text.startsWith(`{"id":${id},`)) events.push(...parseEvents(text));
      },
    });
  }
  return events;
}

async function logsOfTask(folder: string, id: number): Promise<LogLine[]> {
  const path = jobFiles(folder).logs, lines: LogLine[] = [], joiner = new LogJoiner();
  if (!exists(path)) return lines;
  for await (const chunk of readBlocks(path, { torn: "drop" })) {
    const all = new TextDecoder().decode(chunk).split("\n");
    const own = all.filter((line) => line.startsWith(`{"id":${id},`));
    lines.push(...own.flatMap(parseLogLine).flatMap((piece) => joiner.add(piece)));
    if (lines.length > MAX_LINES) break;
  }
  return [...lines, ...joiner.takeRest()].slice(0, MAX_LINES);
}
