/**
 * The main function of a worker: reads tasks from stdin, calls the user's function, and writes
 * responses to stdout (`protocol.ts`).
 *
 * This module is bundled with the user's code into one program, so it has few imports.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";
import { toTaskError } from "../journal/task_error.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
import { encodeText } from "../util/builtins.ts";
import { describeThrown } from "../values/thrown.ts";
import { dlJobsInvoke, resultText, returnedValue, type UserFunction } from "./invoke.ts";
import type { WorkerMessage, WorkerOptions } from "./protocol.ts";
import { ResponseWriter } from "./response_writer.ts";
import { captureStdio, emptyStdin, exit, stdin, writeRawStderr } from "./stdio.ts";
import { TaskRunner } from "./task_runner.ts";

/** Imports the module with the user's function. */
export type FunctionLoader = () => Promise<{ default: UserFunction }>;

/**
 * Runs tasks from stdin until it ends, then exits.
 *
 * @param load imports the user's function
 * @param options the options of the worker, by default from the command line. Without options on
 * the command line, a user runs the program by hand, and the output is plain lines.
 */
export async function serve(
  load: FunctionLoader,
  options: WorkerOptions = JSON.parse(Deno.args[0] ?? '{"isFramed":false}'),
): Promise<void> {
  if (options.plain) return await servePlain(load);
  const responses = new ResponseWriter(options.flushMs ?? 50, options.isFramed ?? true);
  const runner = new TaskRunner(responses, options.concurrency ?? 1, options.values);
  emptyStdin();
  captureStdio({
    onText: (stream, text) => runner.log(stream, text),
    onExit: (reason) => runner.abandon(reason, "crash"),
    onUncaught: (label, thrown) => runner.uncaught(label, thrown),
  });
  await runner.prepare();
  runner.fn = await loadFunction(load, responses);
  try {
    runner.reportIdle();
    for await (const block of readBlocks(stdin)) await runner.take(block);
    await runner.end();
  } catch (error) {
    // User code may have replaced a function that the worker or the runtime needs.
    writeRawStderr(encodeText(`error: ${describeThrown(error)}\n`));
    exit(1);
  }
  // Timers and children that a task left running must not keep the process alive.
  exit(0);
}

async function loadFunction(
  load: FunctionLoader,
  responses: ResponseWriter,
): Promise<UserFunction> {
  let fn;
  try {
    fn = (await load()).default;
  } catch (error) {
    endUnloaded(responses, toTaskError(error));
  }
  if (typeof fn !== "function") endUnloaded(responses, NO_FUNCTION);
  return fn;
}

const NO_FUNCTION: TaskError = {
  message: "the export is not a function",
  type: "NoFunction",
  class: "error",
};

/** Ends a worker that has no function to call. */
function endUnloaded(responses: ResponseWriter, error: TaskError): never {
  responses.send({ broken: error } satisfies WorkerMessage);
  // Without blocks, no engine reads the message. A user who runs the program by hand needs text.
  if (!responses.isFramed) {
    writeRawStderr(encodeText(`${error.stack ?? error.message}\n`));
  }
  return exit(1);
}

/**
 * Runs tasks from stdin for a user, without an engine. A failed task ends the process with an
 * uncaught error.
 */
async function servePlain(load: FunctionLoader): Promise<void> {
  const { default: fn } = await load();
  for await (const block of readBlocks("-")) {
    const line = block.subarray(0, -1);
    const returned = await dlJobsInvoke(fn, JSON.parse(argsText(line)));
    console.log(resultText(returned, returnedValue(returned, fn)));
  }
}
