/**
 * The worker of a user who runs tasks by hand.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
import {
  dlJobsInvoke,
  dlJobsInvokeWith,
  JSON_FUNCTION,
  resultText,
  returnedValue,
} from "./invoke.ts";
import { type ContextHost, FilesFolder } from "./live_context.ts";
import type { FunctionLoader } from "./load.ts";
import type { WorkerOptions } from "./protocol.ts";
import { WorkerContexts } from "./worker_contexts.ts";

/**
 * Runs tasks from stdin for a user, without an engine. A failed task ends the process with an
 * uncaught error, or with the status of a failure when it runs a program.
 */
export async function servePlain(load: FunctionLoader, options: WorkerOptions): Promise<void> {
  const exports = await load(), { default: fn } = exports;
  const contexts = new WorkerContexts(exports, hostOf(options));
  await contexts.setUp();
  let id = options.task ?? 0;
  try {
    for await (const block of readBlocks("-")) {
      const text = argsText(block.subarray(0, -1)), isText = JSON_FUNCTION in fn;
      const args = isText ? text : JSON.parse(text);
      const call = () =>
        contexts.isTaken
          ? dlJobsInvokeWith(fn, args, contexts.of({ id, attempt: 1 }, undefined))
          : dlJobsInvoke(fn, args);
      const returned = await (isText ? runProgram(call) : call());
      console.log(isText ? returned : resultText(returned, returnedValue(returned, fn)));
      id++;
    }
  } finally {
    await contexts.tearDown();
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

/** The context of a user's run shows its log, and keeps no checkpoint. */
function hostOf({ job = "", files, values = {} }: WorkerOptions): ContextHost {
  return {
    job,
    files: new FilesFolder(files),
    policy: values,
    update() {},
    log: ({ text, fields }) => console.error(...(fields ? [text, fields] : [text])),
    change() {},
    keepAlive() {},
  };
}
