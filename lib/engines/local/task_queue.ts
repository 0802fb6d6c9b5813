import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";

/** Who takes tasks from a queue. */
export interface Taker {
  /** Idle has nothing under way, and so may be given a suspect; gone takes nothing any more. */
  readonly state: "idle" | "busy" | "gone";
}

/** Some tasks, and whether there is a suspicion against them. */
export interface Taken {
  readonly batch: TaskBatch;
  /** It was under way when a worker died: it runs alone, so that only the culprit is charged. */
  readonly isSuspect: boolean;
}

// Enough that nobody waits for the list, also not while the first workers start; and little enough to
// be in memory.
const READ_AHEAD = 64;
const READ_AHEAD_BYTES = 512 * 1024;

/** Tasks on their way to the workers, cut to what each has room for. */
export class TaskQueue {
  #tasks: AsyncIterator<TaskBatch>;
  #ready: TaskBatch[] = [];
  #suspects: Task[] = [];
  #isReading = false;
  #isEnded = false;
  /** Why the list could not be read to its end, if it could not. */
  failure: { readonly reason: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(tasks: AsyncIterable<TaskBatch>, readonly workers: number) {
    this.#tasks = tasks[Symbol.asyncIterator]();
  }

  /** The next tasks, at most so many; undefined when there are none any more. */
  async take(most: number, taker: Taker): Promise<Taken | undefined> {
    while (taker.state !== "gone") {
      const taken = this.#next(most, taker);
      if (taken) return taken;
      if (this.#isEnded && this.#suspects.length === 0) return undefined;
      await this.#changed.promise;
    }
    return undefined;
  }

  /** Puts tasks back that were not begun. */
  giveBack(tasks: readonly Task[]): void {
    this.#ready.unshift(...joinTasks(tasks));
    this.wake();
  }

  /** Puts tasks back of which one may have ended its worker. */
  suspect(tasks: readonly Task[]): void {
    this.#suspects.push(...tasks);
    this.wake();
  }

  /** Lets all who wait look again. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Reads no more of the list. */
  async close(): Promise<void> {
    // A list that is being waited for ends when it likes.
    if (!this.#isReading) await this.#tasks.return?.();
  }

  #next(most: number, { state }: Taker): Taken | undefined {
    if (state === "idle" && this.#suspects.length > 0) {
      const [batch] = joinTasks([this.#suspects.shift()!]);
      return { batch: batch!, isSuspect: true };
    }
    this.#read();
    const batch = this.#cut(most);
    return batch && { batch, isSuspect: false };
  }

  #cut(most: number): TaskBatch | undefined {
    const [batch, ...others] = this.#ready;
    if (!batch) return undefined;
    const part = this.#share(most);
    this.#ready = part < batch.count ? [batch.slice(part), ...others] : others;
    return part < batch.count ? batch.slice(0, part) : batch;
  }

  // Where no more may come, smaller pieces let all workers end together.
  #share(most: number): number {
    if (this.#isFull) return most;
    const left = this.#ready.reduce((sum, { count }) => sum + count, 0);
    return Math.max(1, Math.min(most, Math.ceil(left / this.workers / 2)));
  }

  get #isFull(): boolean {
    const bytes = this.#ready.reduce((sum, batch) => sum + batch.bytes.length, 0);
    return this.#ready.length >= READ_AHEAD || bytes >= READ_AHEAD_BYTES;
  }

  #read(): void {
    if (this.#isReading || this.#isEnded || this.#isFull) return;
    this.#isReading = true;
    this.#tasks.next().then(({ value, done }) => {
      if (done) this.#isEnded = true;
      else this.#ready.push(value);
    }, (reason) => {
      // What was read before is still run.
      this.failure = { reason };
      this.#isEnded = true;
    }).then(() => {
      this.#isReading = false;
      this.#read();
      this.wake();
    });
  }
}
