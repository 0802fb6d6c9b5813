/**
 * Reads the values of parameters from files, and describes lists of parameters in the record.
 *
 * @module
 */

import { diskFile } from "../../formats/disk_file.ts";
import { type InputOptions, isBadRecord, type Notice } from "../../formats/format.ts";
import type { ListedFile, ListedParameter, ListSource } from "../../job_dir/record.ts";
import { badLine } from "../../ndjson/bad_line.ts";
import { argsText } from "../../tasks/batch.ts";
import { ListFiles } from "../../tasks/list_files.ts";
import { clashText } from "../../tasks/parameters/crossed_lines.ts";
import {
  CrossedFiles,
  type Dimension,
  type ListParameter,
  ParameterList,
} from "../../tasks/parameters/parameter_list.ts";
import { joinValues, valuesOf } from "../../tasks/parameters/value_parts.ts";
import { listedValues, type ParameterValues } from "../../tasks/parameters/values.ts";
import { Places } from "../../tasks/places.ts";
import { filesOf, toTasks } from "../../tasks/source.ts";
import { crc32Text } from "../../util/bytes/crc32.ts";
import { UsageError } from "../../util/errors.ts";
import { jsonError } from "../../util/try_json.ts";
import { cannotContinue, describeFile, listedFiles } from "./listed_files.ts";

/**
 * Reads the values of a parameter from a file of any format: its records. Those of a file that is
 * read with options become a part of the record of the job.
 *
 * @param source a path, a URL or `-` for stdin
 * @param options the options for reading the file
 * @param given the name that the user gave the file. @default {the source}
 * @throws {UsageError} when the file has no records, or one of them cannot be read.
 */
export async function readFileValues(
  source: string,
  options: InputOptions,
  given?: string,
): Promise<ParameterValues> {
  const path = diskFile(source), isPlain = path !== undefined && Object.keys(options).length === 0;
  // The description comes first, so that it is not that of a file which changes after it was read.
  const file = isPlain ? await describeFile(path, given ?? source) : undefined;
  const list = new ListFiles([source], options, false, [given]),
    places = new Places(),
    texts: string[] = [];
  const facts: Parameters<Notice>[] = [], notice: Notice = (...fact) => void facts.push(fact);
  for await (const batch of toTasks(list, { places, notice })) {
    for (const { id, args } of batch) {
      const { name, line } = places.of(id)!;
      texts.push(checkedText(argsText(args), name, line));
    }
  }
  if (texts.length === 0) throw new UsageError(`Cannot use the values in ${source}: it has none`);
  const sum = crc32Text(texts.join("\n"));
  return listedValues(texts, { facts, file: file && { ...file, sum } });
}

function checkedText(text: string, name: string, line: number): string {
  const cause = jsonError(text);
  if (!cause) return text;
  const reason = isBadRecord(text) ? text : badLine(text, name, line, cause).message;
  throw new UsageError(reason, { cause });
}

// A longer description would make the record slow to read and to write.
const MOST_TEXT = 1024 * 1024;

/**
 * Describes a list of parameters for the record.
 *
 * @param rows the files of the records that are combined with the parameters, if any
 * @returns the description; `undefined` when the files cannot be read a second time, or the values
 * are too long for a record.
 */
export function describeParameters(
  list: ParameterList | CrossedFiles,
  rows: readonly ListedFile[] | undefined,
): ListSource | undefined {
  const isCrossed = list instanceof CrossedFiles;
  if (isCrossed && !rows) return undefined;
  const files = [...rows ?? []];
  const describe = ({ name, values }: ListParameter): ListedParameter => ({
    name,
    values: values.parts.map((part) => typeof part === "string" ? part : files.push(part) - 1),
  });
  const parameters = isCrossed ? list.parameters : list;
  const dimensions = parameters.dimensions.map((dimension) => dimension.map(describe));
  const input = isCrossed ? list.files.options : undefined;
  if (JSON.stringify(dimensions).length > MOST_TEXT) return undefined;
  return { kind: "parameters", dimensions, files, rows: rows?.length, input };
}

/** Returns the list that a record describes. */
export async function reopenParameters(
  { dimensions, files, rows = 0, input }: Extract<ListSource, { kind: "parameters" }>,
): Promise<ParameterList | CrossedFiles> {
  const reopen = async ({ name, values }: ListedParameter): Promise<ListParameter> => {
    const parts = values.map((part) =>
      typeof part === "string" ? valuesOf(part) : readValuesAgain(files[part]!)
    );
    return { name, values: joinValues(await Promise.all(parts)) };
  };
  const opened = dimensions.map((dimension) => Promise.all(dimension.map(reopen)));
  const list = new ParameterList(await Promise.all(opened) as unknown as Dimension[]);
  return rows === 0 ? list : new CrossedFiles(listedFiles(files.slice(0, rows), input), list);
}

/** Reads a file of values again. Values that no task has had yet must be the same, too. */
async function readValuesAgain({ path, name, sum }: ListedFile): Promise<ParameterValues> {
  const values = await readFileValues(path, {}, name), [file] = values.parts;
  const isSame = sum === undefined || typeof file === "object" && file.sum === sum;
  if (!isSame) throw cannotContinue(path);
  return values;
}

/**
 * Checks that the first record of files can be combined with parameters. A file that can be read
 * only once is not checked before its tasks run.
 *
 * @throws {UsageError} when it has a key that is also the name of a parameter.
 */
export async function checkFirstRow(list: CrossedFiles): Promise<void> {
  const files = filesOf(list)!, places = new Places();
  if (files.sources.some((source) => diskFile(source) === undefined)) return;
  for await (const batch of toTasks(files, { places })) {
    const { name, line } = places.of(0)!;
    const clash = clashText(argsText(batch.task(0).args), list.parameters);
    if (clash !== undefined) throw new UsageError(`Cannot combine ${name}:${line}: ${clash}`);
    return;
  }
}
