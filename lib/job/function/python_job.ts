/**
 * Jobs that Python code describes in JSON. `python/dl_jobs/_description.py` documents the format and
 * writes it.
 *
 * @module
 */

import { camelCase } from "../../config/options.ts";
import type { FunctionRef } from "../../job_dir/record.ts";
import { ListFiles } from "../../tasks/list_files.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { toFileUrl } from "../../util/paths.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import type { JobOptions } from "../options/options.ts";

/** The description of a job. */
interface JobDescription extends Required<Pick<FunctionRef, "method">> {
  /** The absolute path of the module with the task method. */
  readonly module: string;
  /** The import path of the module, such as `work.ndvi`. */
  readonly import: string;
  /** True for a job without a list. The only element of its list contains `args` and `kwargs`. */
  readonly isCall: boolean;
  /** The list: a number, a file of the user, or a file that belongs to the job. */
  readonly list: number | string | { readonly file: string };
  /** The options of the job by their names in snake_case. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Returns the options of a described job.
 *
 * @param description the parsed description
 * @param openList opens a file that belongs to the job
 * @throws {UsageError} when a field is missing or has another type.
 */
export function describedJob(
  description: unknown,
  openList: (path: string) => string | ReadableStream<Uint8Array> = (path) => path,
): JobOptions {
  assertDescription(description);
  const { module, method, isCall, list, options } = description;
  const named = Object.entries(options).map(([name, value]) => [camelCase(name), value]);
  return {
    ...Object.fromEntries(named),
    moduleName: toFileUrl(module),
    methodName: method,
    dlJob: { import: description.import, isCall },
    // A list with one element, an array, looks like a file of JSON.
    argsList: typeof list === "object"
      ? new ListFiles([openList(list.file)], { format: "ndjson" }, true)
      : list,
  };
}

function assertDescription(value: unknown): asserts value is JobDescription {
  const fields: Record<string, unknown> = isDict(value) ? value : {};
  const name = Object.keys(FIELDS).find((name) =>
    !FIELDS[name as keyof typeof FIELDS](fields[name])
  );
  if (name === undefined) return;
  throw new UsageError(
    `Cannot read a job from Python: its ${name} is ${shortInspect(fields[name])}, ` +
      "use the package dl_jobs of the same version as the command",
  );
}

const isText = (value: unknown) => typeof value === "string" && value !== "";

/** Tests of the fields of a description. */
const FIELDS: { readonly [Name in keyof JobDescription]: (value: unknown) => boolean } = {
  module: (value) => isText(value) && String(value).startsWith("/"),
  import: isText,
  method: isText,
  isCall: (value) => typeof value === "boolean",
  list: (value) => isDict(value) ? isText(value.file) : typeof value === "number" || isText(value),
  options: isDict,
};
