/**
 * The list of a job with the check of its elements. Most jobs have none, and do not load the modules
 * that check elements.
 *
 * @module
 */

import type { JobRecord } from "../../job_dir/record.ts";
import type { ListPart, TaskList } from "../../tasks/source.ts";
import type { CheckOptions } from "../options/check_options.ts";
import type { CheckedPart, FunctionOptions, GateOptions } from "./gate_options.ts";

const gate = () => import("./gate.ts");

/**
 * Adds the check by the schema in the options.
 *
 * @returns `undefined` without such a schema.
 * @throws {UsageError} when it is not a schema, or an invalid element stops the job.
 */
export async function partByOption(
  list: ListPart,
  checks: CheckOptions,
  options: GateOptions,
): Promise<CheckedPart | undefined> {
  if (checks.schema === undefined) return undefined;
  const { optionGate } = await gate();
  return await optionGate(list, checks, options);
}

/**
 * Adds the check by the schema in the module of the function, if it has one.
 *
 * @throws {UsageError} when an invalid element stops the job.
 */
export async function partByModule(
  list: ListPart,
  checks: CheckOptions,
  options: FunctionOptions,
): Promise<CheckedPart> {
  if (!options.bundle.mayCheck && checks.invalid === undefined) return { list };
  const { moduleGate } = await gate();
  return await moduleGate(list, checks, options);
}

/**
 * Adds the check of a job that has run before.
 *
 * @param folder the folder of the job
 * @throws {UsageError} when the schema has changed.
 */
export async function partAgain(
  list: ListPart,
  folder: string,
  record: JobRecord,
  options: GateOptions,
): Promise<TaskList> {
  return record.check ? await (await gate()).reopenGate(list, folder, record, options) : list;
}
