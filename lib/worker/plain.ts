/**
 * The worker of a user who runs tasks by hand.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
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
} from "./invoke.ts";
import { type ContextHost, FilesFolder } from "./live_context.ts";
import type { FunctionLoader } from "./load_exports.ts";
import { tooLong } from "./long_text.ts";
import type { WorkerOptions } from "./protocol.ts";
import { ValueNotes } from "./value_notes.ts";
import { ValueWarnings } from "./value_warnings.ts";
import { WorkerContexts } from "./worker_contexts.ts";

/**
 * Runs tasks from stdin for a user, without an engine. A failed task ends the process with an
 * uncaught error, or with the status of a failure when it runs a program.
 */
export async function servePlain(load: FunctionLoader, options: WorkerOptions): Promise<void> {
  const { values = {} } = options, notes = new ValueNotes(values);
  let id = options.task ?? 0;
  const note = (change: ValueChange, place: string) => notes.add(change, { id, attempt: 1 }, place);
  watchNonFinite((path) => note("nonFinite", path));
  const exports = await load(), { default: fn } = exports;
  hostPrograms(fn, { isWorker: false, maxResult: values.maxResult });
  const contexts = new WorkerContexts(exports, hostOf(options, note));
  await contexts.setUp();
  try {
    for await (const block of readBlocks("-")) {
      const text = argsText(block.subarray(0, -1)), isText = JSON_FUNCTION in fn;
      const args = isText ? text : parseArguments(text, values, note);
      const call = () =>
        contexts.isTaken
          ? dlJobsInvokeWith(fn, args, contexts.of({ id, attempt: 1 }, undefined))
          : dlJobsInvoke(fn, args);
      const returned = await (isText ? runProgram(call) : call());
      const result = isText
        ? returned as string
        : resultText(returned, returnedValue(returned, fn));
      const error = tooLong(result, values.maxResult);
      if (error) throw error;
      console.log(result);
      id++;
    }
  } finally {
    await contexts.tearDown();
    warn(notes);
  }
}

/** Calls the function of a program, whose failure ends the process: its error has no stack to show. */
async function runProgram(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    console.error(`Error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}

function warn(notes: ValueNotes): void {
  const warnings = new ValueWarnings();
  for (const line of notes.take()) warnings.add(line);
  for (const text of warnings.texts()) console.error(text);
}

/** The context of a user's run shows its log, and keeps no checkpoint. */
function hostOf(
  { job = "", files, values = {} }: WorkerOptions,
  change: ContextHost["change"],
): ContextHost {
  return {
    job,
    files: new FilesFolder(files),
    policy: values,
    update() {},
    log: ({ text, fields }) => console.error(...(fields ? [text, fields] : [text])),
    change,
    keepAlive() {},
  };
}
