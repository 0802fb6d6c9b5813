/**
 * Looks at the running tasks of a job once a second, and keeps the files `running.json` and
 * `resources.ndjson`.
 *
 * @module
 */

import { ResourceLog } from "../../job_dir/resources.ts";
import { type ActiveProcess, RunningFile } from "../../job_dir/running_tasks.ts";
import { answerForStacks } from "../../job_dir/stacks.ts";
import { startLightInterval } from "../../util/time/light_timer.ts";

const LOOK_MS = 1000;

/** Watches the running tasks of one run. */
export class RunningWatch implements Disposable {
  #file: RunningFile;
  #resources: ResourceLog;
  #stop: (() => void) | undefined;

  /**
   * Creates a watch that does nothing until {@linkcode start}.
   *
   * @param folder the folder of the job
   * @param median returns the usual duration of a task, in milliseconds
   */
  constructor(readonly folder: string, readonly median: () => number | undefined) {
    this.#file = new RunningFile(folder);
    this.#resources = new ResourceLog(folder);
  }

  /** Starts to look at the workers of an engine. */
  start(look: () => readonly ActiveProcess[]): void {
    this.#stop?.();
    this.#stop = startLightInterval(() => {
      const at = Date.now(), workers = look();
      this.#file.write({ at, median: this.median(), workers });
      this.#resources.add(at, workers);
      // A request only informs, too: it never ends the job.
      answerForStacks(this.folder, look).catch(() => {});
    }, LOOK_MS);
  }

  [Symbol.dispose](): void {
    this.#stop?.();
    this.#file[Symbol.dispose]();
  }
}
