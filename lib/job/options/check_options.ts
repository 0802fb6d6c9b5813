/**
 * The options of a job that check the elements of its list.
 *
 * @module
 */

import type { ListCheck } from "../../job_dir/record.ts";
import { ON_INVALID, type OnInvalid } from "../../tasks/checked_list.ts";
import { UsageError } from "../../util/errors.ts";
import type { StandardSchema } from "../../worker/check.ts";
import { shortPath } from "../../util/paths.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The options of a job that check its elements. */
export interface CheckOptions {
  /**
   * The schema that each element must fit: the path of a JSON Schema, a JSON Schema, or a schema of
   * a library that follows Standard Schema, which this process evaluates. By default, the module of
   * the function may export a schema as `args`.
   */
  readonly schema?: string | JsonSchema | StandardSchema | undefined;
  /**
   * The fate of an element that does not fit the schema, or cannot be read: its task fails without a
   * call, the element is left out, or the job stops.
   * @default {"fail"}
   */
  readonly invalid?: OnInvalid | undefined;
}

/**
 * Returns the options of a new job that check its elements.
 *
 * @param options the options of the job
 * @param flags the options of a command line, which override those of the job
 * @param isCall true when the job has no list
 * @throws {UsageError} when an option is invalid.
 */
export function checkOptions(
  options: CheckOptions,
  flags: CheckOptions | undefined,
  isCall: boolean,
): CheckOptions {
  const schema = flags?.schema ?? options.schema, invalid = flags?.invalid ?? options.invalid;
  if (invalid !== undefined && !ON_INVALID.includes(invalid)) {
    throw new UsageError(
      `Cannot use ${shortInspect(invalid)} as invalid: write ${ON_INVALID.join(", ")}`,
    );
  }
  if (isCall && (schema !== undefined || invalid !== undefined)) {
    throw new UsageError("Cannot check the list of the job: it has none, it is one call");
  }
  return { schema, invalid };
}

/** Describes a check, for a report. */
export function checkText(check: ListCheck): string {
  const { file, module, schema: given, vendor, hash, invalid, skipped } = check;
  const path = file ?? module, place = path === undefined ? vendor : shortPath(path);
  const ofPlace = place === undefined ? "the JSON Schema" : `the schema of ${place}`;
  const isAny = place === undefined && given === undefined;
  const schema = isAny ? "JSON" : hash === undefined ? ofPlace : `${ofPlace} (${hash})`;
  const count = skipped === undefined ? "" : `, ${skipped} skipped`;
  return `${schema}, --invalid ${invalid}${count}`;
}
