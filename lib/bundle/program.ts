/**
 * The parts of a program, and the program that is built of them.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";

/** The function of a job: an export of a module, or the function itself. */
export type JobFunction = FunctionRef | ((...args: never[]) => unknown);

/** The options of a program for a job's function. */
export interface BundleOptions {
  /** True when a task's argument is the list of the function's arguments. @default {false} */
  readonly spread?: boolean | undefined;
  /** The folder of programs made before (`cache.ts`). @default {no cache} */
  readonly cache?: string | undefined;
}

/** The parts of one program, from which it is built. */
export interface ProgramParts {
  /** The text of the program's own module. It imports the user's part as `dl-jobs:user`. */
  readonly entry: string;
  /** The text of the module between the program and the user's function. */
  readonly user: string;
  /** The user's module and export; undefined for a function that travels as its source. */
  readonly from?: FunctionRef | undefined;
  /** True when the program runs by itself, so that the library is a part of it. */
  readonly isWorker: boolean;
}

/** A program that calls a function. */
export interface Bundle {
  /** The text of the program, with its source map inside. */
  readonly code: string;
  /** A hash of the text without the source map. */
  readonly hash: string;
}

/** A program that was just built. */
export interface BuiltProgram extends Bundle {
  /** The paths of the files that it was made of. */
  readonly inputs: readonly string[];
}
