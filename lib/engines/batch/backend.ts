/**
 * The contract between the scheduler and a system that accepts submissions and is polled for their
 * state, such as a cluster's batch system or a cloud service. This file contains only types.
 *
 * To write a new backend:
 *
 * 1. Create `engines/<name>/<name>.ts` with `batchEngine({ name, label, open, ... })`, and add the name
 *    to `engines/mod.ts` and to the options.
 * 2. Write the program of the far side. It reads a slice of the tasks with `readSlice()`, runs them
 *    with the engine `local`, and stores their events where the controller can read them.
 * 3. Extend `Part` with the system's id of a slice, and with the state that the system reports.
 * 4. Record each submission in the job's folder with `Submissions` before the request is sent. If
 *    the controller dies before the response arrives, the next controller finds the parts in
 *    `reattach()`.
 * 5. Implement `submit()`. It returns either parts for the slices or a refusal, never both.
 * 6. Implement `poll()`. It asks the system about all parts in one request, and stores the answer in
 *    the parts. A missing or unknown answer never means that a part has ended.
 * 7. Implement `collect()`. It yields each new event once.
 * 8. Implement `judge()`. It decides when a part is over, which of its tasks failed, and which
 *    tasks run again. A task that did not run must not be charged.
 * 9. Implement `stop()`, `cancel()` and `release()`.
 * 10. Add a file with `testEngine("<name>", engine)`, and a test for each way the system can fail.
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
   * Connects to the system, and prepares the files that the parts of a job need.
   *
   * @throws {UsageError} when the system cannot be reached.
   */
  open(context: BackendContext): Promise<Backend<P>>;
}

/** The context of an engine, extended with the scheduler's retries. */
export interface BackendContext extends EngineContext {
  /**
   * Makes a request, and retries it after temporary errors while parts of the job are under way.
   *
   * @param ask the request, which must be safe to repeat
   * @param isPassing returns true for a temporary error
   * @throws the request's last error when it is permanent, when no part is under way, or on an abort.
   */
  patiently<T>(ask: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T>;
}

/** The connection of one controller to a system, for one job. */
export interface Backend<P extends Part> {
  /** The maximum amounts that the system accepts. */
  readonly limits: BackendLimits;
  /** The interval between polls. */
  readonly pollPace: PollPace;
  /** The interval between checks for new events. @default {pollPace} */
  readonly collectPace?: PollPace;

  /**
   * Lists the assignments of parts that an earlier controller of the job submitted, newest first,
   * and removes the cancellation mark of {@linkcode Engine.cancel}.
   */
  reattach(): Promise<Assignment<P>[]>;

  /**
   * Returns true when {@linkcode Engine.cancel} has marked the job as canceled since the call of
   * {@linkcode Backend.reattach}.
   */
  isCanceled(): boolean;

  /**
   * Returns the maximum number of tasks per slice.
   *
   * @param tasks the number of tasks to cut into slices
   * @param slices the maximum number of slices per submission
   */
  sliceTasks(tasks: number, slices: number): number;

  /**
   * Submits each slice as one part. With a {@linkcode Backend.collectPace}, the scheduler polls,
   * collects events, and changes, stops or cancels other parts meanwhile. A change or a stop is
   * repeated for the new parts.
   *
   * @returns the parts, in the order of the slices. When there are fewer parts than slices, the
   * scheduler submits the remaining slices later.
   */
  submit(slices: readonly TaskBatch[][]): Promise<P[] | Refusal>;

  /**
   * Asks the system for the states of parts, and stores each state in its part. With a
   * {@linkcode Backend.collectPace}, the scheduler collects events and submits parts meanwhile.
   *
   * @param signal aborted when no answer is needed any more
   * @returns true when a state has changed.
   * @throws {UsageError} when a part can never run.
   */
  poll(parts: ReadonlySet<P>, signal: AbortSignal): Promise<boolean>;

  /**
   * Yields the events that arrived since the last call. Each batch is valid until the caller
   * requests the next batch.
   */
  collect(parts: ReadonlySet<P>): AsyncIterable<EventBatch>;

  /** Decides whether a part is over, based on its state and its collected events. */
  judge(part: P): Judgement;

  /** Restarts a part with all of its tasks, after a judgement of type `rerun`. */
  rerun?(part: P): Promise<void>;

  /** Ends a part that was judged as over but may still be running. */
  discard?(part: P): Promise<void>;

  /**
   * Applies the pace and the live options of the context to parts that are under way. Called after
   * a change, and for the parts of an earlier controller. @default {they keep theirs}
   */
  adapt?(parts: ReadonlySet<P>): Promise<void>;

  /**
   * Cancels parts that have not started. Running parts may finish the tasks that they have started.
   * With a {@linkcode Backend.collectPace}, the scheduler polls and collects events meanwhile.
   */
  stop(parts: ReadonlySet<P>): Promise<void>;

  /**
   * Ends all parts immediately, and records that the end was intentional. Called a second time
   * after the answer to a submission that has none yet; its parts must not begin tasks until then.
   */
  cancel(parts: ReadonlySet<P>): Promise<void>;

  /**
   * Removes the job's files and records from the system. The journal already contains all events.
   */
  release(): Promise<void>;

  /** Returns the error for a job whose parts repeatedly end before they start a task. */
  startError(part: P): UsageError;
}

/** The maximum amounts that a system accepts. */
export interface BackendLimits {
  /** The most tasks and bytes that the controller may hold in its buffer and in parts together. */
  readonly window: BufferWindow;
  /** The most tasks, bytes and slices in one submission. */
  readonly submission: BufferWindow & { readonly slices: number };
  /** The most bytes of arguments in a slice. @default {Infinity} */
  readonly sliceBytes?: number;
  /** The number of parts under way at which the scheduler stops submitting. @default {Infinity} */
  readonly parts?: number;
}

/** The answer of a system that did not accept a submission. */
export interface Refusal {
  /**
   * - `full`: a limit is reached; a smaller or later submission may succeed
   * - `busy`: the system cannot answer now
   * - `changed`: the system changed during the submission; the scheduler may submit again at once
   * - `invalid`: the system does not accept this submission. The first one ends the job. Later ones
   *   are tried again, because an error would end the parts under way
   */
  readonly kind: "full" | "busy" | "changed" | "invalid";
  /** The reason, in the system's own words. */
  readonly message: string;
  /**
   * The time until the next try, in milliseconds. Without parts under way, half of a `full`
   * submission is tried at once.
   *
   * @default {30_000} for `full`, else 5000
   */
  readonly waitMs?: number;
}

/** The result of {@linkcode Backend.judge}. */
export type Judgement =
  /** More events may arrive. */
  | { readonly type: "running" }
  /**
   * The part reports that the system told it to end. The scheduler polls before the system forgets
   * the reason.
   */
  | { readonly type: "ending" }
  /** The part has failed, and the scheduler calls {@linkcode Backend.rerun}. */
  | { readonly type: "rerun"; readonly start: Start }
  /** No more events will arrive. */
  | { readonly type: "over"; readonly start: Start; readonly leftover: Leftover };

/** The tasks of a finished part that have no response. */
export interface Leftover {
  /** The attempts that count as failed. */
  readonly failures: readonly FailedAttempt[];
  /** Tasks to run again, which may share slices with other tasks. @default {[]} */
  readonly rest?: readonly TaskBatch[];
  /** Slices to run again, each as a separate part. @default {[]} */
  readonly slices?: readonly TaskBatch[][];
  /** True when the part may still be running, although it was judged as over. @default {false} */
  readonly mayRun?: boolean;
}
