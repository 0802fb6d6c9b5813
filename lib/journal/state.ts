/**
 * The state of each task, derived from the events of a journal.
 *
 * @module
 */

import type { FailedEvent, FailureClass, TaskEvent } from "./format.ts";
import { scanEvents, toEvent } from "./scan.ts";
import { parseUpdate, type TaskProgress } from "./task_update.ts";

/** The facts about a task that a later attempt needs. */
interface OpenTask {
  /** The classes of the failures so far. */
  readonly tries: FailureClass[];
  readonly checkpoint?: Uint8Array | undefined;
  readonly progress?: TaskProgress | undefined;
}

/** The states of a job's tasks, and their counts. */
export class JournalState {
  /** The number of tasks that have succeeded. */
  succeeded = 0;
  /** The number of tasks that have failed. */
  failed = 0;
  /** The number of failed tasks whose records in the list cannot be read. They stay failed. */
  invalid = 0;
  /** The number of failed attempts that were followed by another attempt. */
  retried = 0;
  #states = new Uint8Array(1024);
  #attempts = new Map<number, number>();
  #open = new Map<number, OpenTask>();

  /** Returns the state of a task, which is `open` until the task has ended. */
  of(id: number): "open" | "succeeded" | "failed" {
    return STATES[this.#states[id] ?? OPEN]!;
  }

  /** The id after the last task that has ended. */
  get end(): number {
    // A loop is many times faster than `findLastIndex()`, which calls a function for each task.
    let end = this.#states.length;
    while (end > 0 && this.#states[end - 1] === OPEN) end--;
    return end;
  }

  /** Returns the first id from `id` whose task has not ended. */
  firstOpen(id: number): number {
    let open = id;
    while (this.of(open) !== "open") open++;
    return open;
  }

  /** Returns true when a task with this id or a larger id has ended. */
  hasEndFrom(id: number): boolean {
    return this.end > id;
  }

  /** Returns the number of a task's next attempt. */
  nextAttempt(id: number): number {
    return (this.#attempts.get(id) ?? 0) + 1;
  }

  /**
   * Returns the classes of a task's failures so far. The array is empty once the task has ended.
   */
  triesOf(id: number): readonly FailureClass[] {
    return this.#open.get(id)?.tries ?? [];
  }

  /** Returns the last checkpoint of a task that has not succeeded, as JSON text. */
  checkpointOf(id: number): Uint8Array | undefined {
    return this.#open.get(id)?.checkpoint;
  }

  /** The last progress of each attempt that has not ended. */
  get progress(): readonly TaskProgress[] {
    return [...this.#open.values()].flatMap(({ progress }) => progress ?? []);
  }

  /** Returns true for the final failure of a task that was not queued again. */
  isEnd(event: TaskEvent): event is FailedEvent {
    return event.type === "failed" && this.of(event.id) === "failed" &&
      event.attempt >= this.nextAttempt(event.id);
  }

  /** Applies whole events. Successes are not parsed. */
  add(chunk: Uint8Array): void {
    scanEvents(chunk, {
      block: ({ id, count }) => this.#succeedAll(id, id + count),
      success: (id) => this.#set(id, SUCCEEDED),
      other: (start, end) => {
        const event = toEvent(chunk, start, end);
        if (event) this.event(event);
        else this.#update(chunk.subarray(start, end));
      },
    });
  }

  /** Applies an event. */
  event(event: TaskEvent): void {
    CONSUME[event.type](this, event as never);
  }

  /** Applies a failed attempt that is followed by another attempt. */
  tried({ id, attempt, error }: Extract<TaskEvent, { type: "retried" }>): void {
    this.retried++;
    this.#attempts.set(id, attempt);
    const open = this.#open.get(id), tries = open?.tries ?? [];
    // A copy for each failure would make the cost of a task grow with the square of its attempts.
    tries.push(error.class);
    this.#open.set(id, { ...open, tries, progress: undefined });
  }

  /** Applies the user's request to run a failed task again. */
  reopened({ id, attempt }: TaskEvent): void {
    this.#set(id, OPEN);
    this.#attempts.set(id, attempt);
  }

  /** Applies the end of a task. */
  ended(event: TaskEvent, state: "succeeded" | "failed"): void {
    const { id } = event;
    if (event.type === "failed" && event.error.class === "invalid" && this.of(id) === "open") {
      this.invalid++;
    }
    this.#set(id, STATES.indexOf(state));
  }

  #update(line: Uint8Array): void {
    const update = parseUpdate(new TextDecoder().decode(line));
    if (!update || update.type === "usage") return;
    const { id, type } = update;
    const change = type === "progress"
      ? { progress: update }
      : { checkpoint: new TextEncoder().encode(update.value) };
    this.#open.set(id, { tries: [], ...this.#open.get(id), ...change });
  }

  #close(id: number, state: number): void {
    const checkpoint = state === SUCCEEDED ? undefined : this.checkpointOf(id);
    // A failed task that is queued again continues from its checkpoint.
    if (checkpoint) this.#open.set(id, { tries: [], checkpoint });
    else this.#open.delete(id);
  }

  #succeedAll(from: number, to: number): void {
    this.#reserve(to);
    for (let id = from; id < to; id++) {
      // Most tasks have no earlier event.
      if (this.#states[id] !== OPEN || this.#open.size > 0) this.#set(id, SUCCEEDED);
      else {
        this.#states[id] = SUCCEEDED;
        this.succeeded++;
      }
    }
  }

  /** Makes room for the states of the tasks before an id. */
  #reserve(end: number): void {
    if (end <= this.#states.length) return;
    const larger = new Uint8Array(Math.max(end, this.#states.length * 2));
    larger.set(this.#states);
    this.#states = larger;
  }

  #set(id: number, state: number): void {
    if (this.#open.size > 0) this.#close(id, state);
    this.#reserve(id + 1);
    const before = this.#states[id]!;
    // A task may run more than once. A second success changes nothing.
    if (before === state) return;
    if (before === SUCCEEDED) this.succeeded--;
    if (before === FAILED) this.failed--;
    this.#states[id] = state;
    if (state === SUCCEEDED) this.succeeded++;
    if (state === FAILED) this.failed++;
  }
}

const STATES = ["open", "succeeded", "failed"] as const;
const OPEN = 0, SUCCEEDED = 1, FAILED = 2;

type Consumer<T> = (state: JournalState, event: Extract<TaskEvent, { type: T }>) => void;

const CONSUME: { readonly [T in TaskEvent["type"]]: Consumer<T> } = {
  queued: (state, event) => state.reopened(event),
  retried: (state, event) => state.tried(event),
  succeeded: (state, event) => state.ended(event, "succeeded"),
  failed: (state, event) => state.ended(event, "failed"),
  lost: () => {},
};
