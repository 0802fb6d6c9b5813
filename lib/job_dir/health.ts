/**
 * Finds damage in the files of a job.
 *
 * @module
 */

import type { Damage } from "../journal/frames.ts";
import { JournalReader } from "../journal/reader.ts";
import type { JournalState } from "../journal/state.ts";
import { withFacts } from "../util/errors.ts";
import { statIfThere } from "../util/files/fs.ts";
import { counted } from "../util/text/counted.ts";
import { jobFiles } from "./layout.ts";
import { readList } from "./list_file.ts";
import { holderOf } from "./lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "./record.ts";
import type { KnownJournal } from "./state.ts";

/** The damage of one file of a job. */
export interface FileDamage {
  /** The name of the file in the job's folder. */
  readonly file: string;
  /** The damaged parts of the file. */
  readonly parts: readonly Damage[];
  /** The ids of the affected tasks, as ranges from the first id to the last. */
  readonly tasks: readonly (readonly [first: number, last: number])[];
  /** The counts of the events that are believed; only for the journal. */
  readonly counts?: JobCounts | undefined;
}

/**
 * Checks the journal of a job: its checksums, and the counts of a job that has ended.
 *
 * @returns the damage, with the tasks that are not recorded as ended; `undefined` for a sound
 * journal.
 * @throws {Error} when this version cannot read the journal, or it belongs to another job.
 */
export function checkJournal(folder: string, record: JobRecord): FileDamage | undefined {
  return inspectJournal(folder, record).damage;
}

/** A journal that has been read and checked. */
export interface InspectedJournal extends KnownJournal {
  /** The damage; `undefined` for a sound journal. */
  readonly damage: FileDamage | undefined;
}

/**
 * Reads and checks the journal of a job as {@linkcode checkJournal}, and also returns what it read.
 *
 * @throws {Error} when this version cannot read the journal, or it belongs to another job.
 */
export function inspectJournal(folder: string, record: JobRecord): InspectedJournal {
  const holder = holderOf(folder), isRunning = holder !== undefined;
  const reader = new JournalReader(jobFiles(folder).events, record.id), states = reader.states();
  // The last frame of a running job may be incomplete, whatever its events look like.
  const parts = reader.damages.filter(({ at, bytes }) => !isRunning || at + bytes < reader.size);
  if (!isRunning && record.counts && parts.length === 0 && isShort(states, record)) {
    parts.push(reader.tail ?? { at: reader.size, bytes: 0 });
  }
  const damage = parts.length > 0 ? journalDamage(parts, states, record) : undefined;
  return { holder, states, damage };
}

function journalDamage(
  parts: readonly Damage[],
  states: JournalState,
  record: JobRecord,
): FileDamage {
  const total = record.counts?.total ?? record.length ?? states.end;
  const { succeeded, failed } = states, counts = { total, succeeded, failed };
  return { file: "events.ndjson", parts, tasks: openRanges(states, total), counts };
}

/** Returns true when a journal has other counts than the record of its ended job. */
function isShort({ succeeded, failed, end }: JournalState, { counts }: JobRecord): boolean {
  return counts!.succeeded !== succeeded || counts!.failed !== failed || end > counts!.total;
}

/**
 * Checks the copy of a job's list.
 *
 * @returns the damage, with the tasks whose lines cannot be believed; `undefined` for a sound list.
 */
export async function checkList(
  folder: string,
  record: JobRecord,
): Promise<FileDamage | undefined> {
  const parts: Damage[] = [], tasks: [number, number][] = [];
  let count = 0;
  for await (const chunk of readList(folder, record)) {
    // A killed writer leaves an incomplete chunk, which is not recorded as read.
    if (!record.isRead && chunk.length < chunk.size) continue;
    count = chunk.id + chunk.count;
    if (chunk.isSound) continue;
    parts.push({ at: chunk.at, bytes: chunk.length });
    tasks.push([chunk.id, Math.max(chunk.id, count - 1)]);
  }
  const total = expectedTasks(folder, record);
  if (count < total) {
    parts.push({ at: statIfThere(jobFiles(folder).tasks)?.size ?? 0, bytes: 0 });
    tasks.push([count, total - 1]);
  }
  return parts.length > 0 ? { file: "tasks.ndjson", parts, tasks: joinRanges(tasks) } : undefined;
}

/**
 * Refuses to read a damaged journal.
 *
 * @throws {Error} when the journal of the job is damaged.
 */
export function assertJournal(folder: string, record = readRecord(folder)): void {
  const damage = checkJournal(folder, record);
  if (!damage) return;
  throw isDamaged(
    record,
    `Cannot read job ${record.id}: ${damageText(damage)}; run dl_jobs resume ${record.id} to run ` +
      "these tasks again",
  );
}

/**
 * Refuses to read the damaged copy of a list.
 *
 * @throws {Error} when the copy of the job's list is damaged.
 */
export async function assertList(folder: string, record = readRecord(folder)): Promise<void> {
  const damage = await checkList(folder, record);
  if (!damage) return;
  throw isDamaged(
    record,
    `Cannot read the list of job ${record.id}: ${damageText(damage)}; run dl_jobs resume ` +
      `${record.id} to read it again from its source`,
  );
}

function isDamaged({ id }: JobRecord, message: string): Error {
  return withFacts(new Error(message), { code: "job_damaged", next: `dl_jobs resume ${id}` });
}

/** The smallest number of tasks that the copy of a list must have. */
function expectedTasks(folder: string, { counts, isRead, length }: JobRecord): number {
  if (holderOf(folder) !== undefined) return 0;
  return Math.max(counts?.total ?? 0, isRead ? length ?? 0 : 0);
}

/**
 * Describes damage for an error message, such as `events.ndjson is damaged at byte 8192 (2 tasks:
 * 7 to 8)`.
 */
export function damageText({ file, parts, tasks }: FileDamage): string {
  const [{ at, bytes } = { at: 0, bytes: 0 }] = parts;
  const more = parts.length > 1 ? ` and ${parts.length - 1} more places` : "";
  const how = bytes > 0 ? "is damaged" : "lacks data";
  return `${file} ${how} at byte ${at}${more} (${tasksText(tasks)})`;
}

const MAX_RANGES = 5;

function tasksText(tasks: FileDamage["tasks"]): string {
  const count = tasks.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (count === 0) return "no task is affected";
  const ranges = tasks.slice(0, MAX_RANGES)
    .map(([first, last]) => first === last ? `${first}` : `${first} to ${last}`);
  const more = tasks.length > MAX_RANGES ? ", ..." : "";
  return `${counted(count, "task")}: ${ranges.join(", ")}${more}`;
}

function openRanges(state: JournalState, total: number): [number, number][] {
  const ranges: [number, number][] = [];
  // A list of the single tasks would need more memory than there is.
  let first = 0;
  for (let id = 0; id <= total; id++) {
    if (id < total && state.of(id) === "open") continue;
    if (id > first) ranges.push([first, id - 1]);
    first = id + 1;
  }
  return ranges;
}

function joinRanges(ranges: readonly [number, number][]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [first, last] of ranges) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}
