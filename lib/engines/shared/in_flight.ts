import type { Task, TaskBatch } from "../../tasks/batch.ts";

/** The tasks that a worker has been given and has not answered, in the order they were given. */
export class InFlight {
  #slices: { batch: TaskBatch; done: Uint8Array }[] = [];
  #at = 0;
  #count = 0;

  /** How many tasks are unanswered. */
  get count(): number {
    return this.#count;
  }

  /** The task that has waited longest: with one call at a time, the one that runs. */
  get first(): number | undefined {
    return this.#slices[0]?.batch.id(this.#at);
  }

  /** The first so many tasks that are unanswered: those that run. */
  running(most: number): number[] {
    const ids: number[] = [];
    for (const { batch, done } of this.#slices) {
      for (let i = ids.length === 0 ? this.#at : 0; i < done.length; i++) {
        if (ids.length === most) return ids;
        if (!done[i]) ids.push(batch.id(i));
      }
    }
    return ids;
  }

  /** Adds tasks that were given. */
  push(batch: TaskBatch): void {
    this.#slices.push({ batch, done: new Uint8Array(batch.count) });
    this.#count += batch.count;
  }

  /** Takes note of an answer; false when nobody waits for it. */
  answer(id: number): boolean {
    const head = this.#slices[0];
    if (head === undefined) return false;
    if (head.batch.id(this.#at) === id) this.#advance(head.done);
    else if (!this.#answerLater(id)) return false;
    this.#count--;
    return true;
  }

  /**
   * Takes note of answers to the task that has waited longest and to those that follow it in the
   * list; false when these are not the next ones.
   */
  answerRun(id: number, count: number): boolean {
    let left = count, next = id, from = this.#at;
    for (const { batch, done } of this.#slices) {
      const to = Math.min(batch.count, from + left);
      if (batch.id(from) !== next || batch.rowEnd(from) < to) return false;
      // One of them was answered out of its turn.
      const answered = done.indexOf(1, from);
      if (answered >= 0 && answered < to) return false;
      left -= to - from;
      next += to - from;
      from = 0;
      if (left === 0) return this.#advanceBy(count);
    }
    return false;
  }

  /** A task that is unanswered. */
  task(id: number): Task | undefined {
    for (const { batch } of this.#slices) {
      const index = batch.indexOf(id);
      if (index >= 0) return batch.task(index);
    }
    return undefined;
  }

  /** What is unanswered; nothing is, afterwards. */
  takeAll(): Task[] {
    const rest: Task[] = [];
    let at = this.#at;
    for (const { batch, done } of this.#slices) {
      for (let i = at; i < done.length; i++) {
        if (!done[i]) rest.push(batch.task(i));
      }
      at = 0;
    }
    this.#slices = [];
    this.#at = this.#count = 0;
    return rest;
  }

  #advanceBy(count: number): true {
    this.#count -= count;
    for (let left = count; left > 0;) {
      const { done } = this.#slices[0]!;
      const step = Math.min(left, done.length - this.#at);
      left -= step;
      this.#at += step;
      if (this.#at === done.length) this.#next();
    }
    return true;
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
      const index = batch.indexOf(id);
      if (index < 0 || done[index]) continue;
      done[index] = 1;
      return true;
    }
    return false;
  }
}
