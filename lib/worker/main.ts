/**
 * The main function of a worker: receives tasks from the controller, calls the user's function, and
 * sends responses (`protocol.ts`).
 *
 * This module is bundled with the user's code into one program, so it has few imports.
 *
 * @module
 */

import { readBlocks } from "../ndjson/blocks.ts";
import { encodeText, subarray } from "../util/builtins.ts";
import { describeThrown, headlineOf } from "../values/thrown.ts";
import { type Channel, openChannel, type Output } from "./channel.ts";
import { ProtocolError } from "./frame.ts";
import { endStart, loadFunction } from "./load.ts";
import type { FunctionLoader } from "./load_exports.ts";
import { servePlain } from "./plain.ts";
import { presentUserModule } from "./program_globals.ts";
import type { WorkerMessage, WorkerOptions } from "./protocol.ts";
import { ReadAhead } from "./read_ahead.ts";
import { ResponseWriter } from "./response_writer.ts";
import {
  captureStdio,
  emptyStdin,
  exit,
  exitWithListeners,
  stdin,
  writeRawStderr,
  writeRawStdout,
} from "./stdio.ts";
import { TaskRunner } from "./task_runner.ts";
import type { WorkerContexts } from "./worker_contexts.ts";

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
  if (options.plain) return await servePlain(load, options);
  const channel = options.socket === undefined ? undefined : await openChannel(options.socket);
  const responses = new ResponseWriter(options.flushMs ?? 50, channel ?? PLAIN_OUTPUT);
  const runner = new TaskRunner(responses, options.concurrency ?? 1, options.values);
  if (!channel) emptyStdin();
  captureStdio({
    onText: (stream, text) => runner.log(stream, text),
    onExit(action) {
      if (!endStart(responses, action)) runner.abandon(`the task ${action}`, "crash");
    },
    onUncaught: (label, thrown) => runner.uncaught(label, thrown),
    onHandled: () => runner.forgetThrower(),
  });
  globalThis.addEventListener("beforeunload", () => endStuck(responses));
  runner.prepare();
  const contexts = await loadFunction(load, runner, options);
  runner.connection = channel;
  try {
    runner.reportIdle();
    if (channel) await runTasks(channel, runner, contexts);
    else for await (const block of readBlocks(stdin)) await runner.take(block);
    await runner.end();
    await contexts.tearDown();
    await responses.finish();
  } catch (error) {
    // User code may have replaced a function that the worker or the runtime needs.
    writeRawStderr(encodeText(`error: ${describeThrown(error)}\n`));
    exit(1);
  }
  // Timers and children that a task left running must not keep the process alive.
  globalThis.addEventListener("unload", () => responses.writeLast());
  try {
    exitWithListeners(load.usesNode);
  } catch (error) {
    runner.log("stderr", `a listener of the event exit threw ${headlineOf(error)}\n`);
    exit(0);
  }
}

/** Ends a worker in which no event can happen any more, while calls still wait for one. */
function endStuck(responses: ResponseWriter): never {
  endStart(responses, "awaits a promise that never settles");
  writeRawStderr(encodeText("error: a promise never resolved\n"));
  return exit(1);
}

/** Runs the tasks that the controller sends. A damaged stream ends the worker. */
async function runTasks(
  channel: Channel,
  runner: TaskRunner,
  contexts: WorkerContexts,
): Promise<void> {
  const frames = contexts.isTaken ? readAhead(channel, runner, contexts) : channel;
  try {
    for (let tasks; (tasks = await frames.next());) await runner.take(tasks.lines, tasks);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    runner.responses.send({ __proto__: null, damaged: error.message } as WorkerMessage);
    await runner.responses.finish();
    exit(1);
  }
}

/** Reads frames while calls run, and passes on the requests to end calls. */
function readAhead(channel: Channel, runner: TaskRunner, contexts: WorkerContexts): ReadAhead {
  const frames = new ReadAhead(channel);
  channel.listener = {
    onCancel(id, attempt) {
      const text = "the task has exceeded its time limit";
      runner.calls.abort(new DOMException(text, "TimeoutError"), { id, attempt });
    },
    onQuit() {
      const reason = new DOMException("the run was canceled", "AbortError");
      frames.quit();
      contexts.abort(reason);
      runner.quit(reason);
    },
  };
  return frames;
}

/** The real stdout, for a user who runs the program by hand. */
const PLAIN_OUTPUT: Output = {
  write(bytes) {
    for (let at = 0; at < bytes.length;) at += writeRawStdout(subarray(bytes, at));
    return undefined;
  },
};
