/**
 * The main function of a worker: receives tasks from the controller, calls the user's function, and
 * sends responses (`protocol.ts`).
 *
 * This module is bundled with the user's code into one program, so it has few imports.
 *
 * @module
 */

import type { TaskError } from "../journal/format.ts";
import { toTaskError } from "../journal/task_error.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { argsText } from "../tasks/batch.ts";
import { encodeText, subarray } from "../util/builtins.ts";
import { describeThrown } from "../values/thrown.ts";
import { type Channel, openChannel, type Output } from "./channel.ts";
import { ProtocolError } from "./frame.ts";
import { dlJobsInvoke, resultText, returnedValue, type UserFunction } from "./invoke.ts";
import { presentUserModule, type UserProgram } from "./program_globals.ts";
import type { WorkerMessage, WorkerOptions } from "./protocol.ts";
import { ResponseWriter } from "./response_writer.ts";
import { captureStdio, emptyStdin, exit, stdin, writeRawStderr, writeRawStdout } from "./stdio.ts";
import { TaskRunner } from "./task_runner.ts";

/** Imports the module with the user's function. */
export interface FunctionLoader extends UserProgram {
  (): Promise<{ default: UserFunction }>;
}

/**
 * Runs tasks until there are no more, then exits.
 *
 * @param load imports the user's function
 * @param options the options of the worker, by default from the command line. Without options on
 * the command line, a user runs the program by hand: tasks are lines on stdin, and the output is
 * plain lines.
 */
export async function serve(
  load: FunctionLoader,
  options: WorkerOptions = JSON.parse(Deno.args[0] ?? "{}"),
): Promise<void> {
  presentUserModule(load);
  if (options.plain) return await servePlain(load);
  const channel = options.socket === undefined ? undefined : await openChannel(options.socket);
  const responses = new ResponseWriter(options.flushMs ?? 50, channel ?? PLAIN_OUTPUT);
  const runner = new TaskRunner(responses, options.concurrency ?? 1, options.values);
  if (!channel) emptyStdin();
  captureStdio({
    onText: (stream, text) => runner.log(stream, text),
    onExit: (reason) => runner.abandon(reason, "crash"),
    onUncaught: (label, thrown) => runner.uncaught(label, thrown),
  });
  globalThis.addEventListener("beforeunload", endStuck);
  await runner.prepare();
  runner.fn = await loadFunction(load, responses);
  runner.connection = channel;
  if (channel) runner.responses.addMessage({ loaded: { grace: false, setupMs: 0 } });
  try {
    runner.reportIdle();
    if (channel) await runTasks(channel, runner);
    else for await (const block of readBlocks(stdin)) await runner.take(block);
    await runner.end();
  } catch (error) {
    // User code may have replaced a function that the worker or the runtime needs.
    writeRawStderr(encodeText(`error: ${describeThrown(error)}\n`));
    exit(1);
  }
  // Timers and children that a task left running must not keep the process alive.
  exit(0);
}

/** Ends a worker in which no event can happen any more, while calls still wait for one. */
function endStuck(): never {
  writeRawStderr(encodeText("error: a promise never resolved\n"));
  return exit(1);
}

/** Runs the tasks that the controller sends. A damaged stream ends the worker. */
async function runTasks(channel: Channel, runner: TaskRunner): Promise<void> {
  try {
    for (let tasks; (tasks = await channel.next());) await runner.take(tasks.lines, tasks);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    runner.responses.send({ __proto__: null, damaged: error.message } as WorkerMessage);
    await runner.responses.finish();
    exit(1);
  }
}

/** The real stdout, for a user who runs the program by hand. */
const PLAIN_OUTPUT: Output = {
  write(bytes) {
    for (let at = 0; at < bytes.length;) at += writeRawStdout(subarray(bytes, at));
    return undefined;
  },
};

async function loadFunction(
  load: FunctionLoader,
  responses: ResponseWriter,
): Promise<UserFunction> {
  let fn;
  try {
    fn = (await load()).default;
  } catch (error) {
    return await endUnloaded(responses, toTaskError(error));
  }
  return typeof fn === "function" ? fn : await endUnloaded(responses, NO_FUNCTION);
}

const NO_FUNCTION: TaskError = {
  message: "the export is not a function",
  type: "NoFunction",
  class: "error",
};

/** Ends a worker that has no function to call. */
async function endUnloaded(responses: ResponseWriter, error: TaskError): Promise<never> {
  responses.send({ broken: error } satisfies WorkerMessage);
  // Without blocks, no engine reads the message. A user who runs the program by hand needs text.
  if (!responses.isFramed) {
    writeRawStderr(encodeText(`${error.stack ?? error.message}\n`));
  }
  await responses.finish();
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
