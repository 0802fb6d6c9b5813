/**
 * The loop of a worker: reads tasks, calls the function, and adds the responses.
 *
 * @module
 */

import { eventLine, type FailureClass, successLine, type TaskError } from "../journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../journal/task_error.ts";
import { type Invocation, type InvocationStore, newInvocationStore } from "./invocation.ts";
import { dlJobsInvoke, resultText, returnedValue, type UserFunction } from "./invoke.ts";
import type { WorkerMessage } from "./protocol.ts";
import type { ResponseWriter } from "./response_writer.ts";
import { splitLines, TaskLines } from "./task_lines.ts";

// The number of very short tasks between two reads of the clock. Only the total time of their block
// is kept.
const CLOCK_EVERY = 8;

/**
 * Calls the function for each task, with a limited number of concurrent calls.
 *
 * A call of an empty function costs less than reading the clock. The path of synchronous calls
 * therefore creates no objects, and reads the clock at most once per task.
 */
export class TaskRunner {
  /** The user's function. Must be set before the first task. */
  fn!: UserFunction;
  #lines = new TaskLines();
  #clock = 0;
  /** True when the last task ended in the millisecond in which it began. */
  #isShort = false;
  #awaited: Promise<void> | undefined;
  #running = new Set<Promise<void>>();
  #store: InvocationStore | undefined;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /**
   * Creates a runner. The caller sets `fn` when the function has been loaded.
   *
   * @param responses receives the responses
   * @param concurrency the largest number of concurrent calls
   */
  constructor(readonly responses: ResponseWriter, readonly concurrency: number) {
    if (concurrency > 1) this.#store = newInvocationStore();
  }

  /** The call that contains the running code; between calls, the last call. */
  get current(): Invocation {
    return this.#store?.getStore() ??
      { id: this.#lines.id, attempt: this.#lines.attempt, started: this.#clock };
  }

  /**
   * Starts the task of each line, and waits whenever `concurrency` calls are running.
   *
   * @param first the first task's id and attempt. @default {those after the last task}
   */
  async take(block: Uint8Array, first?: { id: number; attempt: number }): Promise<void> {
    if (first) this.#lines.startAt(first.id, first.attempt);
    this.#clock = Date.now();
    const text = this.#decode(block);
    if (text !== undefined) await this.#takeText(text);
    else for (const line of splitLines(block)) await this.#takeLine(line);
    if (this.#running.size === 0) this.reportIdle();
    else this.responses.flush();
  }

  /** Waits until all calls have ended and their responses are written. */
  async end(): Promise<void> {
    await Promise.all(this.#running);
    await this.responses.finish();
  }

  /** Adds a failure of the current call and writes it, because the process ends next. */
  abandon(reason: string, kind: FailureClass): void {
    this.#fail(this.current, new Error(reason), kind);
    this.responses.writeLast();
  }

  /** Reports that each task has its response, so the controller can detect lost responses. */
  reportIdle(): void {
    this.responses.send({ idle: this.#lines.count } satisfies WorkerMessage);
  }

  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }

  async #takeLine(line: Uint8Array): Promise<void> {
    const text = this.#decode(line);
    if (text !== undefined) return await this.#takeText(text);
    this.#lines.begin();
    this.#fail(this.current, NOT_UTF8);
  }

  async #takeText(text: string): Promise<void> {
    const { responses } = this, lines = this.#lines;
    lines.load(text);
    while (!lines.isDone) {
      // A task starts only when the responses before it are on their way, so that a kill is charged
      // to the right task, and the responses that wait need little memory.
      while (responses.writing) await this.#untilWritten();
      if (!this.#store) this.#runSync();
      const mayStart = !lines.isDone && !responses.writing;
      const running = this.#awaited ?? (mayStart ? this.#start() : undefined);
      this.#awaited = undefined;
      if (running) await this.#place(running);
    }
  }

  /** Waits for the channel. This time is not charged to a task. */
  async #untilWritten(): Promise<void> {
    await this.responses.writing;
    this.#clock = Date.now();
  }

  /**
   * Runs tasks one at a time while they return synchronously. Stops before a further attempt, while
   * responses are being written, and after a call that returns a promise.
   *
   * This loop is the hot path: it contains all steps of a short task.
   */
  #runSync(): void {
    const { fn, responses } = this, lines = this.#lines;
    while (!lines.isDone && lines.attempt === 1 && !responses.writing) {
      lines.begin();
      try {
        const value = dlJobsInvoke(fn, lines.readArgs());
        if (typeof value === "number") {
          const isShort = this.#isShort;
          const now = isShort && lines.id % CLOCK_EVERY > 0 ? this.#clock : this.#readClock();
          this.#clock = responses.addNumber(lines.id, value, now - this.#clock, now, isShort);
        } else if (isPromise(value)) {
          this.#awaited = this.#settle(this.current, value);
          return;
        } else this.#succeed(this.current, value);
      } catch (error) {
        this.#fail(this.current, error);
      }
    }
  }

  /** Reads the clock, which costs more than a call of an empty function. */
  #readClock(): number {
    const now = Date.now();
    this.#isShort = now === this.#clock;
    return now;
  }

  /** Starts the task of the next line. */
  #start(): Promise<void> | undefined {
    this.#lines.begin();
    const { current } = this;
    const run = () => this.#invoke(current);
    return this.#store ? this.#store.run(current, run) : run();
  }

  #invoke(invocation: Invocation): Promise<void> | undefined {
    try {
      const value = dlJobsInvoke(this.fn, this.#lines.readArgs());
      if (isPromise(value)) return this.#settle(invocation, value);
      this.#succeed(invocation, value);
    } catch (error) {
      this.#fail(invocation, error);
    }
    return undefined;
  }

  async #settle(invocation: Invocation, value: PromiseLike<unknown>): Promise<void> {
    // Completed responses must not wait for this call, which may take a long time.
    this.responses.flushSoon();
    try {
      this.#succeed(invocation, await value);
    } catch (error) {
      this.#fail(invocation, error);
    }
  }

  async #place(running: Promise<void>): Promise<void> {
    if (this.concurrency === 1) return await running;
    const done = running.then(() => {
      this.#running.delete(done);
      if (this.#running.size === 0) this.reportIdle();
      else this.responses.flushSoon();
    });
    this.#running.add(done);
    if (this.#running.size >= this.concurrency) await Promise.race(this.#running);
  }

  #succeed(invocation: Invocation, returned: unknown): void {
    const value = returnedValue(returned, this.fn);
    if (isReturnedError(value)) return this.#addFailure(invocation, returnedError(value));
    const { id, attempt, started } = invocation;
    const text = resultText(value);
    const now = Date.now(), ms = now - started;
    this.#clock = attempt === 1
      ? this.responses.addResult(id, text, ms, now)
      : this.responses.addLine(successLine(id, attempt, ms, text), now);
  }

  #fail(invocation: Invocation, error: unknown, kind: FailureClass = "error"): void {
    this.#addFailure(invocation, toTaskError(error, kind));
  }

  #addFailure({ id, attempt, started }: Invocation, error: TaskError): void {
    const now = Date.now(), ms = now - started;
    const line = eventLine({ id, attempt, type: "failed", ms, error });
    this.#clock = this.responses.addLine(line, now);
  }
}

const NOT_UTF8 = new TypeError("its arguments are not UTF-8; convert the list to UTF-8");

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
