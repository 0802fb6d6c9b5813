/**
 * The state that all parts of the server share.
 *
 * @module
 */

import type { Auth } from "./auth.ts";
import type { Blobs } from "./blobs.ts";
import type { Faults } from "./faults.ts";
import type { Counts, ServerOptions } from "./options.ts";
import type { FunctionRecord, JobRecord } from "./records.ts";

/** The part of the scheduler that request handlers use. */
export interface JobScheduler extends AsyncDisposable {
  /** Starts the pending jobs for which a slot is free. */
  wake(): void;
  /** Accepts a job. */
  add(job: JobRecord): void;
  /** Ends a job, or prevents its start. */
  cancel(job: JobRecord): void;
  /** Removes a job that was deleted. */
  forget(job: JobRecord): void;
  /** Builds a function. */
  build(record: FunctionRecord): void;
  /** True for a job in a final state whose process has ended. */
  hasEnded(job: JobRecord): boolean;
  /** True for a job that is starting a process or has one. */
  isRunning(job: JobRecord): boolean;
  /** The number of jobs that run now, and the largest number so far. */
  readonly load: { readonly now: number; readonly most: number };
}

/** The state of the server. */
export interface Platform {
  readonly options: Required<ServerOptions>;
  readonly base: string;
  readonly auth: Auth;
  readonly blobs: Blobs;
  readonly faults: Faults;
  readonly functions: Map<string, FunctionRecord>;
  readonly jobs: Map<string, JobRecord>;
  readonly scheduler: JobScheduler;
  readonly counts: Counts;
}
