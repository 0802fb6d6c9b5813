/**
 * The parts of a job that the check of its elements needs, and the result. This module contains only
 * types.
 *
 * @module
 */

import type { Bundle, JobFunction } from "../../bundle/program.ts";
import type { ListCheck } from "../../job_dir/record.ts";
import type { TaskList } from "../../tasks/source.ts";
import type { Settings } from "../settings.ts";

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
}

/** The function of a job, which may have a schema. */
export interface FunctionOptions extends GateOptions {
  readonly target: JobFunction;
  readonly bundle: Bundle;
  readonly python: readonly string[] | undefined;
}
