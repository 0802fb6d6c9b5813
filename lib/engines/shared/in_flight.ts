/**
 * The tasks that are in flight in a worker.
 *
 * @module
 */

import type { Task, TaskBatch } from "../../tasks/batch.ts";

/**
 * The tasks that were sent to a worker and have no response yet, in the order in which they were
 * sent.
 */
export class InFlight {
  #slices: { batch: TaskBatch; done: Uint8Array }[] = [];
  #at = 0;
  #count = 0;
  /** The last checkpoints of running tasks; undefined until a task saves one. */
  #checkpoints: Map<number, Uint8Array> | undefined;

  /** The number of tasks without a response. */
  get count(): number {
    return this.#count;
  }

  /**
   * The id of the first task in flight; undefined when no task is in flight. Without concurrent
   * calls, this is the running task.
   */
  get first(): number | undefined {
    return this.#slices[0]?.batch.id(this.#at);
  }

  /** Returns the ids of the first `most` tasks without a response, which are the running tasks. */
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

  /** Adds tasks that were sent. */
  push(batch: TaskBatch): void {
    this.#slices.push({ batch, done: new Uint8Array(batch.count) });
    this.#count += batch.count;
  }

  /** Keeps the last checkpoint of a task, for its next attempt. */
  keep(id: number, checkpoint: Uint8Array): void {
    (this.#checkpoints ??= new Map()).set(id, checkpoint);
  }

  /**
   * Removes a task that has a response.
   *
   * @param attempt the attempt that the response names. @default {any attempt}
   * @returns false when the task is not in flight
   */
  complete(id: number, attempt?: number): boolean {
    const head = this.#slices[0];
    if (head === undefined) return false;
    if (head.batch.id(this.#at) !== id) {
      if (!this.#completeLater(id, attempt)) return false;
    } else if (isOther(head.batch, attempt)) return false;
    else this.#advance(head.done);
    this.#count--;
    this.#checkpoints?.delete(id);
    return true;
  }

  /**
   * Removes the first `count` tasks in flight if their ids are consecutive from `id`.
   *
   * @returns true when the tasks were removed; false when a task has another id or already has a
   * response
   */
  completeBlock(id: number, count: number): boolean {
    let left = count, next = id, from = this.#at;
    for (const { batch, done } of this.#slices) {
      const to = Math.min(batch.count, from + left);
      // Only first attempts are in result blocks.
      if (batch.id(from) !== next || batch.rowEnd(from) < to || batch.attempt > 1) return false;
      // A task of the block already has a response, which arrived out of order.
      const early = done.indexOf(1, from);
      if (early >= 0 && early < to) return false;
      left -= to - from;
      next += to - from;
      from = 0;
      if (left === 0) return this.#advanceBy(count);
    }
    return false;
  }

  /** Returns the task with the given id; undefined when it is not in flight. */
  task(id: number): Task | undefined {
    let from = this.#at;
    for (const { batch, done } of this.#slices) {
      const index = batch.indexOf(id);
      if (index >= from && !done[index]) return this.#taskOf(batch, index);
      from = 0;
    }
    return undefined;
  }

  /** Removes and returns all tasks without a response. */
  takeAll(): Task[] {
    const rest: Task[] = [];
    let at = this.#at;
    for (const { batch, done } of this.#slices) {
      for (let i = at; i < done.length; i++) {
        if (!done[i]) rest.push(this.#taskOf(batch, i));
      }
      at = 0;
    }
    this.#slices = [];
    this.#at = this.#count = 0;
    this.#checkpoints = undefined;
    return rest;
  }

  #taskOf(batch: TaskBatch, index: number): Task {
    const task = batch.task(index), checkpoint = this.#checkpoints?.get(task.id);
    return checkpoint ? { ...task, checkpoint } : task;
  }

  #advanceBy(count: number): true {
    this.#count -= count;
    for (let left = count; left > 0;) {
      const { done } = this.#slices[0]!;
      const step = Math.min(left, done.length - this.#at);
      left -= step;
      this.#at += step;
      if (this.#at === done.length) this.#next();
      else if (done[this.#at] === 1) this.#advance(done);
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

  // Responses of concurrent calls arrive in any order. The search is short, because a response is
  // never far from the first task.
  #completeLater(id: number, attempt: number | undefined): boolean {
    let from = this.#at;
    for (const { batch, done } of this.#slices) {
      const index = batch.indexOf(id);
      // Tasks before `from` are done, but completeBlock() does not mark each of them in `done`.
      if (index >= from && !done[index] && !isOther(batch, attempt)) {
        done[index] = 1;
        return true;
      }
      from = 0;
    }
    return false;
  }
}

function isOther({ attempt }: TaskBatch, named: number | undefined): boolean {
  return named !== undefined && named !== attempt;
}
