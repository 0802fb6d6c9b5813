/**
 * The engine `inline`: this process calls the function, one task after the other.
 *
 * Nothing clever: a breakpoint works, and output goes where the process writes it.
 *
 * @module
 */

import { importCode } from "../bundle/build.ts";
import { type EventBatch, NO_EVENTS, successLine, type TaskError } from "../journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../journal/task_error.ts";
import { argsText, type Task, type TaskBatch } from "../tasks/batch.ts";
import { dlJobsCall, type Method, resultText, returnedValue } from "../worker/invoke.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { onlySpan, SpanWriter } from "./shared/busy_spans.ts";
import { brokenCode } from "./shared/load_error.ts";

/** Runs tasks in this process. */
export const inline: Engine = {
  name: "inline",
  async *run(tasks, { bundle, stop, signal }) {
    const method = await loadMethod(bundle);
    const spans = new SpanWriter("0");
    for await (const batch of until(tasks, AbortSignal.any([stop, signal]))) {
      yield* onlySpan(spans.begin());
      yield* runBatch(batch, { method, spans, stop, signal });
    }
    yield* onlySpan(spans.end());
  },
};

/** What tasks run with. */
interface Setting extends Pick<EngineContext, "stop" | "signal"> {
  readonly method: Method;
  readonly spans: SpanWriter;
}

async function* runBatch(
  batch: TaskBatch,
  { method, spans, stop, signal }: Setting,
): AsyncGenerator<EventBatch> {
  let breath = performance.now();
  for (const task of batch) {
    if (stop.aborted || signal.aborted) return;
    const events = await unlessAborted(attempt(method, task), signal);
    if (!events) return;
    yield events;
    yield* onlySpan(spans.add(task.id, 1, events.failures.length));
    if (performance.now() - breath < BREATH_MS) continue;
    // Ctrl-C is heard only between two turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    breath = performance.now();
  }
}

const BREATH_MS = 20;

async function loadMethod(bundle: string): Promise<Method> {
  try {
    const { load } = await importCode(await Deno.readTextFile(bundle)) as {
      load(): Promise<{ default: Method }>;
    };
    return (await load()).default;
  } catch (error) {
    throw brokenCode(toTaskError(error));
  }
}

/** What a list gives until the signal comes. */
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
    // A list that is being waited for ends when it likes.
    if (isIdle) await items.return?.();
  }
}

/** What a promise gives, or nothing when the signal comes first. */
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

async function attempt(method: Method, { id, attempt, args }: Task): Promise<EventBatch> {
  const started = performance.now();
  const failed = (error: TaskError): EventBatch => {
    const ms = Math.round(performance.now() - started);
    return {
      ...NO_EVENTS,
      failures: [{ event: { id, attempt, type: "failed", ms, error }, args }],
    };
  };
  try {
    const value = returnedValue(
      await dlJobsCall(method, JSON.parse(argsText(args))),
      method,
    );
    if (isReturnedError(value)) return failed(returnedError(value));
    const text = resultText(value);
    const line = successLine(id, attempt, performance.now() - started, text);
    return { ...NO_EVENTS, lines: bytes(line), results: bytes(text), succeeded: 1 };
  } catch (error) {
    return failed(toTaskError(error));
  }
}

function bytes(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}
