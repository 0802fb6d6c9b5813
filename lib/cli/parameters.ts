/**
 * Creates the list of parameters that `--grid`, `--zip` and `:::` define.
 *
 * @module
 */

import type { InputOptions } from "../formats/format.ts";
import { readFileValues } from "../job/list/parameter_source.ts";
import { ListFiles } from "../tasks/list_files.ts";
import {
  type CrossedFiles,
  type Dimension,
  type ListParameter,
  ParameterList,
} from "../tasks/parameters/parameter_list.ts";
import { joinValues } from "../tasks/parameters/value_parts.ts";
import { listedValues, type ParameterValues } from "../tasks/parameters/values.ts";
import { UsageError } from "../util/errors.ts";
import type { Call } from "./command.ts";
import { type ReadFile, readParameter } from "./parameter_words.ts";
import type { WordList } from "./word_lists.ts";

/**
 * Returns the list of a command line that has parameters. The records of files change most slowly,
 * then the parameters of `--grid`, then those of `--zip`.
 *
 * @param files the files whose records are combined with the parameters
 * @param options the options for reading these files or, without any, the files of values
 * @throws {UsageError} when a parameter is invalid.
 */
export async function parameterList(
  call: Pick<Call, "flags" | "lists" | "program">,
  files: readonly string[],
  options: InputOptions,
): Promise<ParameterList | CrossedFiles> {
  const readFile = fileReader(files.some(isStdin), files.length > 0 ? {} : options);
  const named = await namedDimensions(call, readFile);
  const listed = await listedDimensions(call.lists ?? [], readFile);
  if (named.length > 0 && listed.length > 0) {
    throw new UsageError(
      "Cannot use ::: with --grid or --zip: write --grid NAME=A,B for the values after :::",
    );
  }
  const parameters = new ParameterList([...named, ...listed]);
  if (files.length > 0) return parameters.over(new ListFiles(files, options));
  return parameters;
}

async function namedDimensions(
  { flags: { grid, zip, command }, program }: Pick<Call, "flags" | "program">,
  readFile: ReadFile,
): Promise<Dimension[]> {
  // A program receives the digits of a number.
  const isForFunction = program === undefined && typeof command !== "string";
  const named = (word: string, flag: string) => namedParameter(word, flag, readFile, isForFunction);
  const dimensions: Dimension[] = [];
  for (const word of groupsOf(grid).flat()) {
    dimensions.push([await named(word, "--grid")]);
  }
  for (const words of groupsOf(zip)) {
    const linked: ListParameter[] = [];
    for (const word of words) linked.push(await named(word, "--zip"));
    dimensions.push(linked as unknown as Dimension);
  }
  return dimensions;
}

/** Returns the words of each use of a flag. */
function groupsOf(value: unknown): string[][] {
  return typeof value === "string" ? value.split("\0\0").map((words) => words.split("\0")) : [];
}

async function namedParameter(
  word: string,
  flag: string,
  readFile: ReadFile,
  isForFunction: boolean,
): Promise<ListParameter> {
  const { name, values } = await readParameter(word, flag, readFile, isForFunction);
  return { name, values: joinValues(values) };
}

async function listedDimensions(
  lists: readonly WordList[],
  readFile: ReadFile,
): Promise<Dimension[]> {
  const dimensions: [ListParameter, ...ListParameter[]][] = [];
  for (const { mark, words } of lists) {
    if (words.length === 0) throw new UsageError(`Cannot use "${mark}": no values follow it`);
    const added = await valuesAfter(mark, words, readFile);
    const linked = mark.endsWith("+") ? dimensions.at(-1) : undefined;
    if (mark.endsWith("+") && !linked) {
      throw new UsageError(
        `Cannot use ${mark}: no list comes before it, write ${mark.slice(0, -1)}`,
      );
    }
    if (linked) linked.push(...added.map((values) => ({ values })));
    else dimensions.push(...added.map((values): [ListParameter] => [{ values }]));
  }
  return dimensions;
}

/** Returns the values after a mark: one list of words, or one list for each file. */
async function valuesAfter(
  mark: string,
  words: readonly string[],
  readFile: ReadFile,
): Promise<ParameterValues[]> {
  if (mark.startsWith("::::")) return await Promise.all(words.map(readFile));
  return [listedValues(words.map((word) => JSON.stringify(word)))];
}

/** Returns a function that reads files of values, and stdin at most once. */
function fileReader(isStdinUsed: boolean, options: InputOptions): ReadFile {
  let isUsed = isStdinUsed;
  return async (source) => {
    if (isStdin(source) && isUsed) {
      throw new UsageError("Cannot read two lists from stdin: name a file for one of them");
    }
    isUsed ||= isStdin(source);
    return await readFileValues(source, options);
  };
}

function isStdin(source: string): boolean {
  return ["-", "/dev/stdin", "/dev/fd/0"].includes(source);
}
