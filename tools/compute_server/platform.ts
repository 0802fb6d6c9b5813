/**
 * What all parts of the server share.
 *
 * @module
 */

import type { Auth } from "./auth.ts";
import type { Blobs } from "./blobs.ts";
import type { Faults } from "./faults.ts";
import type { Counts, ServerOptions } from "./options.ts";
import type { FunctionRecord, JobRecord } from "./records.ts";

/** The part that starts jobs and builds, as requests use it. */
export interface JobScheduler extends AsyncDisposable {
  /** Starts what there is room for. */
  wake(): void;
  /** Takes in a job. */
  add(job: JobRecord): void;
  /** Ends a job, or keeps it from starting. */
  cancel(job: JobRecord): void;
  /** Drops a job that was deleted. */
  forget(job: JobRecord): void;
  /** Builds a function. */
  build(record: FunctionRecord): void;
  /** Whether a job is in a final state. */
  hasEnded(job: JobRecord): boolean;
  /** Whether a job has a process. */
  isRunning(job: JobRecord): boolean;
  /** How many jobs run now, and how many it were at most. */
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
