/**
 * The protocol between the controller and a worker: lines in on stdin, blocks out on stdout.
 *
 * **In**: each task is a line of JSON, its arguments. A line `RS <id> <attempt>` sets the id and
 * the attempt of the task in the next line. Without such a line, a task has the next id and the
 * same attempt. `withHeads` in `lib/tasks/batch.ts` writes these lines. The worker exits at the end
 * of stdin.
 *
 * ```text
 * RS 7 1 LF          the next line is task 7, at its first attempt
 * [1,2] LF           task 7
 * [3,4] LF           task 8
 * ```
 *
 * **Out**: blocks. A block consists of RS, a head with the length of the body in bytes, the body,
 * RS, and LF.
 *
 * ```text
 * RS {"id":0,"count":3,"bytes":6} LF 0 LF 1 LF 4 LF RS LF    the results of tasks 0 to 2
 * RS {"bytes":20} LF {"id":3,"result":9} LF RS LF            other lines: events, logs, messages
 * ```
 *
 * The journal stores the head and the body of a block of results unchanged, so the controller
 * copies them as bytes. A line is an event of the journal (`lib/journal/format.ts`), a log line,
 * which has a `stream`, or a message of the worker about itself ({@linkcode WorkerMessage}), which
 * has no `id`.
 *
 * User code and its children write to the same stdout. Bytes outside blocks are such output and
 * become log lines. If such output is inside a block, the length in the head is wrong, and the
 * controller drops the whole block. The tasks of the block are then still in flight when the worker
 * reports that it is idle, so they run again.
 *
 * A resumed job may run a program built by an earlier version of dl_jobs, so the names in messages
 * and options must not change.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7464 | RFC 7464}, JSON Text Sequences, for RS as
 * the mark before a JSON text.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";
import type { ValuePolicy } from "../values/policy.ts";

/** The byte before and after each block: the record separator. */
export const RS = 0x1e;

/** A message of a worker about itself. */
export type WorkerMessage =
  /** Each task received so far has its response. The value is the number of these tasks. */
  | { readonly idle: number }
  /** The function cannot be loaded. The worker exits. */
  | { readonly broken: TaskError };

/** The options of a worker, as JSON on its command line. */
export interface WorkerOptions {
  /** The largest number of concurrent calls. @default {1} */
  readonly concurrency?: number | undefined;
  /** The longest delay before a response is written, in milliseconds. @default {50} */
  readonly flushMs?: number | undefined;
  /** True when an engine reads the output, false when a user runs the program. @default {true} */
  readonly isFramed?: boolean | undefined;
  /** The treatment of values that cannot be represented exactly. */
  readonly values?: ValuePolicy | undefined;
  /**
   * True to run tasks for a user. The output of tasks is not captured, and each result is a line on
   * stdout.
   *
   * @default {false}
   */
  readonly plain?: boolean | undefined;
}
