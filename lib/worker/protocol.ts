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
 * A task that has saved a checkpoint before is alone in its frame. The head then has
 * `"checkpoint":1`, and the body has a second line, the value of the checkpoint.
 *
 * ```text
 * RS token sum {"id":7,"attempt":2,"count":1,"before":2,"checkpoint":1,"bytes":14} LF [1,2] LF {"row":40} LF RS LF
 * ```
 *
 * Two frames have no body. They are sent only to a worker whose message `loaded` has `grace`, so a
 * worker that runs calls which can react reads on while they run:
 *
 * ```text
 * RS token sum {"cancel":7,"attempt":1,"bytes":0} LF RS LF   task 7 has exceeded its time limit
 * RS token sum {"quit":1,"bytes":0} LF RS LF                 the run is canceled
 * ```
 *
 * After `cancel`, the worker aborts the signal of this task, which may have ended already. After
 * `quit`, it aborts the signals of all running tasks, starts no more tasks, waits for the running
 * ones, and ends as at the end of the stream. The controller kills the worker when a task runs
 * longer than its limit and `grace` together, or when the worker runs `grace` after `quit`. Such a
 * task fails as a timeout, whatever it returns or throws after `cancel`.
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
 * copies them as bytes. A line is an event of the journal (`lib/journal/format.ts`), an update of a
 * running task (`lib/journal/task_update.ts`), a log line, which has a `stream`, or a message of
 * the worker about itself ({@linkcode WorkerMessage}), which has no `id`. The controller checks
 * every frame (`lib/engines/local/worker_responses.ts`). A worker that sends anything else is
 * ended.
 *
 * A failure of the class `limited` says that a service limits the task. `waitMs` in its error is the
 * time that the service has named, in milliseconds.
 *
 * An update is valid only while its task runs, and its keys have this order:
 *
 * ```text
 * {"id":3,"attempt":1,"type":"checkpoint","info":true,"value":{"row":40}}
 * {"id":3,"attempt":1,"type":"progress","info":true,"fraction":0.5,"text":"half"}
 * ```
 *
 * A worker sends each kind at most once a second for a task. The last checkpoint always arrives
 * before the end of its task.
 *
 * Without a socket, a user runs the program by hand: stdin contains lines of arguments, and stdout
 * carries the lines without frames.
 *
 * A resumed job may have a program that an earlier version of dl_jobs built. A program therefore
 * names the version of this protocol in its first line: change `PROTOCOL_LINE` in
 * `lib/bundle/program/program.ts` together with this protocol.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7464 | RFC 7464}, JSON Text Sequences, for RS as
 * the mark before a JSON text.
 *
 * @module
 */

import type { LoadError } from "../journal/format.ts";
import type { ValuePolicy } from "../values/policy.ts";
import type { ReduceOptions } from "./reduce.ts";

/** A message of a worker about itself. */
export type WorkerMessage =
  /** Each task received so far has its response. The value is the number of these tasks. */
  | { readonly idle: number }
  /** The function can be called. Sent once, before the first `idle`. */
  | { readonly loaded: LoadedFunction }
  /** The function cannot be loaded, or `setup` has failed. The worker exits. */
  | { readonly broken: LoadError }
  /** The stream of tasks is damaged. The worker exits. */
  | { readonly damaged: string };

/** The facts about a function that a worker has loaded. */
export interface LoadedFunction {
  /** True when a running call can react to `cancel` and `quit`. */
  readonly grace: boolean;
  /** The time that `setup` took, in milliseconds; 0 without `setup`. */
  readonly setupMs: number;
  /** The text of the parameter that receives the context. @default {none, or unknown} */
  readonly parameter?: string | undefined;
}

/** The options of a worker, as JSON on its command line. */
export interface WorkerOptions {
  /** The largest number of concurrent calls. @default {1} */
  readonly concurrency?: number | undefined;
  /** The longest delay before a response is written, in milliseconds. @default {50} */
  readonly flushMs?: number | undefined;
  /** The treatment of values that cannot be represented exactly. */
  readonly values?: ValuePolicy | undefined;
  /** Set when the function folds results, and tasks are lines of `reduce.ts`. @default {no} */
  readonly reduce?: ReduceOptions | undefined;
  /** The id of the job. @default {an empty text} */
  readonly job?: string | undefined;
  /**
   * The folder for files of the job, as an absolute path. The worker creates it when `ctx.dir` is
   * first read.
   *
   * @default {none}
   */
  readonly files?: string | undefined;
  /** The time that calls have after a cancellation, in milliseconds. @default {0} */
  readonly grace?: number | undefined;
  /**
   * True to check elements with the schema of the module instead of calling the function.
   *
   * @default {false}
   */
  readonly isCheck?: boolean | undefined;
  /** The path of the controller's socket. @default {none, because a user runs the program} */
  readonly socket?: string | undefined;
  /**
   * The token of a worker that uses the terminal of its controller. Only this user can enter the
   * folder of its socket. Other workers make their own token.
   *
   * @default {none}
   */
  readonly token?: string | undefined;
  /**
   * True to run tasks for a user. The output of tasks is not captured, and each result is a line on
   * stdout.
   *
   * @default {false}
   */
  readonly plain?: boolean | undefined;
  /** The file with the line of arguments of a Python program with `plain`. @default {none} */
  readonly input?: string | undefined;
  /** True when a Python program with `plain` calls the function in a debugger. @default {false} */
  readonly inspect?: boolean | undefined;
  /** The id of the first task of a user's run. @default {0} */
  readonly task?: number | undefined;
}
