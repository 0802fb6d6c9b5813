/**
 * A queue of tasks between the list and the workers.
 *
 * @module
 */

import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { Pace } from "../../tasks/pace.ts";
import { ListReader } from "../shared/list_reader.ts";
import { ParkedTasks } from "./parked_tasks.ts";

/** A consumer of the queue: a worker, or a slot without a worker. */
export interface Taker {
  /**
   * `idle`: no task is in flight, so a suspect may run alone. `busy`: tasks are in flight. `gone`:
   * the taker accepts no more tasks.
   */
  readonly state: "idle" | "busy" | "gone";
}

/** Tasks for one worker. */
export interface TakenBatch {
  /** The tasks. */
  readonly batch: TaskBatch;
  /**
   * True for a task whose worker died or lost its response. Such a task runs alone, so the task is
   * the cause if its worker dies.
   */
  readonly isSuspect: boolean;
}

// The limits of the read-ahead, in batches and bytes. Workers do not wait for the list, and the
// queue uses little memory.
const READ_AHEAD = 64;
const READ_AHEAD_BYTES = 512 * 1024;
// The tasks for which a worker has room take a fraction of a second, so this part of them takes a
// few milliseconds.
const SMALLEST_SHARE = 64;

/** Reads the list ahead of the workers, and cuts it into batches of the sizes that they request. */
export class TaskQueue extends ListReader {
  #ready: TaskBatch[] = [];
  #suspects: Task[] = [];
  #parked = new ParkedTasks();
  #endWatch: (() => void) | undefined;

  /**
   * Creates a queue. The first call of {@linkcode take} begins to read the list.
   *
   * @param tasks the list
   * @param workers the number of workers among which the last tasks are divided
   * @param pace decides when tasks may begin. @default {at once}
   */
  constructor(tasks: AsyncIterable<TaskBatch>, public workers: number, readonly pace?: Pace) {
    super(tasks);
    this.#endWatch = pace?.watch(() => this.wake());
  }

  /** True when the list has ended and no task waits. */
  get isDrained(): boolean {
    const { length } = this.#ready;
    return this.isEnded && length + this.#suspects.length + this.#parked.count === 0;
  }

  /**
   * Takes the next tasks, waiting until some are available.
   *
   * @param most the maximum number of tasks to return
   * @returns the tasks, or undefined when no task is left or the taker is gone
   */
  async take(most: number, taker: Taker): Promise<TakenBatch | undefined> {
    while (taker.state !== "gone") {
      const taken = this.#next(most, taker);
      if (taken) return taken;
      if (this.isDrained) return undefined;
      await this.changed;
    }
    return undefined;
  }

  /** Puts tasks that have not started back at the front of the queue. */
  giveBack(tasks: readonly Task[]): void {
    this.#ready.unshift(...joinTasks(tasks));
    this.pace?.returned(tasks);
    this.wake();
  }

  /**
   * Puts tasks back into the queue after their worker died or lost their responses. Each task then
   * runs alone.
   */
  suspect(tasks: readonly Task[]): void {
    this.#suspects.push(...tasks);
    this.pace?.returned(tasks);
    this.wake();
  }

  /** Puts a batch back that was taken and has not started. A suspect still runs alone. */
  putBack({ batch, isSuspect }: TakenBatch): void {
    if (isSuspect) this.suspect([...batch]);
    else this.giveBack([...batch]);
  }

  /** Stops reading the list. */
  override async close(): Promise<void> {
    this.#endWatch?.();
    await super.close();
  }

  #next(most: number, { state }: Taker): TakenBatch | undefined {
    // A paused queue also reads, because the list may have ended.
    this.readAhead();
    if (this.pace?.isPaused) return undefined;
    const [suspect] = this.#suspects;
    if (state === "idle" && suspect && this.#mayBegin(suspect)) {
      const [batch] = joinTasks([this.#suspects.shift()!]);
      return { batch: batch!, isSuspect: true };
    }
    const batch = this.pace?.isPerTask ? this.#pick(this.pace) : this.#cut(most);
    return batch && { batch, isSuspect: false };
  }

  #mayBegin(task: Task): boolean {
    return this.pace?.isActive !== true || this.pace.begin(task);
  }

  /** Takes a task that may begin. */
  #pick(pace: Pace): TaskBatch | undefined {
    // Each look at a key parses the arguments of a task.
    if (!pace.isOpen()) return undefined;
    let task = this.#parked.take(pace);
    while (!task && this.#ready.length > 0 && !this.#parked.isFull) {
      const next = this.#shift();
      if (!this.#parked.hasKeyOf(next, pace) && pace.begin(next)) task = next;
      else this.#parked.push(next, pace);
    }
    return task && joinTasks([task])[0];
  }

  #shift(): Task {
    const [batch, ...others] = this.#ready;
    this.#ready = batch!.count > 1 ? [batch!.slice(1), ...others] : others;
    return batch!.task(0);
  }

  #cut(most: number): TaskBatch | undefined {
    // The rates that need each task have been removed.
    if (this.#parked.count > 0) this.#ready.unshift(...joinTasks(this.#parked.takeAll()));
    const [batch, ...others] = this.#ready;
    if (!batch) return undefined;
    const part = this.#granted(Math.min(batch.count, this.#share(most)));
    if (part === 0) return undefined;
    this.#ready = part < batch.count ? [batch.slice(part), ...others] : others;
    return part < batch.count ? batch.slice(0, part) : batch;
  }

  // A queue that is not full may be near the end of the list. Smaller batches let all workers end
  // together, but not much smaller ones: each batch costs a message.
  #share(most: number): number {
    if (this.isFull) return most;
    const left = this.#ready.reduce((sum, { count }) => sum + count, 0);
    const share = Math.ceil(left / this.workers / 2), least = Math.ceil(most / SMALLEST_SHARE);
    return Math.min(most, Math.max(share, least));
  }

  #granted(most: number): number {
    return this.pace?.isActive ? this.pace.grant(most) : most;
  }

  protected override get isFull(): boolean {
    if (this.#parked.isFull) return true;
    const bytes = this.#ready.reduce((sum, batch) => sum + batch.bytes.length, 0);
    return this.#ready.length >= READ_AHEAD || bytes >= READ_AHEAD_BYTES;
  }

  protected override add(batch: TaskBatch): void {
    this.#ready.push(batch);
  }
}
