/**
 * Looks at the running tasks of a job once a second, and keeps the file `running.json`.
 *
 * @module
 */

import { type ActiveProcess, RunningFile } from "../job_dir/running_tasks.ts";
import { answerForStacks } from "../job_dir/stacks.ts";
import { startLightInterval } from "../util/light_timer.ts";

const LOOK_MS = 1000;

/** Watches the running tasks of one run. */
export class RunningWatch implements Disposable {
  #file: RunningFile;
  #stop: (() => void) | undefined;

  /**
   * Creates a watch that does nothing until {@linkcode start}.
   *
   * @param folder the folder of the job
   * @param median returns the usual duration of a task, in milliseconds
   */
  constructor(readonly folder: string, readonly median: () => number | undefined) {
    this.#file = new RunningFile(folder);
  }

  /** Starts to look at the workers of an engine. */
  start(look: () => readonly ActiveProcess[]): void {
    this.#stop?.();
    this.#stop = startLightInterval(() => {
      this.#file.write({ at: Date.now(), median: this.median(), workers: look() });
      // A request only informs, too: it never ends the job.
      answerForStacks(this.folder, look).catch(() => {});
    }, LOOK_MS);
  }

  [Symbol.dispose](): void {
    this.#stop?.();
    this.#file[Symbol.dispose]();
  }
}
