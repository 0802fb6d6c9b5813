import { sliceTasks, type TaskBatch, taskLine } from "../task.ts";

/** A task with its line, without the newline. */
export interface PendingTask {
  readonly id: number;
  readonly line: Uint8Array;
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
    for (const { batch, done } of this.#slices) {
      batch.ids.forEach((id, i) => done[i] || rest.push({ id, line: taskLine(batch, i) }));
    }
    this.#slices = [];
    this.#at = this.#count = 0;
    return rest;
  }

  #advance(done: Uint8Array): void {
    do done[this.#at++] = 1; while (done[this.#at] === 1);
    if (this.#at < done.length) return;
    this.#slices.shift();
    this.#at = 0;
    while (this.#slices[0]?.done[this.#at] === 1) this.#advance(this.#slices[0].done);
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
