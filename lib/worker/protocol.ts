/**
 * The protocol between the controller and a worker: frames over a Unix socket that no other process
 * has.
 *
 * **Start**: the controller listens on a socket in a private folder, and starts the worker with the
 * path of the socket in its options. Before it loads user code, the worker makes a random token,
 * writes it to its stdout between two RS, connects, and writes the token as its first bytes. The
 * controller drops a connection that begins with other bytes. After the first connection that begins
 * with the token, it removes the socket's file and writes RS. Then the worker loads user code,
 * without its permissions for this path. User code and its children find an empty stdin, and what
 * they write to stdout and stderr is only text.
 *
 * **Frames**: in both directions, a frame consists of RS, the token, a checksum of the head, the
 * head, which contains the length of the body in bytes, LF, the body, RS, and LF. Bytes without the
 * token are never used, nor is a frame whose checksum or length is wrong. The body has no checksum:
 * the socket delivers bytes unchanged, so bytes can only be missing or added.
 *
 * **In**: a frame contains the arguments of tasks with consecutive ids, one task per line. Its head
 * contains the first id, the attempt, the number of lines, and the number of tasks before them in
 * the stream. The worker exits when the controller ends the stream.
 *
 * ```text
 * RS token sum {"id":7,"attempt":1,"count":2,"before":0,"bytes":12} LF [1,2] LF [3,4] LF RS LF
 * ```
 *
 * A worker that receives other bytes reports `damaged` and exits, before it runs a task of them.
 * Its tasks run again and are not charged.
 *
 * **Out**: a frame contains results, or other lines.
 *
 * ```text
 * RS token sum {"id":0,"count":3,"bytes":6} LF 0 LF 1 LF 4 LF RS LF  tasks 0 to 2
 * RS token sum {"bytes":20} LF {"id":3,"result":9} LF RS LF          other lines
 * ```
 *
 * The journal stores the head and the body of a frame of results unchanged, so the controller
 * copies them as bytes. A line is an event of the journal (`lib/journal/format.ts`), a log line,
 * which has a `stream`, or a message of the worker about itself ({@linkcode WorkerMessage}), which
 * has no `id`. The controller checks every frame (`lib/engines/local/worker_responses.ts`). A
 * worker that sends anything else is ended.
 *
 * Without a socket, a user runs the program by hand: stdin contains lines of arguments, and stdout
 * carries the lines without frames.
 *
 * A resumed job may have a program that an earlier version of dl_jobs built. A program therefore
 * names the version of this protocol in its first line: change `PROTOCOL_LINE` in
 * `lib/bundle/program.ts` together with this protocol.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7464 | RFC 7464}, JSON Text Sequences, for RS as
 * the mark before a JSON text.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";
import type { ValuePolicy } from "../values/policy.ts";

/** A message of a worker about itself. */
export type WorkerMessage =
  /** Each task received so far has its response. The value is the number of these tasks. */
  | { readonly idle: number }
  /** The function cannot be loaded. The worker exits. */
  | { readonly broken: TaskError }
  /** The stream of tasks is damaged. The worker exits. */
  | { readonly damaged: string };

/** The options of a worker, as JSON on its command line. */
export interface WorkerOptions {
  /** The largest number of concurrent calls. @default {1} */
  readonly concurrency?: number | undefined;
  /** The longest delay before a response is written, in milliseconds. @default {50} */
  readonly flushMs?: number | undefined;
  /** The treatment of values that cannot be represented exactly. */
  readonly values?: ValuePolicy | undefined;
  /** The path of the controller's socket. @default {none, because a user runs the program} */
  readonly socket?: string | undefined;
  /**
   * True to run tasks for a user. The output of tasks is not captured, and each result is a line on
   * stdout.
   *
   * @default {false}
   */
  readonly plain?: boolean | undefined;
}
