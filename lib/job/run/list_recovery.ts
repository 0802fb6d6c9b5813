/**
 * Recovers the copy of a job's list: removes an incomplete end, and reads damaged lines again from
 * their source.
 *
 * @module
 */

import { checkList, damageText, type FileDamage } from "../../job_dir/health.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import {
  addSums,
  type CheckedChunk,
  hasSums,
  ListFile,
  readList,
} from "../../job_dir/list_file.ts";
import { cutTornLine, keepCopy } from "../../journal/repair.ts";
import { CheckedList } from "../../tasks/checked_list.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { type TaskList, toTasks } from "../../tasks/source.ts";
import { crc32 } from "../../util/bytes/crc32.ts";
import { exists, makePrivateFolder, PRIVATE_FILE } from "../../util/files/fs.ts";
import { GrowingFile } from "../../util/files/growing_file.ts";
import { cutList } from "../list/cut_source.ts";
import { reopenList } from "../list/list_source.ts";
import type { RunPlan } from "../plan/plan.ts";
import { partAgain } from "../schema/checked_part.ts";

/**
 * Recovers the copy of a list.
 *
 * @param plan the plan of a resumed job
 * @param end the id after the last task whose end is in the journal
 * @returns the number of tasks in the copy.
 * @throws {Error} when lines are damaged and their source cannot be read again.
 */
export async function recoverList(plan: RunPlan, end: number): Promise<number> {
  const { folder, record } = plan;
  if (record.format === undefined) await convert(folder, record.id);
  const part = await soundPart(plan);
  const least = Math.max(end, record.isRead ? record.length ?? 0 : 0);
  const isLong = part.count >= least;
  if (isLong && (part.rest.length === 0 || isTorn(plan, part))) {
    cut(folder, part);
    return part.count;
  }
  return await restore(plan, part, least);
}

/** The chunks at the start of a list that are sound, and all chunks after them. */
interface SoundPart {
  /** The number of tasks. */
  readonly count: number;
  /** The number of bytes. */
  readonly bytes: number;
  /** The number of chunks. */
  readonly chunks: number;
  /** The other chunks. */
  readonly rest: readonly CheckedChunk[];
}

async function soundPart({ folder, record: { id } }: RunPlan): Promise<SoundPart> {
  let count = 0, bytes = 0, chunks = 0;
  const rest: CheckedChunk[] = [];
  for await (const chunk of readList(folder, { id, format: 3 })) {
    if (!chunk.isSound || rest.length > 0) rest.push({ ...chunk, bytes: new Uint8Array(0) });
    else {
      count += chunk.count;
      bytes += chunk.length;
      chunks++;
    }
  }
  return { count, bytes, chunks, rest };
}

/**
 * Returns true when only the last chunk is incomplete, because the writer was killed. A last chunk
 * that is complete and wrong is damaged, but is read again in the same way if that is possible.
 */
function isTorn({ record, list }: RunPlan, { rest: [last, ...more] }: SoundPart): boolean {
  if (record.isRead || !last || more.length > 0) return false;
  return list !== undefined || last.length < last.size;
}

/**
 * Removes everything after the sound chunks, such as a checksum that was not written to its end. A
 * crash after the first step leaves a list that is torn in the same way.
 */
function cut(folder: string, { bytes, chunks }: SoundPart): void {
  const { tasks, sums } = jobFiles(folder);
  truncate(tasks, bytes);
  const lines = new GrowingFile(sums).lines().take(chunks);
  truncate(sums, lines.reduce((size, line) => size + line.length + 1, 0));
}

function truncate(path: string, size: number): void {
  if (exists(path) && Deno.statSync(path).size > size) Deno.truncateSync(path, size);
}

async function convert(folder: string, job: string): Promise<void> {
  cutTornLine(jobFiles(folder).tasks);
  await addSums(folder, job);
}

/** Reads the list again from its source. The damaged copy is kept aside. */
async function restore(plan: RunPlan, part: SoundPart, least: number): Promise<number> {
  const { folder, record, reporter } = plan, { tasks, sums } = jobFiles(folder);
  const damage = await checkList(folder, { ...record, format: 3 }) ??
    {
      file: "tasks.ndjson",
      parts: [{ at: part.bytes, bytes: 0 }],
      tasks: [[part.count, least - 1]],
    };
  const list = await sourceOf(plan, damage);
  const aside = `${folder}/list.new`;
  try {
    const limit = Math.max(least, knownTasks(plan, part));
    const count = await copyList(aside, record.id, list, limit);
    const copy = jobFiles(aside);
    // Damage of the checksums alone leaves a list that is still equal to its source.
    const isSame = hasSums(copy.tasks, sums, record.id) || isEqual(copy.tasks, tasks);
    if (count < least || !isSame) throw cannotRestore(plan, damage);
    const kept = exists(tasks) ? keepCopy(tasks) : undefined;
    Deno.renameSync(copy.sums, sums);
    Deno.renameSync(copy.tasks, tasks);
    const where = kept ? `, and ${kept} is a copy of the damaged file` : "";
    reporter.warn(
      `Warning: ${damageText(damage)}: the list was read again from its source${where}`,
    );
    return count;
  } finally {
    // It may not have been created, whose reason matters more.
    await Deno.remove(aside, { recursive: true }).catch(() => {});
  }
}

/** The number of tasks to read again: those that were read, or all when that is unknown. */
function knownTasks({ record }: RunPlan, { count, rest }: SoundPart): number {
  const isKnown = rest.every((chunk) => chunk.count > 0);
  if (record.isRead || !isKnown) return Infinity;
  return rest.reduce((sum, chunk) => sum + chunk.count, count);
}

async function copyList(
  folder: string,
  job: string,
  list: TaskList,
  limit: number,
): Promise<number> {
  makePrivateFolder(folder);
  for (const path of [jobFiles(folder).tasks, jobFiles(folder).sums]) {
    Deno.writeTextFileSync(path, "", { mode: PRIVATE_FILE });
  }
  using file = new ListFile(folder, job);
  let id = 0;
  for await (const batch of toTasks(list)) {
    const { count, bytes } = batch.slice(0, Math.min(batch.count, limit - id));
    if (count > 0) file.append({ id, count, bytes });
    id += count;
    if (id >= limit) break;
  }
  file.sync();
  return id;
}

function isEqual(a: string, b: string): boolean {
  return exists(b) && fileSum(a) === fileSum(b);
}

/** Returns the size and the checksum of a file. */
function fileSum(path: string): string {
  const file = new GrowingFile(path);
  let sum = 0;
  const add = (bytes: Uint8Array) => {
    sum = crc32(bytes, sum);
    return bytes.length;
  };
  while (file.next(add));
  return `${file.at} ${sum}`;
}

async function sourceOf(plan: RunPlan, damage: FileDamage): Promise<TaskList> {
  let cause: unknown;
  try {
    const { folder, record, settings, reporter } = plan,
      warn = (text: string) => reporter.warn(text);
    const whole = plan.list ?? await reopenList(record);
    if (whole instanceof CutList || whole instanceof CheckedList) return whole;
    if (whole !== undefined) {
      const options = { settings, warn, signal: plan.stop };
      return await partAgain(await cutList(whole, record.cuts, options), folder, record, options);
    }
  } catch (error) {
    cause = error;
  }
  throw cannotRestore(plan, damage, cause);
}

function cannotRestore({ record: { id } }: RunPlan, damage: FileDamage, cause?: unknown): Error {
  const why = cause instanceof Error ? ` (${cause.message})` : "";
  return new Error(
    `Cannot resume job ${id}: ${damageText(damage)}, and the source of the list is gone or has ` +
      `changed${why}; restore the file or the source, or start a new job with --reuse`,
    { cause },
  );
}
