/**
 * The engine `inline`, which calls the function in this process, one task at a time. A function in
 * Python runs in one interpreter. Breakpoints work, and the function's output appears on the stdout
 * and stderr of this process.
 *
 * @module
 */

import { ImportError } from "../bundle/import_place.ts";
import { importCode } from "../bundle/import_code.ts";
import {
  attemptFailed,
  type EventBatch,
  NO_EVENTS,
  successLine,
  type TaskError,
} from "../journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../journal/task_error.ts";
import { argsText, type Task, type TaskBatch } from "../tasks/batch.ts";
import { useEnv } from "../util/env.ts";
import { onAbort } from "../util/on_abort.ts";
import { startLongTimer } from "../util/time/long_timer.ts";
import { parseArguments } from "../values/big_numbers.ts";
import type { ValueChange } from "../values/policy.ts";
import { watchNonFinite } from "../values/stringify.ts";
import {
  dlJobsInvoke,
  dlJobsInvokeWith,
  hostPrograms,
  JSON_FUNCTION,
  resultText,
  returnedValue,
  type UserFunction,
} from "../worker/invoke.ts";
import type { LiveTaskContext } from "../worker/live_context.ts";
import { ValueNotes } from "../worker/value_notes.ts";
import { type FunctionLoader, loadFrom, toLoadError } from "../worker/load_exports.ts";
import { type UserExports, WorkerContexts } from "../worker/worker_contexts.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { onlySpan, SpanWriter } from "./shared/busy_spans.ts";
import { ContextFeed } from "./shared/context_feed.ts";
import { checkParameter } from "./shared/context_warning.ts";
import { loadError } from "./shared/load_error.ts";
import { OwnErrors } from "./shared/own_errors.ts";
import { OwnPrograms } from "./local/own_programs.ts";

/** Runs tasks in this process. */
export const inlineEngine: Engine = {
  name: "inline",
  // It has no limits, so tasks need not carry those that change.
  follows: ["timeout", "memory"],
  async *run(tasks, context) {
    if (context.bundle.endsWith(".py")) return yield* runPython(tasks, context);
    const { bundle, env, values, stop, signal, grace } = context;
    using _env = useEnv(env);
    using _exit = watchExit([stop, signal]);
    using errors = OwnErrors.watch(() => console.error(ENDED));
    const exports = await loadExports(bundle), fn = exports.default;
    await using programs = new OwnPrograms(values?.maxResult);
    hostPrograms(fn, programs);
    const feed = new ContextFeed(context, new ValueNotes(values ?? {}));
    const contexts = new WorkerContexts(exports, feed);
    checkParameter(contexts.parameter, context.warn);
    const setupMs = yield* feed.during(unlessAborted(setUp(contexts, errors), signal));
    const spans = new SpanWriter("0");
    const run = { ...context, fn, spans, feed, contexts, errors, programs };
    spans.addSetup(setupMs ?? 0);
    for await (const batch of until(tasks, AbortSignal.any([stop, signal]))) {
      yield* onlySpan(spans.begin());
      yield* runBatch(batch, run);
    }
    yield* onlySpan(spans.end());
    yield* feed.during(atMost(errors.tearDown(() => contexts.tearDown()), grace));
  },
};

/** Runs tasks in one interpreter on the terminal of this process, one task at a time. */
async function* runPython(
  tasks: AsyncIterable<TaskBatch>,
  context: EngineContext,
): AsyncGenerator<EventBatch> {
  const { localEngine } = await import("./local/local.ts");
  const one = { workers: 1, concurrency: 1, timeout: undefined, memory: undefined };
  const inherited = { ...context, ...one, live: undefined, isOnTerminal: true };
  for await (const batch of localEngine.run(tasks, inherited)) yield whileStopping(batch, context);
}

/** The parts of a run that all its batches share. */
interface InlineRun extends Pick<EngineContext, "stop" | "signal" | "grace" | "pace" | "warn"> {
  readonly fn: UserFunction;
  readonly spans: SpanWriter;
  readonly feed: ContextFeed;
  readonly contexts: WorkerContexts;
  readonly errors: OwnErrors;
  readonly programs: OwnPrograms;
}

async function* runBatch(batch: TaskBatch, run: InlineRun): AsyncGenerator<EventBatch> {
  const { spans, contexts, feed, stop, signal, pace } = run;
  let yielded = performance.now();
  for (const task of batch) {
    if (pace?.isPaused || pace?.isActive) await pace.untilFree(task, [stop, signal]);
    if (stop.aborted || signal.aborted) return;
    const running = runTask(task, run);
    const events = contexts.isTaken ? yield* feed.during(running) : await running;
    if (!events) return;
    yield { ...events, logs: feed.notes.take() };
    yield* onlySpan(spans.add(task.id, 1, events.failures.length));
    if (performance.now() - yielded < YIELD_MS) continue;
    await eventTurn();
    yielded = performance.now();
  }
}

const YIELD_MS = 20;

/**
 * Runs a task. When the run is canceled, a function that takes a context has some time to react. Its
 * programs are killed after this time.
 *
 * @returns the events; `undefined` when the task was canceled.
 */
async function runTask(task: Task, run: InlineRun): Promise<EventBatch | undefined> {
  const { contexts, feed, programs, signal, grace } = run;
  feed.begin(task);
  using _watch = watchNonFinite((path) => feed.change("nonFinite", path));
  const context = contexts.isTaken ? contexts.of(task, task.checkpoint) : undefined;
  const running = attempt(task, context, run), events = await unlessAborted(running, signal);
  if (events) return await charged(events, run);
  if (!context) return undefined;
  context.abort(new DOMException("the run was canceled", "AbortError"));
  const late = await atMost(running, grace);
  programs.kill();
  return late?.succeeded ? late : undefined;
}

/** Returns the events of a task without a failure that Ctrl-C may have caused. */
async function charged(events: EventBatch, run: InlineRun): Promise<EventBatch> {
  // Ctrl-C does not reach the program of a task.
  if (events.failures.length === 0 || JSON_FUNCTION in run.fn) return events;
  // The end of a child may be known before the signal that has ended it.
  await eventTurn();
  return whileStopping(events, run);
}

/** Lets the handlers of signals run. */
async function eventTurn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

/**
 * Drops the failures of a run that stops: Ctrl-C at a terminal also reaches the programs that the
 * function has started, so it may be what made the task fail.
 */
function whileStopping(
  batch: EventBatch,
  { stop, warn }: Pick<EngineContext, "stop" | "warn">,
): EventBatch {
  if (!stop.aborted || batch.failures.length === 0) return batch;
  for (const { event: { id, error } } of batch.failures) {
    warn(`task ${id} failed while the job stopped, dl_jobs resume runs it again: ${error.message}`);
  }
  return { ...batch, failures: [] };
}

const ENDED = "Error: the code of the job ended this process, dl_jobs resume runs the rest";

/**
 * Reports that the process ends while a job runs in it, as after `Deno.exit(0)` in a task.
 *
 * @param stops the signals of a user who ends the job
 */
function watchExit(stops: readonly AbortSignal[]): Disposable {
  const onUnload = () => {
    if (stops.some(({ aborted }) => aborted)) return;
    if (Deno.exitCode === 0) Deno.exitCode = 1;
    console.error(ENDED);
  };
  globalThis.addEventListener("unload", onUnload);
  return { [Symbol.dispose]: () => globalThis.removeEventListener("unload", onUnload) };
}

async function loadExports(bundle: string): Promise<UserExports> {
  try {
    const { load } = await importCode(await Deno.readTextFile(bundle)) as { load: FunctionLoader };
    return await loadFrom(load);
  } catch (error) {
    throw error instanceof ImportError ? error : loadError(toLoadError(error));
  }
}

async function setUp(contexts: WorkerContexts, errors: OwnErrors): Promise<number> {
  try {
    return await errors.setUp(() => contexts.setUp());
  } catch (error) {
    throw loadError({ ...toTaskError(error), during: "setup" });
  }
}

/** Yields the items of a list until the signal aborts. */
async function* until<T>(list: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const items = list[Symbol.asyncIterator]();
  let isIdle = true;
  try {
    while (!signal.aborted) {
      isIdle = false;
      const next = await unlessAborted(items.next(), signal);
      isIdle = next !== undefined;
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    // return() would wait for the pending read, and a slow list may never complete that read.
    if (isIdle) await items.return?.();
  }
}

/** Waits for a promise, if any. Returns undefined when it takes longer than some milliseconds. */
async function atMost<T>(promise: Promise<T> | undefined, ms: number): Promise<T | undefined> {
  // A timer loads modules of Node, which takes some milliseconds.
  if (!promise) return undefined;
  const end = new AbortController(), stop = startLongTimer(() => end.abort(), ms);
  try {
    return await unlessAborted(promise, end.signal);
  } finally {
    stop();
  }
}

/** Waits for a promise. Returns undefined when the signal aborts first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const end = () => resolve(undefined);
  using _aborted = onAbort(signal, end);
  if (signal.aborted) end();
  return await Promise.race([promise, aborted]);
}

async function attempt(
  task: Task,
  context: LiveTaskContext | undefined,
  { fn, feed, errors }: InlineRun,
): Promise<EventBatch> {
  const { id, attempt, args } = task, { notes } = feed;
  const started = performance.now();
  const failed = (error: TaskError): EventBatch => {
    const ms = Math.round(performance.now() - started);
    context?.end(true);
    const { checkpoint } = feed;
    return { ...NO_EVENTS, failures: [attemptFailed({ ...task, checkpoint }, error, ms)] };
  };
  try {
    const onChange = (change: ValueChange, place: string) => notes.add(change, task, place);
    const isText = JSON_FUNCTION in fn, json = argsText(args);
    const argument = isText ? json : parseArguments(json, notes.policy, onChange);
    const call = () =>
      context ? dlJobsInvokeWith(fn, argument, context) : dlJobsInvoke(fn, argument);
    const returned = await errors.during(task, call);
    const value = isText ? undefined : returnedValue(returned, fn);
    if (isReturnedError(value)) return failed(returnedError(value));
    const text = isText ? String(returned) : resultText(returned, value);
    context?.end(false);
    const line = successLine(id, attempt, performance.now() - started, text);
    return { ...NO_EVENTS, lines: bytes(line), results: bytes(text), succeeded: 1 };
  } catch (error) {
    return failed(toTaskError(error));
  }
}

function bytes(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}
