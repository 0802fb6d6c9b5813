/**
 * The check of a job's list: its schema, and the list whose elements are checked.
 *
 * @module
 */

import { isPythonFunction } from "../../bundle/python/interpreter.ts";
import { isInModule, type JobRecord, type ListCheck, programFile } from "../../job_dir/record.ts";
import { CheckedList, type ElementCheck } from "../../tasks/checked_list.ts";
import { type ListPart, type TaskList, toTasks } from "../../tasks/source.ts";
import { UsageError } from "../../util/errors.ts";
import { isStandardSchema } from "../../worker/check.ts";
import { isOften } from "../cuts/cut_source.ts";
import type { CheckOptions } from "./check_options.ts";
import type { CheckedPart, FunctionOptions, GateOptions } from "./gate_options.ts";
import { schemaCheck } from "./schema_check.ts";
import { hasSchema, workerCheck } from "./worker_check.ts";

/** Adds the check by the schema in the options. */
export async function optionGate(
  list: ListPart,
  { schema, invalid = "fail" }: CheckOptions,
  { signal, warn }: GateOptions,
): Promise<CheckedPart> {
  if (typeof schema === "string" && !schema.startsWith("/")) schema = `${Deno.cwd()}/${schema}`;
  const { check, hash } = await schemaCheck(schema, warn);
  return await gateOf(list, check, { ...recordOf(schema), hash, invalid }, signal);
}

function recordOf(schema: CheckOptions["schema"]): Partial<ListCheck> {
  if (typeof schema === "string") return { file: schema };
  return isStandardSchema(schema)
    ? { vendor: schema["~standard"].vendor ?? "unknown" }
    : { schema };
}

/**
 * Adds the check by the schema in a module. A function in Python checks its own argument, so only
 * elements that are left out, or stop the job, are checked before.
 */
export async function moduleGate(
  list: ListPart,
  { invalid = "fail" }: CheckOptions,
  { target, bundle, python, ...options }: FunctionOptions,
): Promise<CheckedPart> {
  const isPython = isPythonFunction(target), { signal } = options;
  if (isInModule(target) && (isPython ? invalid !== "fail" : bundle.mayCheck)) {
    const program = { program: bundle, python, ...options };
    if (await hasSchema(program)) {
      const check = { module: target.module, hash: bundle.hash, invalid };
      return await gateOf(list, workerCheck(program), check, signal);
    }
  }
  if (invalid === "fail") return { list };
  const { check } = await schemaCheck(undefined, options.warn);
  return await gateOf(list, check, { invalid }, signal);
}

async function gateOf(
  list: ListPart,
  check: ElementCheck,
  recorded: ListCheck,
  signal: AbortSignal,
): Promise<CheckedPart> {
  if (recorded.invalid === "stop" && isOften(list)) await checkAll(list, check, signal);
  return { list: new CheckedList(list, check, recorded.invalid), check: recorded };
}

/** Reads a list to its end, and throws when an element is invalid. */
async function checkAll(list: ListPart, check: ElementCheck, signal: AbortSignal): Promise<void> {
  const checked = new CheckedList(list, check, "skip");
  let valid = 0;
  for await (const { count } of toTasks(checked, { signal })) valid += count;
  const { count = 0, first } = checked.skipped ?? {};
  if (count === 0) return;
  throw new UsageError(
    `Cannot start the job: ${count} of ${valid + count} elements ` +
      `${count === 1 ? "is" : "are"} invalid; the first: ${first}; mend the list, or pass ` +
      "--invalid skip to leave them out",
  );
}

/** Adds the check of a job that has run before. */
export async function reopenGate(
  list: ListPart,
  folder: string,
  record: JobRecord,
  options: GateOptions,
): Promise<TaskList> {
  const { python } = record, { file, module, schema, vendor, hash, invalid } = record.check!;
  if (module !== undefined) {
    const program = { code: "", file: programFile(folder, record) };
    return new CheckedList(list, workerCheck({ ...options, program, python }), invalid);
  }
  if (vendor !== undefined) {
    throw new UsageError(
      `Cannot resume job ${record.id}: the rest of its list needs a schema that only the program ` +
        "which started it has, export the schema as args of the module of the function, or start " +
        "a new job with --reuse",
    );
  }
  const found = await schemaCheck(file ?? schema, options.warn);
  if (found.hash === hash) return new CheckedList(list, found.check, invalid);
  throw new UsageError(
    `Cannot resume job ${record.id}: its schema ${file} has changed since the job began, restore ` +
      "it or start a new job with --reuse",
  );
}
