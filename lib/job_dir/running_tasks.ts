/**
 * The file `running.json` in a job's folder: the tasks that run now, and their workers. The
 * controller rewrites it once a second while tasks run that take longer.
 *
 * @module
 */

import { PRIVATE_FILE, readIfThere, removeIfThere, writeAtomic } from "../util/files/fs.ts";
import { tryJson } from "../util/try_json.ts";

/** A running task. */
export interface ActiveTask {
  /** The task's id. */
  readonly id: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The start of the attempt, in milliseconds since 1970. */
  readonly since: number;
  /**
   * The number of tasks of which this is the first, when the worker runs one of them and has not
   * reported yet which. @default {1}
   */
  readonly among?: number | undefined;
}

/** A worker that runs tasks. */
export interface ActiveProcess {
  /** The name of the worker, as in the timeline. */
  readonly worker: string;
  /** The id of its process. @default {on another machine} */
  readonly pid?: number | undefined;
  /** The resident memory of its processes, in bytes. @default {unknown} */
  readonly memory?: number | undefined;
  /** The CPU time of its processes since their start, in milliseconds. @default {unknown} */
  readonly cpu?: number | undefined;
  /** The running tasks. */
  readonly tasks: readonly ActiveTask[];
  /** Describes what the worker does, in the process that runs the job. @default {unknown} */
  readonly explain?: (() => Promise<string>) | undefined;
}

/** The content of the file. */
export interface RunningTasks {
  /** The time of the observation, in milliseconds since 1970. */
  readonly at: number;
  /** The duration that half of the tasks did not exceed, in milliseconds. @default {unknown} */
  readonly median?: number | undefined;
  /** The workers that run tasks. */
  readonly workers: readonly ActiveProcess[];
}

function pathIn(folder: string): string {
  return `${folder}/running.json`;
}

/** Reads the running tasks of a job; `undefined` when no task runs that takes long. */
export function readRunning(folder: string): RunningTasks | undefined {
  // There may be no such file, or it is damaged.
  const running = Object(tryJson(readIfThere(pathIn(folder))));
  return Array.isArray(running.workers) ? running : undefined;
}

// A shorter task has ended before a user has seen it.
const LEAST_MS = 1000;

/** Writes the running tasks of a job. */
export class RunningFile implements Disposable {
  #isThere = false;

  /**
   * Creates the writer of a run.
   *
   * @param folder the folder of the job
   */
  constructor(readonly folder: string) {
    // An earlier process that was killed has left its file.
    removeIfThere(pathIn(folder));
  }

  /** Writes the file while a task runs for longer than a second, and removes it otherwise. */
  write(running: RunningTasks): void {
    const { at, workers } = running;
    const isLong = workers.some(({ tasks }) => tasks.some(({ since }) => at - since >= LEAST_MS));
    if (!isLong) return this.#remove();
    try {
      writeAtomic(pathIn(this.folder), JSON.stringify(running), { mode: PRIVATE_FILE });
      this.#isThere = true;
    } catch {
      // The file only informs: the next write to the journal tells what is wrong with the disk.
    }
  }

  [Symbol.dispose](): void {
    this.#remove();
  }

  #remove(): void {
    if (this.#isThere) removeIfThere(pathIn(this.folder));
    this.#isThere = false;
  }
}
