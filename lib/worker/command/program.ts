/**
 * The function of a job that runs a program for each task.
 *
 * This module is the "user module" of such a job: it is bundled into the job's program in place of
 * the code of a user.
 *
 * @module
 */

import type { CommandRef } from "../../job_dir/record.ts";
import type { TaskError } from "../../journal/format.ts";
import { TASK_ERROR } from "../../journal/task_error.ts";
import { JSON_FUNCTION, type ProgramHost, RUNS_PROGRAMS, type UserFunction } from "../invoke.ts";
import { tooLong } from "../long_text.ts";
import { Argument } from "./argument.ts";
import { exitError } from "./exit_status.ts";
import { findProgram } from "./find_program.ts";
import { runProcess } from "./process.ts";
import { largeStdout, MAX_STDOUT, stdoutValue } from "./stdout_value.ts";
import { readTemplate } from "./template.ts";

/** The facts about a call that its program receives. */
export interface ProgramContext {
  /** The job's id. */
  readonly job: string;
  /** The task's id. */
  readonly task: number;
  /** The attempt, from 1. */
  readonly attempt: number;
  /** The folder for the files of the job. */
  readonly dir: string;
  /** Aborted when the task must end. */
  readonly signal: AbortSignal;
}

/**
 * Returns the function that runs a command. It receives the JSON text of its argument, and returns
 * the JSON text of its result.
 *
 * @throws {Deno.errors.NotFound} when this machine has no such program.
 */
export function commandFunction(ref: CommandRef): UserFunction {
  const template = readTemplate(ref), { program } = template;
  const path = program === undefined ? undefined : findOwn(program);
  let host: ProgramHost | undefined;
  const run = async (json: string | number, context: ProgramContext) => {
    const [name = "", ...args] = template.fill(new Argument(String(json), context.task));
    const maxResult = host?.maxResult ?? Infinity;
    const { status, stdout, stderr } = await runProcess(path ?? findProgram(name), args, {
      env: variables(context),
      isLogged: ref.stdout === "none",
      most: Math.min(maxResult, MAX_STDOUT),
      signal: context.signal,
      host,
    });
    if (!status.success) throw new ProgramError(exitError(name, status, stderr));
    const text = stdoutValue(stdout, ref.stdout);
    if (tooLong(text, maxResult)) throw largeStdout(maxResult);
    return text;
  };
  const setHost = (given: ProgramHost) => {
    host = given;
    if (host.isWorker) outliveSignals();
  };
  const marks = { [JSON_FUNCTION]: true, [RUNS_PROGRAMS]: setHost };
  return Object.assign(run, marks) as unknown as UserFunction;
}

/** Finds the program of all tasks. The name of its error tells that a program is missing. */
function findOwn(program: string): string {
  try {
    return findProgram(program);
  } catch (error) {
    throw Object.assign(error as Error, { name: "NoProgram" });
  }
}

/** Keeps this process alive when a program ends its own group, as scripts with `kill 0` do. */
function outliveSignals(): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => {});
}

/** The failure of a program. */
class ProgramError extends Error {
  readonly [TASK_ERROR]: TaskError;

  constructor(error: TaskError) {
    // A stack would contain only dl_jobs, and creating it reads the source map of the program.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(error.message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = error.type;
    this[TASK_ERROR] = error;
  }
}

function variables({ job, task, attempt, dir }: ProgramContext): Record<string, string> {
  return {
    DL_JOBS_JOB: job,
    DL_JOBS_TASK: String(task),
    DL_JOBS_ATTEMPT: String(attempt),
    DL_JOBS_DIR: dir,
  };
}
