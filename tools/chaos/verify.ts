/**
 * Checks the files of a job for lost, duplicate and torn lines.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { tryJson } from "../../lib/util/try_json.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { STORE } from "../../lib/job_dir/layout.ts";
import { JournalReader } from "../../lib/journal/reader.ts";
import { parseEvents } from "../../lib/journal/scan.ts";

/**
 * Returns the number of tasks that have a result in the journal, which may end in the middle of a
 * line.
 */
export function countEnded(cwd: string): number {
  const folder = jobFolder(cwd);
  if (folder === undefined) return 0;
  const { text } = readJournal(folder);
  return parseEvents(text).filter(({ type }) => type === "succeeded").length;
}

/** Returns the problems in the files of an ended job; empty when there are none. */
export function verify(cwd: string, tasks: number): string[] {
  const folder = jobFolder(cwd);
  if (folder === undefined) return ["there is no job"];
  const list = readIfThere(`${folder}/tasks.ndjson`), logs = readIfThere(`${folder}/logs.ndjson`);
  const results = readIfThere(`${cwd}/out.ndjson`);
  const journal = readJournal(folder);
  return [
    ...journal.wrong,
    ...torn("list", list),
    ...torn("log", logs),
    ...torn("results", results),
    ...wrongEvents(journal.text, tasks),
    ...wrongCount("list", wholeLines(list), tasks),
    ...wrongResults(wholeLines(results), tasks),
  ];
}

function torn(name: string, text: string): string[] {
  const broken = wholeLines(text).filter((line) => tryJson(line) === undefined).length;
  const findings = broken > 0 ? [`${broken} lines of the ${name} are not JSON`] : [];
  const isTorn = text !== "" && !text.endsWith("\n");
  return isTorn ? [`the last line of the ${name} is torn`, ...findings] : findings;
}

function wrongEvents(journal: string, tasks: number): string[] {
  const finals = new Map<number, number>();
  for (const { id, type } of parseEvents(journal)) {
    if (type === "succeeded" || type === "failed") finals.set(id, (finals.get(id) ?? 0) + 1);
  }
  const many = [...finals.values()].filter((count) => count > 1).length;
  const findings = many > 0 ? [`${many} tasks have several final events`] : [];
  return finals.size === tasks ? findings : [`${finals.size} tasks have ended`, ...findings];
}

function wrongCount(name: string, lines: readonly string[], tasks: number): string[] {
  return lines.length === tasks ? [] : [`the ${name} has ${lines.length} lines`];
}

function wrongResults(lines: readonly string[], tasks: number): string[] {
  const expected = new Set(Array.from({ length: tasks }, (_, x) => String(x * x)));
  const missing = expected.difference(new Set(lines)).size;
  const findings = missing > 0 ? [`${missing} results are missing`] : [];
  return [...wrongCount("results", lines, tasks), ...findings];
}

/** Returns the events of a journal, and its damage. */
function readJournal(folder: string): { text: string; wrong: string[] } {
  const reader = new JournalReader(`${folder}/events.ndjson`);
  const text = Array.from(reader.all(), (part) => new TextDecoder().decode(part)).join("");
  const parts = [...reader.damages, ...reader.tail ? [reader.tail] : []];
  return { text, wrong: parts.map(({ at }) => `the journal is damaged or torn at byte ${at}`) };
}

function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function jobFolder(cwd: string): string | undefined {
  const [id] = listJobs(cwd);
  return id && `${cwd}/${STORE}/${id}`;
}
