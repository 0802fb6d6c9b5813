/**
 * The errors of a reduce, which name the command that computes its value.
 *
 * @module
 */

import { jobIdOf } from "../../job_dir/layout.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { REDUCE_PROBLEM, type ReduceError, SAVE_PROBLEM } from "../../worker/reduce.ts";

/** Returns the error of a reduce that the user has stopped. */
export function stoppedError(folder: string): Error {
  return new Error(
    `Cannot finish the reduce: it was stopped, dl_jobs resume ${jobIdOf(folder)} continues it`,
  );
}

/** Returns the error of a function that threw, or that returned what cannot be an accumulator. */
export function threwError(
  folder: string,
  reduce: ReduceRecord,
  { task, type, message, stack = "" }: ReduceError,
): Error {
  const { name } = reduce;
  if (type === SAVE_PROBLEM) {
    return cannotReduce(
      `Cannot save what ${name} returned up to task ${task}: ${message}`,
      folder,
      reduce,
    );
  }
  const isProblem = type === REDUCE_PROBLEM, reason = isProblem ? message : `${type}: ${message}`;
  const [, ...frames] = isProblem ? [] : stack.split("\n");
  return cannotReduce(
    [`Cannot reduce the result of task ${task} with ${name}: ${reason}`, ...frames].join("\n"),
    folder,
    reduce,
  );
}

/** Returns the error of a function that cannot be loaded. */
export function unloadedError(folder: string, reduce: ReduceRecord, { message }: Error): Error {
  return cannotReduce(`Cannot reduce the results with ${reduce.name}: ${message}`, folder, reduce);
}

/** Returns the error of a worker that failed twice at the same results. */
export function failedTwice(folder: string, reduce: ReduceRecord, why: string): Error {
  return cannotReduce(
    `Cannot reduce the results: the worker of ${reduce.name} failed twice (${why})`,
    folder,
    reduce,
  );
}

/** Returns an error with the way out at the end of its first line, before any stack frames. */
function cannotReduce(problem: string, folder: string, { by }: ReduceRecord): Error {
  const [first, ...frames] = problem.split("\n"), key = by === undefined ? "" : ` --by ${by}`;
  const wayOut = `the results of the tasks are kept, and dl_jobs results ${jobIdOf(folder)} ` +
    `--reduce FILE#FUNCTION${key} reduces them again`;
  return new Error([`${first}; ${wayOut}`, ...frames].join("\n"));
}
