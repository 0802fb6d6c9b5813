/**
 * The contract between the near side and what connects it to machines, such as `ssh`. This file
 * contains only types.
 *
 * A machine is a place that answers a stream: a command there has a stdin and a stdout, and runs the
 * program of `on_host.ts`. All else is the same for each such system: which tasks a machine has,
 * what came back, and what happens when the connection or the machine is lost.
 *
 * @module
 */

import type { Engine, EngineContext } from "../engine.ts";

/** A system of machines: an engine without its near side. */
export interface StreamSystem extends Omit<Engine, "run"> {
  /**
   * Lists the machines of a job.
   *
   * @throws {UsageError} when an option is invalid.
   */
  open(context: EngineContext): Promise<StreamPlaces>;
}

/** The machines of a job, and the times after which one is given up. */
export interface StreamPlaces {
  /** The machines. */
  readonly places: readonly HostPlace[];
  /** The time after which the tasks of a machine that is away run elsewhere, in milliseconds. */
  readonly lostAfter: number;
  /** The time that a machine works on without a controller, in milliseconds. */
  readonly lease: number;
  /**
   * Returns a machine that had tasks of the job and is no longer listed.
   *
   * @default {such a machine is not asked for its tasks, which run elsewhere}
   */
  former?(name: string): HostPlace;
  /** Removes the machines after the run. @default {they stay} */
  close?(): Promise<void>;
}

/** A machine. */
export interface HostPlace {
  /** Its name, unique in the job. */
  readonly name: string;
  /** The number of workers that the user set. @default {by its CPUs} */
  readonly workers?: number | undefined;
  /** The advice to a user when its folder is full or read-only. @default {none} */
  readonly advice?: string | undefined;
  /** True when it only ends the tasks that run there, and the others run elsewhere. */
  readonly isFormer?: boolean | undefined;
  /**
   * Waits until there is a machine, for a place whose machines come and go.
   *
   * @param signal ends the wait
   * @param tell receives the reason of the wait, and an empty text after it
   * @throws {MachineGone} once, when the last machine is gone with its tasks.
   * @throws {UsageError} when no machine can come.
   * @default {there is one}
   */
  ready?(signal: AbortSignal, tell: (reason: string) => void): Promise<void>;
  /**
   * Removes a machine that is away for too long. Its tasks run elsewhere.
   *
   * @throws {Error} when this fails, so that its tasks may still run there.
   * @default {the machine stays, and is told to end them when it is back}
   */
  discard?(): Promise<void>;
  /**
   * Starts the program `on_host.ts` there in the role `attach`.
   *
   * @param signal ends the attempt
   * @throws {Error} when this fails; the message has the words of the system. A `UsageError` cannot
   * pass by itself.
   */
  connect(signal: AbortSignal): Promise<Pipes>;
}

/** A connection to a program on a machine. */
export interface Pipes {
  /** The stdout of the program. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The stdin of the program. */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves after the end of the connection, with its last words, which may be empty. */
  readonly ended: Promise<string>;
  /** The text about a failed step before the program began, for the user. @default {none} */
  readonly notice?: string | undefined;
  /** Ends the connection. */
  close(): void;
}
