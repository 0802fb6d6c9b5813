/**
 * The far side of Slurm: runs the slice of one array task on a node of the cluster with the engine
 * `local`, and appends the events to the array task's file.
 *
 * The module is bundled into one program, which needs only Deno and the job's folder on the node.
 *
 * @module
 */

import { brokenText } from "../shared/start_error.ts";
import { Pace } from "../../tasks/pace.ts";
import { messageOf, UsageError } from "../../util/errors.ts";
import { existsOr } from "../../util/files/fs.ts";
import { localEngine } from "../local/local.ts";
import { maskEvents } from "../shared/mask_events.ts";
import { countTasks, readSlice } from "../shared/task_ranges.ts";
import { EventFile } from "./event_file.ts";
import {
  arrayTaskFiles,
  envOfArray,
  jobArrays,
  pauseFile,
  stopFile,
  wasEnded,
} from "./job_array.ts";

/** The JSON argument of an array task's program. */
export interface ArrayTaskOptions {
  /** The folder of the array; queued scripts of version 0.1.0 use the same field name. */
  readonly wave: string;
}

const STOP_MS = 1000;
const TERMINATED = 143;

/** Runs the slice of an array task. */
export async function runOnNode(
  { wave: dir }: ArrayTaskOptions = JSON.parse(Deno.args[0]!),
): Promise<void> {
  const index = Number(Deno.env.get("SLURM_ARRAY_TASK_ID"));
  const arrays = jobArrays(`${dir}/../..`);
  const { settings, workingFolder, elements } = await arrays.read(dir);
  const env = await envOfArray(arrays.folder, settings);
  const files = arrayTaskFiles(dir, index), ranges = elements[index]!;
  using events = new EventFile(dir, index);
  using signals = new Signals(dir, index);
  const tasks = readSlice(files.tasks, ranges, (id) => events.answered.has(id));
  const batches = localEngine.run(tasks, {
    ...settings,
    env,
    warn: console.error,
    pace: signals.pace,
    stop: signals.stop,
    signal: signals.end,
  });
  try {
    enter(workingFolder);
    for await (const batch of maskEvents(batches, env)) {
      events.write(batch);
      for (const { event: { id, error }, args } of batch.failures) {
        if (error.class === "limited") signals.pace.limited({ id, args }, error.waitMs);
      }
      if (events.count > 0) signals.progressed();
    }
  } catch (error) {
    events.say({ broken: brokenText(error) });
  }
  // The controller queries Slurm for the reason.
  if (signals.end.aborted) {
    events.say({ terminated: new Date().toISOString() });
    return events.exit(TERMINATED);
  }
  events.say({ ended: new Date().toISOString(), left: countTasks(ranges) - events.count });
  events.exit(0);
}

/**
 * Enters the working folder that the user sets. Without this, Slurm runs an array task in `/tmp` of a
 * node that does not have the folder, and the files of tasks are lost there.
 *
 * @throws {UsageError} when the folder cannot be entered.
 */
function enter(folder: string | undefined): void {
  if (folder === undefined) return;
  try {
    Deno.chdir(folder);
  } catch (error) {
    throw new UsageError(
      `Cannot enter the working folder: ${messageOf(error)}; ` +
        "create it on all nodes, or leave out chdir in the option slurm",
      { cause: error },
    );
  }
}

/** The signals that tell an array task to start no more tasks, or to end. */
class Signals implements Disposable {
  /** Paused while the file of the controller exists. */
  readonly pace: Pace = new Pace();
  #stop = new AbortController();
  readonly stop: AbortSignal = this.#stop.signal;
  #end = new AbortController();
  readonly end: AbortSignal = this.#end.signal;
  #timer: ReturnType<typeof setInterval>;
  #hasProgressed = false;
  #isTimeNear = false;
  #onTime = () => {
    this.#isTimeNear = true;
    // Slurm may send the signal right after the start. Stopping before the first result could
    // repeat forever, because the next array task would receive all tasks and could also stop at
    // once.
    if (this.#hasProgressed) this.#stop.abort();
  };
  #onTerm = () => this.#end.abort();

  constructor(dir: string, index: number) {
    this.#look(dir, index);
    // Slurm sends this signal when the time limit is near.
    Deno.addSignalListener("SIGUSR2", this.#onTime);
    Deno.addSignalListener("SIGTERM", this.#onTerm);
    this.#timer = setInterval(() => this.#look(dir, index), STOP_MS);
  }

  /** Records that at least one task has ended. */
  progressed(): void {
    this.#hasProgressed = true;
    if (this.#isTimeNear) this.#stop.abort();
  }

  #look(dir: string, index: number): void {
    // Slurm may not have answered scancel. After an error of the disk, the next look tells.
    if (wasEnded(dir, index)) this.#end.abort();
    if (existsOr(stopFile(dir), false)) this.#stop.abort();
    this.pace.isPaused = existsOr(pauseFile(dir), this.pace.isPaused);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGUSR2", this.#onTime);
    Deno.removeSignalListener("SIGTERM", this.#onTerm);
  }
}
