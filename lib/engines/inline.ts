/**
 * The engine `inline`, which calls the function in this process, one task at a time. A function in
 * Python runs in one interpreter. Breakpoints work, and the function's output appears on the stdout
 * and stderr of this process.
 *
 * @module
 */

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
import { parseArguments } from "../values/big_numbers.ts";
import type { ValueChange } from "../values/policy.ts";
import { dlJobsInvoke, resultText, returnedValue, type UserFunction } from "../worker/invoke.ts";
import { ValueNotes } from "../worker/value_notes.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { onlySpan, SpanWriter } from "./shared/busy_spans.ts";
import { loadError } from "./shared/load_error.ts";

/** Runs tasks in this process. */
export const inlineEngine: Engine = {
  name: "inline",
  async *run(tasks, context) {
    if (context.bundle.endsWith(".py")) return yield* runPython(tasks, context);
    const { bundle, env, values = {}, stop, signal } = context;
    using _env = withEnv(env);
    const fn = await loadFunction(bundle);
    const spans = new SpanWriter("0"), notes = new ValueNotes(values);
    for await (const batch of until(tasks, AbortSignal.any([stop, signal]))) {
      yield* onlySpan(spans.begin());
      yield* runBatch(batch, { fn, spans, notes, stop, signal });
    }
    yield* onlySpan(spans.end());
  },
};

/** Runs tasks in one interpreter on the terminal of this process, one task at a time. */
async function* runPython(
  tasks: AsyncIterable<TaskBatch>,
  context: EngineContext,
): AsyncGenerator<EventBatch> {
  const { localEngine } = await import("./local/local.ts");
  const one = { workers: 1, concurrency: 1, timeout: undefined, memory: undefined };
  yield* localEngine.run(tasks, { ...context, ...one, isOnTerminal: true });
}

/** The parts of a run that all its batches share. */
interface InlineRun extends Pick<EngineContext, "stop" | "signal"> {
  readonly fn: UserFunction;
  readonly spans: SpanWriter;
  readonly notes: ValueNotes;
}

async function* runBatch(
  batch: TaskBatch,
  { fn, spans, notes, stop, signal }: InlineRun,
): AsyncGenerator<EventBatch> {
  let yielded = performance.now();
  for (const task of batch) {
    if (stop.aborted || signal.aborted) return;
    const events = await unlessAborted(attempt(fn, task, notes), signal);
    if (!events) return;
    yield { ...events, logs: notes.take() };
    yield* onlySpan(spans.add(task.id, 1, events.failures.length));
    if (performance.now() - yielded < YIELD_MS) continue;
    // The Ctrl-C handler runs only when the event loop gets a turn.
    await new Promise((resolve) => setTimeout(resolve));
    yielded = performance.now();
  }
}

const YIELD_MS = 20;

/** Sets variables of this process until the returned object is disposed. */
function withEnv(env: EngineContext["env"]): Disposable {
  const before = Object.keys(env).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

async function loadFunction(bundle: string): Promise<UserFunction> {
  try {
    const { load } = await importCode(await Deno.readTextFile(bundle)) as {
      load(): Promise<{ default: UserFunction }>;
    };
    return (await load()).default;
  } catch (error) {
    throw loadError(toTaskError(error));
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

/** Waits for a promise. Returns undefined when the signal aborts first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function attempt(fn: UserFunction, task: Task, notes: ValueNotes): Promise<EventBatch> {
  const { id, attempt, args } = task;
  const started = performance.now();
  const failed = (error: TaskError): EventBatch => {
    const ms = Math.round(performance.now() - started);
    return { ...NO_EVENTS, failures: [attemptFailed(task, error, ms)] };
  };
  try {
    const onChange = (change: ValueChange, place: string) => notes.add(change, task, place);
    const argument = parseArguments(argsText(args), notes.policy, onChange);
    const returned = await dlJobsInvoke(fn, argument), value = returnedValue(returned, fn);
    if (isReturnedError(value)) return failed(returnedError(value));
    const text = resultText(returned, value, (path) => onChange("nonFinite", path));
    const line = successLine(id, attempt, performance.now() - started, text);
    return { ...NO_EVENTS, lines: bytes(line), results: bytes(text), succeeded: 1 };
  } catch (error) {
    return failed(toTaskError(error));
  }
}

function bytes(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}
