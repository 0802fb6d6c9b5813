/**
 * Describes the source of a job's list in its record, and reopens the source when the job is
 * resumed.
 *
 * @module
 */

import { diskFile } from "../../formats/disk_file.ts";
import type { JobRecord, ListedFile, ListSource } from "../../job_dir/record.ts";
import { nameOf } from "../../ndjson/blocks.ts";
import { inspectNow, type ListFiles } from "../../tasks/list_files.ts";
import { CheckedList } from "../../tasks/checked_list.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { type ArgsList, checkIsList, filesOf, type TaskList } from "../../tasks/source.ts";
import { CrossedFiles, ParameterList } from "../../tasks/parameters/parameter_list.ts";
import { describeCopy, type GlobCopy } from "./glob_copies.ts";
import type { JobOptions, RunOptions } from "../options/options.ts";
import { statIfThere } from "../../util/files/fs.ts";
import { jobAgain, withoutEnv } from "../function/run_method.ts";
import { cannotContinue, describeFile, listedFiles } from "./listed_files.ts";

/**
 * Returns the list of a job. For a job without a list, returns a list with one element, the
 * arguments of its only call.
 *
 * @returns the list, and whether its elements are arrays of arguments instead of single arguments.
 */
export function listOf(
  { argsList, args = [], kwargs }: JobOptions,
): { list: ArgsList; isCall: boolean } {
  if (argsList !== undefined && argsList !== null) return { list: argsList, isCall: false };
  return { list: [kwargs ? [...args, kwargs] : args], isCall: true };
}

/**
 * Opens the files of a list, and checks that their beginnings have the right format. A list of
 * another kind is returned as it is.
 *
 * @throws {UsageError} when a file does not exist or has another format.
 * @throws {TypeError} when the value is not a list.
 */
export async function openList(given: ArgsList): Promise<ArgsList> {
  // Plain JavaScript may pass a promise of a list.
  const list = await withoutThen(given);
  checkIsList(list);
  const files = filesOf(list);
  for (const at of files?.sources.keys() ?? []) await inspectNow(files!, at);
  if (!(list instanceof CrossedFiles)) return files ?? list;
  await (await import("./parameter_source.ts")).checkFirstRow(list);
  return list;
}

/** Returns a list that no `await` replaces: a run of another job is also a promise of its summary. */
function withoutThen(list: ArgsList): ArgsList {
  if (!(Symbol.asyncIterator in Object(list) && "then" in Object(list))) return list;
  return { [Symbol.asyncIterator]: () => (list as AsyncIterable<unknown>)[Symbol.asyncIterator]() };
}

/**
 * Returns the length of a list, or `undefined` when the length is unknown until the list is read.
 */
export function lengthOf(list: TaskList): number | undefined {
  if (list instanceof CheckedList) return list.keepsIds ? lengthOf(list.list) : undefined;
  if (typeof list === "number") return list;
  const hasLength = list instanceof ParameterList || list instanceof CutList;
  return Array.isArray(list) || hasLength ? list.length : undefined;
}

/**
 * Describes the source of a list for the record.
 *
 * @param origin the run method that returned the list, if any
 * @param globs the lists of paths that match patterns
 */
export async function describeSource(
  list: ArgsList,
  origin: RunOptions["origin"],
  globs: readonly GlobCopy[] = [],
): Promise<ListSource> {
  if (typeof list === "number") return { kind: "number", length: list };
  const source = filesOf(list), files = source && await describeFiles(source, globs);
  if (list instanceof CrossedFiles || list instanceof ParameterList) {
    const { describeParameters } = await import("./parameter_source.ts");
    const described = describeParameters(list, files);
    if (described) return described;
  } else if (files) {
    return files.length === 1 && isPlain(source) ? { kind: "file", ...files[0]! } : {
      kind: "files",
      files,
      input: source.options,
    };
  }
  // Stdin cannot be read a second time, even if the run method is called again.
  if (!origin || source?.sources.includes("-")) return { kind: "stream" };
  return { kind: "method", ...withoutEnv(origin) };
}

function isPlain({ options }: ListFiles): boolean {
  return Object.values(options).every((value) => value === undefined);
}

/** Describes files, or returns `undefined` when one of them cannot be read a second time. */
async function describeFiles(
  { sources, names }: ListFiles,
  globs: readonly GlobCopy[],
): Promise<ListedFile[] | undefined> {
  const files: ListedFile[] = [];
  for (const [at, source] of sources.entries()) {
    const copy = globs.find(({ file }) => file.name === source);
    if (copy) files.push(describeCopy(copy));
    if (copy) continue;
    const path = diskFile(source);
    if (path === undefined) return undefined;
    files.push(await describeFile(path, names[at] ?? nameOf(source)));
  }
  return files.length > 0 ? files : undefined;
}

/**
 * Opens the list of a job that has run before, at the start of the list. The caller skips the tasks
 * that earlier runs have read. A file with another time, such as a copy, may still be the same.
 *
 * @param isChecked false when the files may have changed. @default {true}
 * @returns the whole list, or `undefined` when its source was a stream.
 * @throws {UsageError} when the file has changed, or the run method returns fewer jobs than before.
 */
export async function reopenList(
  { source }: JobRecord,
  isChecked = true,
): Promise<ArgsList | undefined> {
  return await REOPEN[source.kind](source as never, isChecked);
}

type Reopen<Kind> = (
  source: Extract<ListSource, { kind: Kind }>,
  isChecked: boolean,
) => ArgsList | undefined | Promise<ArgsList | undefined>;

const REOPEN: { readonly [Kind in ListSource["kind"]]: Reopen<Kind> } = {
  number: ({ length }) => length,
  file: (file, isChecked) => {
    if (isChecked) checkUnchanged(file);
    return listedFiles([file]);
  },
  files: ({ files, input }, isChecked) => {
    for (const file of isChecked ? files : []) checkUnchanged(file);
    return listedFiles(files, input);
  },
  parameters: async (source) => {
    const { reopenParameters } = await import("./parameter_source.ts");
    for (const file of source.files) checkUnchanged(file);
    return await reopenParameters(source);
  },
  method: async (call) => (await jobAgain(call)).argsList ?? undefined,
  stream: () => undefined,
};

/**
 * Returns the files of a list that may have changed since the job began. Removed files are left out,
 * because the job has a copy of the tasks that it read.
 *
 * @param isStrict true for files whose time may have been set back, or whose attributes have changed.
 * @default {false}
 */
export function changedFiles({ source }: JobRecord, isStrict = false): string[] {
  const files = source.kind === "file" ? [source] : "files" in source ? source.files : [];
  const changed = files.filter((file) => {
    const now = statIfThere(file.path);
    return now && (!isUnchanged(file, now) || isStrict && isTouched(file, now));
  });
  return changed.map(({ path }) => path);
}

/** Returns true when a file has not been written since the job began. */
function isUnchanged({ size, modified, glob }: ListedFile, now: Deno.FileInfo): boolean {
  return glob !== undefined || now.size === size && (now.mtime?.getTime() ?? 0) === modified;
}

function isTouched({ changed, glob }: ListedFile, { ctime }: Deno.FileInfo): boolean {
  return glob === undefined && changed !== undefined && ctime?.getTime() !== changed;
}

function checkUnchanged({ path, size, glob }: ListedFile): void {
  const now = statIfThere(path);
  if (!now) throw cannotContinue(path, "been removed");
  if (glob === undefined && now.size !== size) throw cannotContinue(path);
}
