/**
 * The function of a reduce: its program, which is a file of the job.
 *
 * @module
 */

import type { Bundle, JobFunction } from "../../bundle/program/program.ts";
import { locate } from "../../bundle/function/resolve.ts";
import type { FunctionRef } from "../../job_dir/record.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { defined } from "../../util/defined.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, makePrivateFolder, PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import { buildJobProgram } from "../program/job_program.ts";
import type { JobDetails } from "../options/options.ts";
import { newProgram } from "../program/programs.ts";
import { limitRemote, type Settings } from "../options/settings.ts";

/** The request for a reduce. */
export type ReduceRequest = Pick<JobDetails, "reduce" | "by">;

/** Returns the request of a run. Options of the run that name a function have their own groups. */
export function reduceOf(own: ReduceRequest, { reduce, by }: ReduceRequest): ReduceRequest {
  return reduce === undefined ? { reduce: own.reduce, by: by ?? own.by } : { reduce, by };
}

/** The time and the place at which a reduce is named. */
export interface ReduceOrigin {
  readonly started: Date;
  /** The run method that created the job. @default {none} */
  readonly method?: string | undefined;
}

/** The function of a reduce. */
export interface Reducer {
  readonly record: ReduceRecord;
  /** The text of its program. */
  readonly code: string;
}

/**
 * Finds the function of a reduce, and builds its program.
 *
 * @returns `undefined` when the job has no reduce.
 * @throws {UsageError} when the function does not exist, or there are groups without a function.
 */
export async function findReducer(
  { reduce, by }: ReduceRequest,
  given: Settings,
  origin: ReduceOrigin,
): Promise<Reducer | undefined> {
  if ((reduce ?? undefined) === undefined) {
    if ((by ?? undefined) === undefined) return undefined;
    throw new UsageError(
      `Cannot group by ${by} without a reduce: write --reduce FILE#FUNCTION, too`,
    );
  }
  if (by !== undefined && (typeof by !== "string" || by.trim() === "")) {
    throw new UsageError(`Cannot use ${shortInspect(by)} as by: write a key such as country`);
  }
  return await buildReducer(reduce!, by, given, origin);
}

async function buildReducer(
  reduce: NonNullable<JobDetails["reduce"]>,
  by: string | undefined,
  given: Settings,
  { started, method }: ReduceOrigin,
): Promise<Reducer> {
  const target = await targetOf(reduce, given), settings = limitRemote(given, target);
  const { bundle, python } = await buildJobProgram(target, settings, method);
  const record = defined<Omit<ReduceRecord, "code" | "file">>({
    name: typeof reduce === "string" ? reduce : reduce.name || "function",
    by,
    function: typeof target === "function" ? undefined : target as FunctionRef,
    python,
    permissions: settings.permissions,
  });
  return withReduceProgram(record, bundle, started, Deno.cwd());
}

/** Returns a reduce that calls its function by a program. */
export function withReduceProgram(
  reduce: Omit<ReduceRecord, "code" | "file">,
  bundle: Bundle,
  since: Date,
  directory: string,
): Reducer {
  const { code, hash } = bundle, file = `reduce/${hash}.${reduce.python ? "py" : "js"}`;
  const programs = [...reduce.programs ?? [], newProgram(bundle, since, directory, file)];
  return { record: { ...reduce, programs, code: hash, file }, code };
}

async function targetOf(
  reduce: NonNullable<JobDetails["reduce"]>,
  { config }: Settings,
): Promise<JobFunction> {
  if (typeof reduce === "function") return reduce;
  if (typeof reduce === "string") return await locate(reduce, config);
  throw new UsageError(
    `Cannot use ${shortInspect(reduce)} as reduce: write a function, or a name such as work.ts#add`,
  );
}

/** Writes the program of a reduce to the folder of a job, unless it is there. */
export function writeReducer(folder: string, { record: { file }, code }: Reducer): void {
  makePrivateFolder(`${folder}/reduce`);
  const path = `${folder}/${file}`;
  if (!exists(path)) writeAtomic(path, code, { sync: true, isContended: true, mode: PRIVATE_FILE });
}
