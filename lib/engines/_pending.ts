import { type Limits, type TaskBatch, taskLine } from "../task.ts";

/** A task with its line, without the newline. */
export interface PendingTask {
  readonly id: number;
  readonly line: Uint8Array;
  /** What it may take, where it is not what the job says. */
  readonly limits?: Limits | undefined;
}

/** The tasks that a worker has been given and has not answered, in the order they were given. */
export class Pending {
  #slices: { batch: TaskBatch; done: Uint8Array }[] = [];
  #at = 0;
  #count = 0;

  /** How many tasks are unanswered. */
  get count(): number {
    return this.#count;
  }

  /** The task that has waited longest: with one call at a time, the one that runs. */
  get first(): number | undefined {
    return this.#slices[0]?.batch.ids[this.#at];
  }

  /** The first so many tasks that are unanswered: those that run. */
  running(most: number): number[] {
    const ids: number[] = [];
    for (const { batch, done } of this.#slices) {
      for (let i = ids.length === 0 ? this.#at : 0; i < done.length; i++) {
        if (ids.length === most) return ids;
        if (!done[i]) ids.push(batch.ids[i]!);
      }
    }
    return ids;
  }

  /** Adds tasks that were given. */
  push(batch: TaskBatch): void {
    this.#slices.push({ batch, done: new Uint8Array(batch.ids.length) });
    this.#count += batch.ids.length;
  }

  /** Takes note of an answer; false when nobody waits for it. */
  answer(id: number): boolean {
    const head = this.#slices[0];
    if (head === undefined) return false;
    if (head.batch.ids[this.#at] === id) this.#advance(head.done);
    else if (!this.#answerLater(id)) return false;
    this.#count--;
    return true;
  }

  /**
   * Takes note of answers to the task that has waited longest and to all behind it up to another,
   * from a worker that answers in order. Gives how many these are; 0 when they are not the next.
   */
  answerUpTo(first: number, last: number): number {
    if (this.first !== first) return 0;
    let count = 0, from = this.#at;
    for (const { batch: { ids }, done } of this.#slices) {
      const to = ids.indexOf(last, from);
      // One of them was answered out of its turn.
      const answered = done.indexOf(1, from);
      if (answered >= 0 && (to < 0 || answered <= to)) return 0;
      if (to >= 0) return this.#advanceBy(count + to + 1 - from);
      count += ids.length - from;
      from = 0;
    }
    return 0;
  }

  /** The line of a task that is unanswered. */
  line(id: number): Uint8Array | undefined {
    for (const { batch } of this.#slices) {
      const index = batch.ids.indexOf(id);
      if (index >= 0) return taskLine(batch, index);
    }
    return undefined;
  }

  /** What is unanswered; nothing is, afterwards. */
  takeAll(): PendingTask[] {
    const rest: PendingTask[] = [];
    let at = this.#at;
    for (const { batch, done } of this.#slices) {
      for (let i = at; i < done.length; i++) {
        const { ids, limits } = batch;
        if (!done[i]) rest.push({ id: ids[i]!, line: taskLine(batch, i), limits });
      }
      at = 0;
    }
    this.#slices = [];
    this.#at = this.#count = 0;
    return rest;
  }

  #advanceBy(count: number): number {
    this.#count -= count;
    for (let left = count; left > 0;) {
      const { done } = this.#slices[0]!;
      const step = Math.min(left, done.length - this.#at);
      left -= step;
      this.#at += step;
      if (this.#at === done.length) this.#next();
    }
    return count;
  }

  #next(): void {
    this.#slices.shift();
    this.#at = 0;
    while (this.#slices[0]?.done[this.#at] === 1) this.#advance(this.#slices[0].done);
  }

  #advance(done: Uint8Array): void {
    do done[this.#at++] = 1; while (done[this.#at] === 1);
    if (this.#at === done.length) this.#next();
  }

  // With several calls at a time answers come in any order, but never far from the first.
  #answerLater(id: number): boolean {
    for (const { batch, done } of this.#slices) {
      const index = batch.ids.indexOf(id);
      if (index < 0 || done[index]) continue;
      done[index] = 1;
      return true;
    }
    return false;
  }
}
