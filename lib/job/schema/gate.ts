/**
 * The check of a job's list: its schema, and the list whose elements are checked.
 *
 * @module
 */

import { isPythonFunction } from "../../bundle/function/interpreter.ts";
import {
  isInModule,
  type JobRecord,
  type ListCheck,
  type MethodCall,
  programFile,
} from "../../job_dir/record.ts";
import { CheckedList, type ElementCheck } from "../../tasks/checked_list.ts";
import { type ListPart, type TaskList, toTasks } from "../../tasks/source.ts";
import { UsageError } from "../../util/errors.ts";
import { isStandardSchema, type StandardSchema } from "../../worker/check.ts";
import { isOften } from "../list/cut_source.ts";
import { jobAgain, withoutEnv } from "../function/run_method.ts";
import type { CheckOptions } from "../options/check_options.ts";
import type { CheckedPart, FunctionOptions, GateOptions } from "./gate_options.ts";
import { schemaCheck } from "./schema_check.ts";
import { hasSchema, workerCheck } from "./worker_check.ts";
import { absolutePath } from "../../util/paths.ts";

/** Adds the check by the schema in the options. */
export async function optionGate(
  list: ListPart,
  { schema, invalid = "fail" }: CheckOptions,
  { signal, warn, origin }: GateOptions,
): Promise<CheckedPart> {
  if (typeof schema === "string") schema = absolutePath(schema);
  const { check, hash } = await schemaCheck(schema, warn);
  return await gateOf(list, check, { ...recordOf(schema, origin), hash, invalid }, signal);
}

function recordOf(schema: CheckOptions["schema"], origin?: MethodCall): Partial<ListCheck> {
  if (typeof schema === "string") return { file: schema };
  if (!isStandardSchema(schema)) return { schema };
  return { vendor: vendorOf(schema), origin: origin && withoutEnv(origin) };
}

function vendorOf(schema: StandardSchema): string {
  return schema["~standard"].vendor ?? "unknown";
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
      `${count === 1 ? "is" : "are"} invalid; the first: ${first}; fix the list, or pass ` +
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
    const { check } = await schemaCheck(await schemaAgain(record, options), options.warn);
    return new CheckedList(list, check, invalid);
  }
  const found = await schemaCheck(file ?? schema, options.warn);
  if (found.hash === hash) return new CheckedList(list, found.check, invalid);
  throw new UsageError(
    `Cannot resume job ${record.id}: its schema ${file} has changed since the job began, restore ` +
      "it or start a new job with --reuse",
  );
}

/** Returns a schema that only code has: that of the caller, or of the run method. */
async function schemaAgain(
  { id, check }: JobRecord,
  { schema: given }: GateOptions,
): Promise<StandardSchema> {
  const { vendor, origin } = check!;
  const schema = given ?? (origin && (await jobAgain(origin)).schema);
  if (isStandardSchema(schema) && vendorOf(schema) === vendor) return schema;
  const other = isStandardSchema(schema) ? `, and the given one is of ${vendorOf(schema)}` : "";
  throw new UsageError(
    `Cannot resume job ${id}: the rest of its list needs its schema of ${vendor}, which only the ` +
      `code that started it has${other}; run await resume("${id}", { schema }) there, or start a ` +
      "new job with --reuse",
  );
}
