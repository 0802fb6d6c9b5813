/**
 * The packets between the controller and a host.
 *
 * 1. The host sends {@linkcode Ready}.
 * 2. The controller sends an {@linkcode AttachRequest}. The host answers with {@linkcode Needs} while
 *    files are missing, and the controller sends their {@linkcode FilePiece}s. Then the host sends
 *    {@linkcode Hello}.
 * 3. The controller sends the packets of the file `tasks` that the host does not have, and the host
 *    those of the file `events` from the offset of the request. Both send {@linkcode Beat}s, and the
 *    host a {@linkcode RunningReport} now and then.
 * 4. `end`, `stop`, `drop` and `cancel` end the work; see {@linkcode Order}.
 *
 * @module
 */

import type { RunningTasks } from "../../job_dir/running_tasks.ts";
import type { FarSideSettings } from "../shared/far_side_settings.ts";

/** The version of these packets, part of the name of the program on a host. */
export const STREAM_VERSION = 1;

/** The interval of heartbeats, and the silence after which a connection is dead, in milliseconds. */
export const BEAT_MS = 5000, SILENCE_MS = 20_000;

/** The advice about a connection on which a host receives nothing, or too little. */
export const PASS_STDIN = "the command that connects must pass all of its stdin on, " +
  "which ssh with -n or StdinNull does not";

/** The first packet of a host. */
export interface Ready {
  /** The version of Deno. */
  readonly ready: string;
  /** The number of CPUs. */
  readonly cpus: number;
}

/** The first packet of the controller. */
export interface AttachRequest {
  /** The name of the job's folder on the host, which no other job or run uses. */
  readonly spool: string;
  /** The offset in `events` after the last packet that the controller has. */
  readonly offset: number;
  /** The settings with which tasks run. */
  readonly settings: FarSideSettings;
  /** The environment variables of the workers. */
  readonly env: Readonly<Record<string, string>>;
  /** The program of the workers: a path in the folder of the job. */
  readonly program: string;
  /** The folders of the controller's machine whose files are copied to the working directory of tasks. */
  readonly roots?: readonly string[] | undefined;
  /** The files that the host must have: paths in the folder of the job. */
  readonly files: readonly string[];
  /** The versions of these files, which change with their content. A program has it in its name. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /** The time that a host works on without a controller, in milliseconds. */
  readonly lease: number;
  /** The state of the run. @default {tasks may begin} */
  readonly order?: Order | undefined;
  /** The folders of earlier runs that the host must end and remove. */
  readonly drop: readonly string[];
}

/** The first packet of a controller that only removes what a host has. */
export interface DropRequest {
  /** The folders of earlier runs that the host must end and remove. */
  readonly drop: readonly string[];
  /** The time in which running calls can react, in milliseconds. */
  readonly grace: number;
}

/** The files of a request that the host does not have, or has in another version. */
export interface Needs {
  /** Their paths. */
  readonly needs: readonly string[];
}

/** A piece of a file, in the payload. */
export interface FilePiece {
  /** The path of the file. */
  readonly file: string;
  /** The offset of the piece. */
  readonly at: number;
  /** True for the last piece. */
  readonly isLast: boolean;
  /** True when the file is a program or a script that its owner may run. */
  readonly isExecutable?: true | undefined;
}

/** The answer to a request. */
export interface Hello {
  /** The size of the file `tasks`. */
  readonly tasks: number;
  /** The size of the file `events`. */
  readonly events: number;
  /** True when the folder of the job did not exist. */
  readonly isNew: boolean;
}

/** A sign of life. */
export interface Beat {
  readonly beat: 1;
}

/**
 * The running tasks of a host, once a second while a task runs that takes longer; `null` after the
 * last one.
 */
export interface RunningReport {
  readonly running: RunningTasks | null;
}

/**
 * An order of the controller.
 *
 * - `end`: no more tasks come; workers end
 * - `stop`: begin no more tasks, and finish those that run
 * - `drop`: remove the folder of the job, which is not needed any more
 * - `cancel`: end running tasks within `grace`, then drop
 */
export type Order = "end" | "stop" | "drop" | "cancel";

/** The packet of an order. */
export interface OrderPacket {
  readonly order: Order;
}

/** The last packet of a host. */
export type Farewell =
  /** The folder of the job is removed. */
  | { readonly dropped: string }
  /** The process that runs the tasks has died; its last words. */
  | { readonly died: string }
  /** The host cannot continue: for example, its disk is full. */
  | { readonly failed: string };

/** The heads of the packets in the file `events`, besides {@linkcode FilePiece}. */
export type EventHead =
  /** Lines of events, in the payload. */
  | { readonly events: 1 }
  /** The function cannot run on the host. */
  | { readonly broken: string }
  /** A notice to the user. */
  | { readonly notice: string }
  /** The process that runs tasks has begun to do so, with this number of workers. */
  | { readonly began: string; readonly workers: number }
  /** The process that runs tasks has ended as ordered. */
  | { readonly ended: string }
  /** The machine goes away: what ran has ended, and the other tasks must run elsewhere. */
  | { readonly left: string };
