/**
 * The protocol between the controller and a worker: lines in on stdin, blocks out on stdout.
 *
 * **In**: the arguments of a task are a line of JSON. A line `RS <id> <attempt>` sets the id and the
 * attempt of the task in the next line; without one, the task is the one after the last in the list,
 * at the same attempt. `withHeads` in `lib/tasks/batch.ts` writes these lines. At the end of stdin
 * the worker exits.
 *
 * ```text
 * RS 7 1 LF          the next line is task 7, at its first attempt
 * [1,2] LF           task 7
 * [3,4] LF           task 8
 * ```
 *
 * **Out**: blocks. Each is RS, a head with the length in bytes of its body, the body, RS, LF.
 *
 * ```text
 * RS {"id":0,"count":3,"bytes":6} LF 0 LF 1 LF 4 LF RS LF    the results of tasks 0 to 2
 * RS {"bytes":20} LF {"id":3,"result":9} LF RS LF            other lines: events, logs, messages
 * ```
 *
 * The body and the head of a block of results are what the journal keeps, so the controller copies
 * them. Lines are events of the journal (`lib/journal/format.ts`), log lines, which have a `stream`,
 * and messages of the worker about itself ({@linkcode WorkerMessage}), which have no `id`.
 *
 * User code and its children write to the same stdout. Bytes outside of blocks are theirs and become
 * log lines. A block into which they wrote does not end where its head says. The controller then
 * accepts none of it: its tasks are still in flight when the worker reports that it is idle, and run
 * again.
 *
 * A program made by an earlier version may run again when its job is resumed. So names in messages
 * and options do not change.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7464 | RFC 7464}, JSON Text Sequences, for RS as the
 * mark before a JSON text.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";

/** The byte before and after each block: the record separator. */
export const RS = 0x1e;

/** A message of a worker about itself, not about a task. */
export type WorkerMessage =
  /** Every task has its response; the number of tasks received so far. */
  | { readonly idle: number }
  /** The function cannot be loaded. The worker exits. */
  | { readonly broken: TaskError };

/** The options of a worker, as JSON on its command line. */
export interface WorkerOptions {
  /** The number of calls that may be under way at the same time. @default {1} */
  readonly concurrency?: number | undefined;
  /** The longest that a response waits before it is written, in milliseconds. @default {50} */
  readonly flushMs?: number | undefined;
  /** True when an engine reads the output, false when a person runs the program. @default {true} */
  readonly isFramed?: boolean | undefined;
  /**
   * True to run tasks for a person: output is not captured, and each result is a line on stdout.
   *
   * @default {false}
   */
  readonly plain?: boolean | undefined;
}
