/**
 * The part of a list that a resumed job reads.
 *
 * @module
 */

import { type CheckedChunk, readList } from "../../job_dir/list_file.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { type TaskList, toTasks } from "../../tasks/source.ts";
import { defined } from "../../util/defined.ts";
import { UsageError } from "../../util/errors.ts";
import { partAgain } from "../schema/checked_part.ts";
import type { GateOptions } from "../schema/gate_options.ts";
import { cutList } from "../list/cut_source.ts";
import { changedFiles, describeSource, lengthOf, reopenList } from "../list/list_source.ts";
import { cannotContinue } from "../list/listed_files.ts";

/** The limit of a resumed job. */
export type NewLimit = number | "none";

/**
 * Opens the list of a job that has run before, and applies its cuts.
 *
 * @param folder the folder of the job
 * @returns the list from its start; `undefined` when its source was a stream.
 * @throws {UsageError} when the source has changed, or a condition now chooses other elements.
 */
export async function reopenPart(
  folder: string,
  record: JobRecord,
  options: GateOptions,
): Promise<TaskList | undefined> {
  const open = async () => {
    const whole = await reopenList(record);
    if (whole === undefined) return undefined;
    return await partAgain(await cutList(whole, record.cuts, options), folder, record, options);
  };
  const list = await open(), isSkipping = record.check?.invalid === "skip";
  const [touched] = changedFiles(record, true);
  const mayDiffer = touched !== undefined || record.cuts?.where !== undefined || isSkipping;
  if (list === undefined || !mayDiffer) return list;
  // A condition may depend on the time or on files. Not every list can be read twice.
  if (await isSameStart(readList(folder, record), list)) return await open();
  if (touched !== undefined) throw cannotContinue(touched);
  const filter = isSkipping ? "schema" : "condition --where";
  throw new UsageError(
    `Cannot resume job ${record.id}: its ${filter} now keeps other elements than before, ` +
      "start a new job with --reuse",
  );
}

/**
 * Returns the record of a job with another limit, whose list has not been read to its end.
 *
 * @throws {UsageError} when the job has no limit, or the part of the list that earlier runs read
 * cannot be read again or has changed.
 */
export async function withLimit(
  folder: string,
  record: JobRecord,
  limit: NewLimit,
  options: GateOptions,
): Promise<JobRecord> {
  const refuse = (why: string) => new UsageError(`Cannot change the limit of ${record.id}: ${why}`);
  const { limit: before, ...rest } = record.cuts ?? {};
  if (before === undefined) throw refuse("the job has none, its whole list is read");
  const known = await Array.fromAsync(readList(folder, record), ({ count }) => count);
  const count = known.reduce((sum, one) => sum + one, 0);
  if (limit !== "none" && limit < count) throw refuse(`${count} tasks have been read already`);
  const isAny = limit !== "none" || Object.keys(rest).length > 0;
  const cuts = isAny
    ? defined({ ...rest, limit: limit === "none" ? undefined : limit })
    : undefined;
  const whole = await reopenList(record, false);
  if (whole === undefined) {
    throw refuse("its list came from a pipe or a program, which cannot be read again");
  }
  const part = await cutList(whole, cuts, options);
  const list = await partAgain(part, folder, record, options);
  if (!await isSameStart(readList(folder, record), list)) {
    throw refuse(
      "the list no longer begins with the tasks of the job, start a new job with --reuse",
    );
  }
  const source = record.source.kind === "method"
    ? record.source
    : await describeSource(whole, undefined);
  const elements = part instanceof CutList ? part.elements : undefined;
  return { ...record, source, cuts, elements, length: lengthOf(list), isRead: undefined };
}

/** Returns true when a list begins with the tasks that have been read from it. */
async function isSameStart(known: AsyncIterable<CheckedChunk>, list: TaskList): Promise<boolean> {
  const end = new AbortController(), tasks = toTasks(list, { signal: end.signal });
  try {
    return await startsWith(tasks, known);
  } finally {
    await tasks.return(undefined);
    end.abort();
  }
}

async function startsWith(
  tasks: AsyncGenerator<TaskBatch>,
  known: AsyncIterable<CheckedChunk>,
): Promise<boolean> {
  let left: Uint8Array = new Uint8Array(0);
  for await (const { bytes, isSound } of known) {
    // The recovery of the list repairs the rest.
    if (!isSound) return true;
    for (let at = 0; at < bytes.length;) {
      if (left.length === 0) {
        const next = await tasks.next();
        if (next.done) return false;
        left = next.value.bytes;
      }
      const size = Math.min(left.length, bytes.length - at);
      for (let i = 0; i < size; i++) if (left[i] !== bytes[at + i]) return false;
      at += size;
      left = left.subarray(size);
    }
  }
  return true;
}
