/**
 * The state of every task, by what a journal says.
 *
 * @module
 */

import type { FailedEvent, FailureClass, TaskEvent } from "./format.ts";
import { readJournal, toEvent } from "./reader.ts";
import { scanEvents } from "./scan.ts";

/** Where each task of a job stands. */
export class JournalState {
  /** How many tasks have succeeded, have failed, and had another attempt. */
  succeeded = 0;
  failed = 0;
  retried = 0;
  #states = new Uint8Array(1024);
  #attempts = new Map<number, number>();
  #tries = new Map<number, FailureClass[]>();

  /** Reads a whole journal. */
  static async read(path: string): Promise<JournalState> {
    const state = new JournalState();
    for await (const block of readJournal(path)) state.add(block);
    return state;
  }

  /** How a task ended, if it has. */
  of(id: number): "open" | "succeeded" | "failed" {
    return STATES[this.#states[id] ?? OPEN]!;
  }

  /** Whether any task from an id on has ended. */
  hasEndFrom(id: number): boolean {
    return this.#states.subarray(id).some((state) => state !== OPEN);
  }

  /** Which attempt of a task comes next. */
  nextAttempt(id: number): number {
    return (this.#attempts.get(id) ?? 0) + 1;
  }

  /** Why a task that has not ended has failed so far. */
  triesOf(id: number): readonly FailureClass[] {
    return this.#tries.get(id) ?? [];
  }

  /** Whether an event is how its task ended: it has failed, and was not put back since. */
  isEnd(event: TaskEvent): event is FailedEvent {
    return event.type === "failed" && this.of(event.id) === "failed" &&
      event.attempt >= this.nextAttempt(event.id);
  }

  /** Takes note of whole events. A success is known by its form, and is not parsed. */
  add(block: Uint8Array): void {
    scanEvents(block, {
      run: ({ id, count }) => {
        for (let i = id; i < id + count; i++) this.#set(i, SUCCEEDED);
      },
      success: (id) => this.#set(id, SUCCEEDED),
      other: (start, end) => this.event(toEvent(block, start, end)),
    });
  }

  /** Takes note of an event. */
  event(event: TaskEvent): void {
    CONSUME[event.type](this, event as never);
  }

  /** Takes note of an attempt that was charged. */
  tried({ id, attempt, error }: Extract<TaskEvent, { type: "retried" }>): void {
    this.retried++;
    this.#attempts.set(id, attempt);
    this.#tries.set(id, [...this.triesOf(id), error.class]);
  }

  /** Takes note that the user wants it tried again. */
  reopened({ id, attempt }: TaskEvent): void {
    this.#set(id, OPEN);
    this.#attempts.set(id, attempt);
  }

  /** Takes note of an end. */
  ended({ id }: TaskEvent, state: "succeeded" | "failed"): void {
    this.#set(id, STATES.indexOf(state));
  }

  #set(id: number, state: number): void {
    if (this.#tries.size > 0) this.#tries.delete(id);
    if (id >= this.#states.length) {
      const larger = new Uint8Array(Math.max(id + 1, this.#states.length * 2));
      larger.set(this.#states);
      this.#states = larger;
    }
    const before = this.#states[id]!;
    // At least once means that a second success is no news.
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
  started: () => {},
  retried: (state, event) => state.tried(event),
  succeeded: (state, event) => state.ended(event, "succeeded"),
  failed: (state, event) => state.ended(event, "failed"),
  canceled: () => {},
  lost: () => {},
};
