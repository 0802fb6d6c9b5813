/**
 * The loop of a worker: reads tasks, calls the function, and adds the responses.
 *
 * @module
 */

import { eventLine, type FailureClass, successLine, type TaskError } from "../journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../journal/task_error.ts";
import { textOf } from "../util/builtins.ts";
import { splitLines } from "../util/bytes/bytes.ts";
import type { ValueChange, ValuePolicy } from "../values/policy.ts";
import { watchNonFinite } from "../values/stringify.ts";
import type { TaskFrame } from "./channel.ts";
import { CallContext } from "./call_context.ts";
import { type Invocation, RunningCalls } from "./invocation.ts";
import {
  dlJobsInvoke,
  dlJobsInvokeWith,
  isPromise,
  JSON_FUNCTION,
  resultText,
  returnedValue,
  type UserFunction,
} from "./invoke.ts";
import { callFromTop } from "./call_from_top.ts";
import type { CallId } from "./live_context.ts";
import { eachPiece, tooLong, withAdvice } from "./long_text.ts";
import type { WorkerMessage } from "./protocol.ts";
import type { ResponseWriter } from "./response_writer.ts";
import type { UncaughtLabel } from "./uncaught.ts";
import { notUtf8, TaskLines } from "./task_lines.ts";
import { ValueNotes } from "./value_notes.ts";
import type { WorkerContexts } from "./worker_contexts.ts";
import { clockMs } from "./clock.ts";

// The number of very short tasks between two reads of the clock. Only the total time of their block
// is kept.
const CLOCK_EVERY = 8;
// The module itself, which has no call.
const NO_CALL: CallId = { id: -1, attempt: 1 };
const AsyncFunction = (async () => {}).constructor;

/**
 * Calls the function for each task, with a limited number of concurrent calls.
 *
 * A call of an empty function costs less than reading the clock. The path of synchronous calls
 * therefore creates no objects, and reads the clock at most once per task.
 */
export class TaskRunner {
  /** Creates the contexts of calls; undefined when the function takes none. */
  contexts: WorkerContexts | undefined;
  /**
   * The connection to the controller, unless it is a pipe. While concurrent calls run, it does not
   * keep the process alive: the runtime then ends a process whose calls can never settle.
   */
  connection: Pick<Deno.Conn, "ref" | "unref"> | undefined;
  /** The running calls. */
  readonly calls = new RunningCalls();
  #fn!: UserFunction;
  #lines: TaskLines;
  /** The checkpoint of the next task. */
  #checkpoint: Uint8Array | undefined;
  #hasQuit = false;
  /** True when all calls have ended and teardown may run. */
  #hasEnded = false;
  /** True while a running call may wait for its signal, which the connection aborts. */
  #isKept = false;
  #clock = 0;
  /** True when the last task ended in the millisecond in which it began. */
  #isShort = false;
  #context = new CallContext(() => this.#owner);
  /** The last call of a function that takes a context. */
  #last: Invocation | undefined;
  /** The first call that returned a promise, when it began before calls were told apart. */
  #untold: Invocation | undefined;
  /** The running call of `setup`. */
  #setup: { readonly call: Invocation; readonly fail: (reason: unknown) => void } | undefined;
  /** True while the function is on the stack. */
  #isInvoking = false;
  /** An error that was reported while the function was on the stack, such as one of a listener. */
  #reported: { readonly thrown: unknown } | undefined;
  #notes: ValueNotes;

  /**
   * Creates a runner. The caller sets `fn` when the function has been loaded.
   *
   * @param responses receives the responses
   * @param concurrency the largest number of concurrent calls
   * @param values the treatment of values that cannot be represented exactly
   */
  constructor(
    readonly responses: ResponseWriter,
    readonly concurrency: number,
    readonly policy: ValuePolicy = {},
  ) {
    this.#lines = new TaskLines(policy, (change, place) => this.note(change, place));
    this.#notes = new ValueNotes(policy);
    watchNonFinite((path) => this.note("nonFinite", path));
  }

  /** The user's function. Must be set before the first task. */
  set fn(fn: UserFunction) {
    this.#fn = fn;
    this.#lines.readsText = JSON_FUNCTION in fn;
  }

  /** Prepares for concurrent calls before user code is loaded. */
  prepare(): void {
    if (this.concurrency > 1) this.#context.load();
  }

  /**
   * Calls `setup`, whose late errors belong to no task. Rejects when an error of it is not caught
   * before it returns, because it may wait for what has failed.
   *
   * @param isOwn true when the module exports `setup`
   */
  async setUp<R>(setup: () => Promise<R>, isOwn: boolean): Promise<R> {
    const { isLoaded } = this.#context, isAsync = this.#fn instanceof AsyncFunction;
    if (isOwn || isAsync) this.#context.load();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const call = this.#newCall();
    this.#setup = { call, fail: reject };
    try {
      return await Promise.race([failed, this.#context.run(call, setup)]);
    } finally {
      this.#setup = undefined;
      // Other functions first run before they are known to be asynchronous.
      if (!isLoaded && !isAsync) this.#context.unload();
    }
  }

  /** The call that contains the running code; between calls, the last call. */
  get current(): Invocation {
    return this.#context.current ?? this.#last ?? this.#newCall();
  }

  /** The call that contains the running code where the context does not know it. */
  get #owner(): Invocation | undefined {
    const { list } = this.calls;
    return list.length > 1 ? undefined : list[0] ?? this.#newCall();
  }

  /** Counts a value of the current call that changed. */
  note(change: ValueChange, place: string): void {
    this.#notes.add(change, this.current, place);
  }

  /**
   * Starts the task of each line, and waits whenever `concurrency` calls are running.
   *
   * @param first the first task's id and attempt. @default {those after the last task}
   */
  async take(block: Uint8Array, first?: Omit<TaskFrame, "count" | "lines">): Promise<void> {
    if (first) this.#lines.startAt(first.id, first.attempt);
    this.#checkpoint = first?.checkpoint;
    this.#clock = clockMs();
    const text = textOf(block);
    if (text !== undefined) await this.#takeText(text, block);
    else await this.#takeLines(splitLines(block));
    if (this.calls.list.length === 0) return this.reportIdle();
    this.#reportNotes();
    this.responses.flush();
  }

  /** Waits until all calls have ended and their responses are written. */
  async end(): Promise<void> {
    while (this.calls.list.length > 0) await this.calls.untilRemoved();
    this.#reportNotes();
    this.#hasEnded = true;
    // The output of teardown belongs to no task.
    this.#last = undefined;
    this.#lines.startAt(0, 1);
    await this.responses.finish();
  }

  /** Lets the connection keep the process alive until the running calls have ended. */
  keepAlive(): void {
    this.#isKept = true;
    this.connection?.ref();
  }

  /** Asks all running calls to end, and starts no more. */
  quit(reason: Error): void {
    this.#hasQuit = true;
    this.calls.abort(reason);
  }

  /** Adds a failure of the current call, if any, and writes it, because the process ends next. */
  abandon(reason: string, kind: FailureClass): void {
    if (!this.#hasEnded) this.#fail(this.current, new Error(reason), kind);
    this.#reportNotes();
    this.responses.writeLast();
  }

  /** Reports that each task has its response, so the controller can detect lost responses. */
  reportIdle(): void {
    this.#reportNotes();
    this.responses.send({ __proto__: null, idle: this.#lines.count } as WorkerMessage);
  }

  /** Adds a line for text that a call wrote. */
  log(stream: "stdout" | "stderr", text: string, call: CallId = this.current): void {
    const { id, attempt } = call;
    eachPiece(text, (piece) => this.responses.addLog({ id, attempt, stream, text: piece }));
  }

  #reportNotes(): void {
    const lines = this.#notes.take();
    for (let i = 0; i < lines.length; i++) this.responses.addLog(lines[i]!);
  }

  /**
   * Charges the call that an error belongs to, if that call is running. Any other error is logged.
   *
   * @param label the kind of error
   * @returns false when the error may belong to one of several calls
   */
  uncaught(label: UncaughtLabel, thrown: unknown): boolean {
    if (this.#isInvoking) {
      this.#reported ??= { thrown };
      return true;
    }
    const { list } = this.calls, thrower = this.#context.takeThrower() ?? this.#rejecter(label);
    if (this.#setup && thrower === this.#setup.call) {
      this.#setup.fail(thrown);
      return true;
    }
    if (!thrower && list.length > 1) {
      this.responses.writeLast();
      return false;
    }
    const call = thrower ? this.calls.find(thrower) : list[0];
    if (call) this.#end(call, () => this.#fail(call, thrown));
    else {
      const { message, stack = message } = toTaskError(thrown);
      this.log("stderr", `${label}: ${stack}\n`, thrower);
    }
    return true;
  }

  /** Forgets the call of an error that user code has handled. */
  forgetThrower(): void {
    this.#context.takeThrower();
  }

  /** The call of a rejection that the context does not know: the context knows all later calls. */
  #rejecter(label: UncaughtLabel): CallId | undefined {
    if (label !== "Unhandled rejection") return undefined;
    return this.#untold ?? (this.#context.isLoaded ? NO_CALL : undefined);
  }

  async #takeLines(lines: readonly Uint8Array[]): Promise<void> {
    for (let i = 0; i < lines.length; i++) await this.#takeLine(lines[i]!);
  }

  async #takeLine(line: Uint8Array): Promise<void> {
    const text = textOf(line);
    if (text !== undefined) return await this.#takeText(text, line);
    this.#lines.begin();
    this.#fail(this.current, notUtf8());
  }

  async #takeText(text: string, bytes: Uint8Array): Promise<void> {
    const { responses } = this, lines = this.#lines;
    lines.load(text, bytes);
    while (!lines.isDone && !this.#hasQuit) {
      // A task starts only when the responses before it are on their way, so that a kill is charged
      // to the right task, and the responses that wait need little memory.
      while (responses.writing) await this.#untilWritten(responses.writing);
      if (!this.#context.isLoaded && !this.contexts) await callFromTop(() => this.#runSync());
      if (!lines.isDone && this.#hasRoom && !responses.writing) this.#start();
      while (!this.#hasRoom) await this.calls.untilRemoved();
    }
  }

  get #hasRoom(): boolean {
    return this.calls.list.length < this.concurrency;
  }

  /** Waits for the channel. This time is not charged to a task. */
  async #untilWritten(writing: Promise<void>): Promise<void> {
    await writing;
    this.#clock = clockMs();
  }

  /**
   * Runs tasks one at a time while they return synchronously. Stops before a further attempt, while
   * responses are being written, and after a call that returns a promise.
   *
   * This loop is the hot path: it contains all steps of a short task.
   */
  #runSync(): void {
    const { responses } = this, fn = this.#fn, lines = this.#lines;
    while (!lines.isDone && lines.attempt === 1 && !responses.writing) {
      lines.begin();
      try {
        this.#isInvoking = true;
        const value = dlJobsInvoke(fn, lines.readArgs());
        this.#isInvoking = false;
        if (this.#reported) this.#failReported(this.#newCall(), value);
        else if (typeof value === "number" && value - value === 0) {
          const isShort = this.#isShort;
          const now = isShort && lines.id % CLOCK_EVERY > 0 ? this.#clock : this.#readClock();
          this.#clock = responses.addNumber(lines.id, value, now - this.#clock, now, isShort);
        } else if (isPromise(value)) return void this.#settle(this.#newCall(), value);
        else this.#succeed(this.#newCall(), value);
      } catch (error) {
        this.#failThrown(this.#newCall(), error);
      }
    }
  }

  /** Reads the clock, which costs more than a call of an empty function. */
  #readClock(): number {
    const now = clockMs();
    this.#isShort = now === this.#clock;
    return now;
  }

  /** Starts the task of the next line. */
  #start(): void {
    this.#lines.begin();
    const call = this.#newCall();
    if (this.contexts) this.#last = call;
    this.#context.run(call, () => this.#invoke(call));
  }

  /** Creates the call of the task whose line was read last. */
  #newCall(): Invocation {
    const { id, attempt } = this.#lines;
    return { id, attempt, started: this.#clock, context: undefined, index: -1 };
  }

  #invoke(call: Invocation): void {
    try {
      this.#isInvoking = true;
      const value = this.#callWith(call, this.#lines.readArgs());
      this.#isInvoking = false;
      if (this.#reported) this.#failReported(call, value);
      else if (isPromise(value)) this.#settle(call, value);
      else this.#succeed(call, value);
    } catch (error) {
      this.#failThrown(call, error);
    }
  }

  /**
   * Ends a call whose function has thrown an error, or whose arguments cannot be read. An error that
   * was reported before would have ended the function.
   */
  #failThrown(call: Invocation, error: unknown): void {
    this.#isInvoking = false;
    this.#fail(call, this.#reported ? this.#takeReported() : error);
  }

  /** Ends a call that has returned after the error that was reported. */
  #failReported(call: Invocation, value: unknown): void {
    const error = this.#takeReported();
    if (!isPromise(value)) return this.#fail(call, error);
    this.#settle(call, value);
    this.#end(call, () => this.#fail(call, error));
  }

  #takeReported(): unknown {
    const { thrown } = this.#reported!;
    this.#reported = undefined;
    return thrown;
  }

  #callWith(call: Invocation, args: unknown): unknown {
    if (!this.contexts) return dlJobsInvoke(this.#fn, args);
    call.context = this.contexts.of(call, this.#checkpoint);
    return dlJobsInvokeWith(this.#fn, args, call.context);
  }

  async #settle(call: Invocation, value: PromiseLike<unknown>): Promise<void> {
    this.calls.add(call);
    if (this.#readsAhead && !this.#isKept) this.connection?.unref();
    // Completed responses must not wait for this call, which may take a long time.
    this.responses.flushSoon();
    if (!this.#context.isLoaded) {
      // A late error of this call must not be charged to further calls.
      this.#untold = call;
      this.#context.load();
    }
    try {
      const returned = await value;
      this.#end(call, () => this.#succeed(call, returned));
    } catch (error) {
      this.#end(call, () => this.#fail(call, error));
    }
  }

  /** Ends a call with its response, unless it has ended already. */
  #end(call: Invocation, respond: () => void): void {
    if (!this.calls.remove(call)) return;
    respond();
    if (!this.#readsAhead) return;
    if (this.calls.list.length > 0) return this.responses.flushSoon();
    this.connection?.ref();
    this.#isKept = false;
    if (this.concurrency > 1) this.reportIdle();
  }

  /** True when the channel is read while calls run. */
  get #readsAhead(): boolean {
    return this.concurrency > 1 || this.contexts !== undefined;
  }

  #succeed(call: Invocation, returned: unknown): void {
    if (this.#lines.readsText) return this.#addResult(call, returned as string);
    try {
      const value = returnedValue(returned, this.#fn);
      if (isReturnedError(value)) this.#addFailure(call, returnedError(value));
      else this.#addResult(call, resultText(returned, value));
    } catch (error) {
      this.#fail(call, withAdvice(error, this.policy.maxResult));
    }
  }

  #addResult(call: Invocation, text: string): void {
    const { id, attempt, started, context } = call, error = tooLong(text, this.policy.maxResult);
    if (error) return this.#fail(call, error);
    context?.end(false);
    const now = clockMs(), ms = now - started;
    this.#clock = attempt === 1
      ? this.responses.addResult(id, text, ms, now)
      : this.responses.addLine(successLine(id, attempt, ms, text), now);
  }

  #fail(call: Invocation, error: unknown, kind: FailureClass = "error"): void {
    this.#addFailure(call, toTaskError(error, kind));
  }

  #addFailure({ id, attempt, started, context }: Invocation, error: TaskError): void {
    context?.end(true);
    const now = clockMs(), ms = now - started;
    const line = eventLine({ id, attempt, type: "failed", ms, error });
    this.#clock = this.responses.addLine(line, now);
  }
}
