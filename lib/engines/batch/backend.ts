/**
 * The contract between the scheduler and a system that is submitted to and asked, such as a cluster's
 * batch system or a cloud service. This file holds types only.
 *
 * To write a new backend:
 *
 * 1. Create `engines/<name>/<name>.ts` with `batchEngine({ name, label, open, ... })`, and add the name
 *    to `engines/mod.ts` and to the options.
 * 2. Write the program of the far side. It reads a slice of the tasks with `readSlice()`, runs them
 *    with the engine `local`, and leaves their events where the controller finds them.
 * 3. Extend `Part` with what the system calls one slice, and with the state that it reports.
 * 4. Record each submission in the job's folder with `Submissions`, before the system is asked for it:
 *    a controller that dies in between must find its parts again in `reattach()`.
 * 5. Implement `submit()`: it returns a part for each slice, or a refusal, and never both.
 * 6. Implement `poll()`: it asks the system about all parts in one request, and writes the answer to
 *    the parts. An answer that is missing or unknown never means that a part has ended.
 * 7. Implement `collect()`: it yields the events that have come in, each once.
 * 8. Implement `judge()`: it says when a part is over, which of its tasks have failed, and which ones
 *    run again. A task that did not run must not be charged.
 * 9. Implement `stop()`, `cancel()` and `release()`.
 * 10. Add a file with `testEngine("<name>", engine)`, and a test for each failure that the system has.
 *
 * @module
 */

import type { EventBatch, FailedAttempt } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import type { UsageError } from "../../util/errors.ts";
import type { Engine, EngineContext } from "../engine.ts";
import type { Part } from "./part.ts";
import type { PollPace } from "./poll_interval.ts";
import type { Assignment } from "./reattach.ts";
import type { Start } from "./start_check.ts";
import type { BufferWindow } from "./task_buffer.ts";

/** A system that runs slices of tasks: an engine without its scheduler. */
export interface BatchSystem<P extends Part> extends Omit<Engine, "run"> {
  /** The system's name in messages, such as `Slurm` or `the platform`. */
  readonly label: string;
  /**
   * Prepares what the parts of a job need, such as the program that they run.
   *
   * @throws {UsageError} when the system cannot be reached.
   */
  open(context: BackendContext): Promise<Backend<P>>;
}

/** The context of an engine, with what the scheduler adds for its backend. */
export interface BackendContext extends EngineContext {
  /**
   * Repeats a request while the system does not answer and parts of the job run there.
   *
   * @param ask the request; it must be safe to repeat
   * @param isPassing tells errors that another try may cure from the others
   * @throws the request's own error when it is not passing, when no part runs, or on an abort.
   */
  patiently<T>(ask: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T>;
}

/** The connection of one controller with a system, for one job. */
export interface Backend<P extends Part> {
  /** The amounts that the system accepts. */
  readonly limits: BackendLimits;
  /** The time between two polls. */
  readonly pollPace: PollPace;
  /** The time between two looks for new events, where they come in without a poll. */
  readonly collectPace?: PollPace;

  /**
   * Lists the assignments of the parts that a former controller of the job submitted, the newest first,
   * and removes the mark of {@linkcode Engine.cancel}.
   */
  reattach(): Promise<Assignment<P>[]>;

  /** Returns true when the job was marked by {@linkcode Engine.cancel} in the meantime. */
  isCanceled(): boolean;

  /**
   * Returns the highest number of tasks in a slice.
   *
   * @param tasks the number of tasks that are about to be cut to slices
   * @param slices the highest number of slices that one submission may have
   */
  sliceTasks(tasks: number, slices: number): number;

  /**
   * Submits slices, each as one part.
   *
   * @returns a part for each slice, from the first on. There may be fewer parts than slices; the tasks
   * of the other slices are submitted later.
   */
  submit(slices: readonly TaskBatch[][]): Promise<P[] | Refusal>;

  /**
   * Asks the system for the state of parts, and keeps it in them.
   *
   * @returns true when a state has changed.
   * @throws {UsageError} when a part can never run.
   */
  poll(parts: ReadonlySet<P>): Promise<boolean>;

  /** Yields the events that have come in since the last call; each is valid until the next one. */
  collect(parts: ReadonlySet<P>): AsyncIterable<EventBatch>;

  /** Decides whether a part is over, after its events were collected. */
  judge(part: P): Judgement;

  /** Restarts a part with all of its tasks, after a judgement of this type. */
  rerun?(part: P): Promise<void>;

  /** Ends a part that is over but may still run where the system cannot see it. */
  discard?(part: P): Promise<void>;

  /** Cancels parts that have not started, and starts nothing more. Running parts may finish. */
  stop(parts: ReadonlySet<P>): Promise<void>;

  /** Ends all parts at once, and records that this was on purpose. */
  cancel(parts: ReadonlySet<P>): Promise<void>;

  /** Removes what was kept for the job: the journal has all of it. */
  release(): Promise<void>;

  /** Returns the error of a job whose parts end before they start a task. */
  startError(part: P): UsageError;
}

/** The amounts that a system accepts. */
export interface BackendLimits {
  /** The tasks that may wait here or be in flight. */
  readonly window: BufferWindow;
  /** The most that one submission holds. */
  readonly submission: BufferWindow & { readonly slices: number };
  /** The length of a slice's arguments, in bytes. @default {Infinity} */
  readonly sliceBytes?: number;
  /** The number of active parts at which submission stops. @default {Infinity} */
  readonly parts?: number;
}

/** A submission that was not accepted. */
export interface Refusal {
  /**
   * - `full`: the system accepts more, or fewer at a time, when other parts have ended
   * - `busy`: the system is too busy now
   * - `changed`: something has changed in between, and the next submission may follow at once
   * - `invalid`: the same submission will never be accepted
   */
  readonly kind: "full" | "busy" | "changed" | "invalid";
  /** The system's own words. */
  readonly message: string;
  /** The time until the next try, in milliseconds. @default {30_000} when full, 5000 when busy */
  readonly waitMs?: number;
}

/** The end of a part, or the lack of one. */
export type Judgement =
  /** More events may come. */
  | { readonly type: "running" }
  /**
   * The part reports that it is being ended. The system is asked soon, because it forgets the
   * reason.
   */
  | { readonly type: "ending" }
  /** The part has ended, and the system must restart it. */
  | { readonly type: "rerun"; readonly start: Start }
  /** No more events will come. */
  | { readonly type: "over"; readonly start: Start; readonly leftover: Leftover };

/** The tasks without a response, which a part leaves when it is over. */
export interface Leftover {
  /** The attempts that are charged. */
  readonly failures: readonly FailedAttempt[];
  /** The tasks that run again, together with any others. @default {[]} */
  readonly rest?: readonly TaskBatch[];
  /** The tasks that run again, each slice as a part of its own. @default {[]} */
  readonly slices?: readonly TaskBatch[][];
  /** True when the part may still run where the system cannot see it. @default {false} */
  readonly mayRun?: boolean;
}
