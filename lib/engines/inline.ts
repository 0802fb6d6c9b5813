/**
 * The engine `inline`: this process calls the function, one task after the other.
 *
 * Nothing clever: a breakpoint works, and output goes where the process writes it.
 *
 * @module
 */

import { importCode } from "../bundle.ts";
import {
  isReturnedError,
  type Method,
  resultText,
  returnedError,
  returnedValue,
  toTaskError,
} from "../call.ts";
import type { Engine } from "../engine.ts";
import { type EventBatch, successLine, type TaskError } from "../event.ts";
import { argsText, attemptOf, taskLine } from "../task.ts";

/** Runs tasks in this process. */
export const inline: Engine = {
  name: "inline",
  async *run(tasks, { bundle, signal }) {
    const { load } = await importCode(await Deno.readTextFile(bundle)) as {
      load(): Promise<{ default: Method }>;
    };
    const { default: method } = await load();
    for await (const batch of tasks) {
      for (let i = 0; i < batch.ids.length && !signal.aborted; i++) {
        yield await attempt(method, batch.ids[i]!, taskLine(batch, i));
      }
      if (signal.aborted) return;
    }
  },
};

async function attempt(method: Method, id: number, task: Uint8Array): Promise<EventBatch> {
  const attempt = attemptOf(task);
  const started = performance.now();
  const failed = (error: TaskError): EventBatch => {
    const ms = Math.round(performance.now() - started);
    return { ...NOTHING, failures: [{ event: { id, attempt, type: "failed", ms, error }, task }] };
  };
  try {
    const value = returnedValue(await method(JSON.parse(argsText(task)) as never), method);
    if (isReturnedError(value)) return failed(returnedError(value));
    const text = resultText(value);
    const line = successLine(id, attempt, performance.now() - started, text);
    return { ...NOTHING, lines: bytes(line), results: bytes(text), succeeded: 1 };
  } catch (error) {
    return failed(toTaskError(error));
  }
}

const NONE = new Uint8Array(0);
const NOTHING: EventBatch = { lines: NONE, results: NONE, succeeded: 0, failures: [], logs: [] };

function bytes(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}
