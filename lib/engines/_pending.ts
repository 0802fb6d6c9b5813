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

/** Tasks on their way to the workers, cut to what each has room for. */
export class TaskQueue {
  #tasks: AsyncIterator<TaskBatch>;
  #batch: TaskBatch | undefined;
  #next: Promise<IteratorResult<TaskBatch>>;
  #at = 0;
  #hasNext = false;
  #taking: Promise<unknown> = Promise.resolve();
  #suspects: PendingTask[] = [];

  constructor(tasks: AsyncIterable<TaskBatch>, readonly workers: number) {
    this.#tasks = tasks[Symbol.asyncIterator]();
    this.#next = this.#readAhead();
  }

  /** Puts back tasks of a worker that died, each of which may be the reason. */
  suspect(tasks: readonly PendingTask[]): void {
    this.#suspects.push(...tasks);
  }

  /** A task that has to run alone. */
  takeSuspect(): PendingTask | undefined {
    return this.#suspects.shift();
  }

  /** The next tasks, at most so many; undefined when there are no more. */
  async take(most: number): Promise<TaskBatch | undefined> {
    const before = this.#taking;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taking = promise;
    await before;
    try {
      return await this.#take(most);
    } finally {
      resolve();
    }
  }

  /** Ends the source. */
  async close(): Promise<void> {
    await this.#tasks.return?.();
  }

  async #take(most: number): Promise<TaskBatch | undefined> {
    if (!this.#batch && !await this.#advance()) return undefined;
    const batch = this.#batch!;
    const from = this.#at, left = batch.ids.length - from;
    const to = from + Math.min(left, this.#share(most, left));
    this.#at = to;
    if (to === batch.ids.length) this.#batch = undefined;
    return from === 0 && to === batch.ids.length ? batch : sliceTasks(batch, from, to);
  }

  // Towards the end the pieces get smaller, so that all workers end together.
  #share(most: number, left: number): number {
    return this.#hasNext ? most : Math.max(1, Math.min(most, Math.ceil(left / this.workers / 2)));
  }

  async #advance(): Promise<boolean> {
    const { value, done } = await this.#next;
    if (done) return false;
    this.#batch = value;
    this.#at = 0;
    this.#next = this.#readAhead();
    return true;
  }

  // One batch ahead: where there is none yet, the end may be near.
  #readAhead(): Promise<IteratorResult<TaskBatch>> {
    this.#hasNext = false;
    const next = this.#tasks.next();
    next.then(({ done }) => this.#hasNext = done !== true, () => {});
    return next;
  }
}
