/**
 * The cuts of a job's list: their values from the code and the flags, and the list that they cut.
 *
 * @module
 */

import { diskFile, isGlob } from "../../formats/disk_file.ts";
import { LineNumbers } from "../../formats/line_numbers.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { CheckedList } from "../../tasks/checked_list.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { checkCuts, CUTS, type Cuts } from "../../tasks/cuts/cuts.ts";
import { Places } from "../../tasks/places.ts";
import {
  type ArgsList,
  filesOf,
  type ListPart,
  type TaskList,
  toTasks,
} from "../../tasks/source.ts";
import { UsageError } from "../../util/errors.ts";
import { lengthOf } from "./list_source.ts";
import type { JobOptions } from "../options/options.ts";
import type { Settings } from "../options/settings.ts";

/**
 * Returns the cuts of a new job.
 *
 * @param options the options of the job
 * @param flags the cuts of a command line, which override those of the job
 * @returns `undefined` when the list is not cut.
 * @throws {UsageError} when a cut is invalid, or the job has no list.
 */
export function cutsOf(options: JobOptions, flags: Cuts | undefined): Cuts | undefined {
  const own: Record<string, unknown> = Object.fromEntries(
    CUTS.map((name) => [name, options[name]]),
  );
  const cuts = checkCuts({ ...own, ...flags });
  if (cuts && (options.argsList ?? undefined) === undefined) {
    throw new UsageError("Cannot cut the list of the job: it has none, it is one call");
  }
  return cuts;
}

/** The parts of a job that its cuts need. */
export interface CutOptions {
  readonly settings: Settings;
  /** Receives warnings while the list is read. */
  readonly warn: (text: string) => void;
}

/**
 * Returns the part of a list that becomes tasks.
 *
 * @param cuts the cuts. @default {the whole list}
 * @throws {UsageError} when the condition is not an expression.
 */
export async function cutList(
  list: ArgsList,
  cuts: Cuts | undefined,
  { settings, warn }: CutOptions,
): Promise<ListPart> {
  if (!cuts) return list;
  const { where } = cuts, elements = lengthOf(list);
  if (where === undefined) return new CutList(list, cuts, elements);
  const { whereFilter } = await import("./where.ts");
  return new CutList(list, cuts, elements, await whereFilter(where, settings, warn));
}

/**
 * Applies the cuts to the first elements of a list. A list that can be read only once is checked when
 * it is read.
 *
 * @param signal aborted when the user stops the job
 * @throws {UsageError} when the elements do not have the keys that the cuts name.
 */
export async function checkCut(part: TaskList, signal: AbortSignal): Promise<void> {
  if (!(part instanceof CutList) || !isOften(part)) return;
  const { list, cuts: { unique }, filter } = part;
  if (!filter && typeof unique !== "string") return;
  const check = new CutList(list, { unique }, undefined, filter), places = new Places();
  const first = firstOf(toTasks(list));
  for await (const _ of check.cut(first, new LineNumbers(), { places, signal, isCheck: true }));
}

async function* firstOf(tasks: AsyncIterable<TaskBatch>): AsyncGenerator<TaskBatch> {
  for await (const batch of tasks) return yield batch;
}

/** Returns true for a list that can be read several times. */
export function isOften(list: TaskList): boolean {
  if (list instanceof CutList || list instanceof CheckedList) return isOften(list.list);
  if (lengthOf(list) !== undefined) return true;
  return filesOf(list)?.sources.every((source) =>
    isGlob(source) || diskFile(source) !== undefined
  ) ??
    false;
}
