/**
 * The parts of a job that the check of its elements needs, and the result. This module contains only
 * types.
 *
 * @module
 */

import type { Bundle, JobFunction } from "../../bundle/program/program.ts";
import type { ListCheck, MethodCall } from "../../job_dir/record.ts";
import type { TaskList } from "../../tasks/source.ts";
import type { StandardSchema } from "../../worker/check.ts";
import type { Settings } from "../options/settings.ts";

/** A list that may have a check, and the check in the record. */
export interface CheckedPart {
  readonly list: TaskList;
  readonly check?: ListCheck | undefined;
}

/** The parts of a job that a check needs. */
export interface GateOptions {
  readonly settings: Settings;
  /** Receives warnings while the list is read. */
  readonly warn: (text: string) => void;
  /** Aborted when the user stops the job. */
  readonly signal: AbortSignal;
  /** The run method that creates the job. @default {none} */
  readonly origin?: MethodCall | undefined;
  /** The schema that the caller who resumes the job has passed again. @default {none} */
  readonly schema?: StandardSchema | undefined;
}

/** The function of a job, which may have a schema. */
export interface FunctionOptions extends GateOptions {
  readonly target: JobFunction;
  readonly bundle: Bundle;
  readonly python: readonly string[] | undefined;
}
