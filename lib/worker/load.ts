/**
 * The start of a worker: the import of the user's function, and its call of `setup`.
 *
 * @module
 */

import type { LoadError } from "../journal/format.ts";
import { toTaskError } from "../journal/task_error.ts";
import { updateLine } from "../journal/task_update.ts";
import { encodeText } from "../util/builtins.ts";
import { parseArguments } from "../values/big_numbers.ts";
import { checkFunction, schemaOf } from "./check.ts";
import { hostPrograms, JSON_FUNCTION, type UserFunction } from "./invoke.ts";
import { type FunctionLoader, loadFrom, toLoadError } from "./load_exports.ts";
import { type ContextHost, FilesFolder } from "./live_context.ts";
import type { WorkerOptions } from "./protocol.ts";
import type { ResponseWriter } from "./response_writer.ts";
import { reducerOf } from "./reduce.ts";
import { exit, writeRawStderr } from "./stdio.ts";
import type { TaskRunner } from "./task_runner.ts";
import { type UserExports, WorkerContexts } from "./worker_contexts.ts";

/**
 * Imports the user's function and calls `setup`. A failure ends the process.
 *
 * @param runner receives the function
 * @returns the contexts of the worker
 */
export async function loadFunction(
  load: FunctionLoader,
  runner: TaskRunner,
  options: WorkerOptions,
): Promise<WorkerContexts> {
  const { responses } = runner;
  const loaded = await loadExports(load, responses);
  const exports = usedExports(loaded, runner, options);
  runner.fn = exports.default;
  hostPrograms(exports.default, { isWorker: true, maxResult: options.values?.maxResult });
  const contexts = new WorkerContexts(exports, hostOf(runner, options));
  if (contexts.isTaken) runner.contexts = contexts;
  phase = "setup";
  try {
    const setupMs = await runner.setUp(() => contexts.setUp(), contexts.hasSetup);
    const { isTaken: grace, parameter } = contexts;
    responses.addMessage({ loaded: { grace, setupMs, parameter } });
  } catch (error) {
    await endUnloaded(responses, { ...toTaskError(error), during: "setup" });
  }
  phase = "ready";
  return contexts;
}

/** Returns the function that tasks call: that of the user, or one that folds or checks with it. */
function usedExports(
  loaded: UserExports,
  runner: TaskRunner,
  { isCheck, reduce, values = {} }: WorkerOptions,
): UserExports {
  if (isCheck) return checkExports(loaded);
  if (!reduce) return loaded;
  const parse = (text: string) =>
    parseArguments(text, values, (change, place) => runner.note(change, place));
  return { default: reducerOf(loaded.default, { ...reduce, ...values }, parse) };
}

/** Returns a function that checks elements in the place of the user's exports. */
function checkExports(exports: UserExports): UserExports {
  const check = checkFunction(schemaOf(exports));
  return { default: Object.assign(check, { [JSON_FUNCTION]: true }) as UserFunction };
}

let phase: "import" | "setup" | "ready" = "import";

/**
 * Reports that user code ends the process before the worker is ready.
 *
 * @param action the end of a sentence about this code, such as `called exit(1)`
 * @returns false when the worker is ready
 */
export function endStart(responses: ResponseWriter, action: string): boolean {
  if (phase === "ready") return false;
  const during = phase === "setup" ? phase : undefined;
  responses.send({ broken: { message: action, type: "Unready", class: "crash", during } });
  responses.writeLast();
  return true;
}

function hostOf(runner: TaskRunner, { job = "", files, values = {} }: WorkerOptions): ContextHost {
  const { responses } = runner;
  return {
    job,
    files: new FilesFolder(files),
    policy: values,
    update(update) {
      responses.addLine(updateLine(update));
      responses.flushNow();
    },
    log: (line) => responses.addLog(line),
    change: (change, place) => runner.note(change, place),
    keepAlive: () => runner.keepAlive(),
  };
}

async function loadExports(load: FunctionLoader, responses: ResponseWriter): Promise<UserExports> {
  try {
    return await loadFrom(load);
  } catch (error) {
    return await endUnloaded(responses, toLoadError(error));
  }
}

/** Ends a worker that has no function to call. */
async function endUnloaded(responses: ResponseWriter, error: LoadError): Promise<never> {
  responses.send({ broken: error });
  // Without blocks, no engine reads the message. A user who runs the program by hand needs text.
  if (!responses.isFramed) {
    writeRawStderr(encodeText(`${error.stack ?? error.message}\n`));
  }
  await responses.finish();
  return exit(1);
}
