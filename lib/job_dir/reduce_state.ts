/**
 * The state of a reduce, `reduce/<code>.json` in the folder of a job: the accumulators, and the
 * results that they contain.
 *
 * @module
 */

import { crc32Text } from "../util/bytes/crc32.ts";
import { PRIVATE_FILE, writeAtomic } from "../util/files/fs.ts";
import type { FunctionRef, ProgramRecord } from "./program_record.ts";

/** A group and its accumulator, both as JSON text. Without a key of groups, the group is `null`. */
export type ReducedGroup = readonly [key: string, value: string];

/** A reduce of the results of a job. */
export interface ReduceRecord {
  /** The function, as the user has named it. */
  readonly name: string;
  /** The key of the groups. @default {one group} */
  readonly by?: string | undefined;
  /** The function; `undefined` when a script has passed it as a value. */
  readonly function?: FunctionRef | undefined;
  /** The programs in the order in which they folded; undefined in records of earlier versions. */
  readonly programs?: readonly ProgramRecord[] | undefined;
  /** The hash of the program that calls the function: the last one of `programs`. */
  readonly code: string;
  /** The path of the program in the folder of the job. */
  readonly file: string;
  /** The command of the interpreter of a Python function. */
  readonly python?: readonly string[] | undefined;
  /** Deno's permission flags for the function. */
  readonly permissions: readonly string[];
}

/** The results that have been folded, and their accumulators. */
export interface ReduceState {
  /** The number of results, which are the first ones of the list. */
  readonly results: number;
  /** The checksum of these results. After `retry`, the list may have other first results. */
  readonly sum: number;
  /** The groups, in the order of their first results. */
  readonly groups: readonly ReducedGroup[];
}

/** The state of a reduce that has not begun. */
export const NOTHING_REDUCED: ReduceState = { results: 0, sum: 0, groups: [] };

/** Reads the state of a reduce. One that is damaged begins again. */
export function readReduceState(folder: string, reduce: ReduceRecord): ReduceState {
  try {
    const text = Deno.readTextFileSync(statePath(folder, reduce)), end = text.indexOf("\n");
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== `${crc32Text(body)}`) return NOTHING_REDUCED;
    const { by, ...state } = JSON.parse(body);
    return by === reduce.by ? state : NOTHING_REDUCED;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NOTHING_REDUCED;
    throw error;
  }
}

/** Replaces the state of a reduce. A file that is not complete is never read. */
export function writeReduceState(folder: string, reduce: ReduceRecord, state: ReduceState): void {
  const body = JSON.stringify({ by: reduce.by, ...state }), path = statePath(folder, reduce);
  const text = `${crc32Text(body)}\n${body}`;
  // Another process may compute the same value.
  writeAtomic(path, text, { sync: "file", isContended: true, mode: PRIVATE_FILE });
}

function statePath(folder: string, { file, by = "" }: ReduceRecord): string {
  return `${folder}/${file.replace(/\.\w+$/, "")}-${crc32Text(by).toString(16)}.json`;
}

/** Returns accumulators as the results of a job: values, or objects with the key of each group. */
export function reducedTexts(
  { by }: ReduceRecord,
  groups: readonly ReducedGroup[],
): readonly string[] {
  if (by !== undefined) return groups.map(([key, value]) => `{"key":${key},"value":${value}}`);
  return [groups[0]?.[1] ?? "null"];
}
