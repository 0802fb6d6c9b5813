/**
 * A worker process beside a job that judges the elements of its list: code of the user runs with the
 * permissions of the job, and never in the controller.
 *
 * @module
 */

import type { Bundle } from "../../bundle/program/program.ts";
import type { LocalContext } from "../../engines/engine.ts";
import { localEngine } from "../../engines/local/local.ts";
import { storeOf } from "../../job_dir/layout.ts";
import type { EventBatch, TaskError } from "../../journal/format.ts";
import { eachResult } from "../../journal/scan.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { exists } from "../../util/files/fs.ts";
import type { Settings } from "../options/settings.ts";
import { newTemporaryFile } from "../../util/files/temporary_file.ts";
import { ValueWarnings } from "../../worker/value_warnings.ts";

/** The options of {@linkcode judgeElements}. */
export interface JudgeOptions<Verdict> extends Pick<LocalContext, "isCheck" | "python"> {
  readonly settings: Settings;
  /** The text of the program, or its path. */
  readonly program: Pick<Bundle, "code" | "file">;
  /** Receives warnings. */
  readonly warn: (text: string) => void;
  /** Aborted when no more elements are judged. */
  readonly signal: AbortSignal;
  /** Reads a result of the program. */
  readonly read: (result: Uint8Array) => Verdict;
  /** Reads an error of the program. */
  readonly readError: (error: TaskError) => Verdict;
}

/** A batch of elements, and the verdicts on them in the same order. */
export interface JudgedBatch<Verdict> {
  readonly batch: TaskBatch;
  readonly verdicts: readonly Verdict[];
}

/** Yields the batches in their order, each when its elements have their verdicts. */
export async function* judgeElements<Verdict>(
  tasks: AsyncIterable<TaskBatch>,
  options: JudgeOptions<Verdict>,
): AsyncGenerator<JudgedBatch<Verdict>> {
  const open: TaskBatch[] = [], found = new Map<number, Verdict>(), notes = new ValueWarnings();
  const { read, readError, signal, warn } = options;
  for await (const { lines, failures, logs } of runAside(noted(tasks, open), options)) {
    eachResult(lines, (id, result) => found.set(id, read(result)));
    for (const { event } of failures) found.set(event.id, readError(event.error));
    for (const line of logs) notes.add(line);
    for (let batch; (batch = open[0]) && isJudged(batch, found); open.shift()) {
      yield { batch, verdicts: taken(batch, found) };
    }
  }
  signal.throwIfAborted();
  for (const text of notes.texts()) warn(text);
}

async function* noted(
  tasks: AsyncIterable<TaskBatch>,
  open: TaskBatch[],
): AsyncGenerator<TaskBatch> {
  for await (const batch of tasks) {
    open.push(batch);
    yield batch;
  }
}

function isJudged(batch: TaskBatch, found: ReadonlyMap<number, unknown>): boolean {
  // The tasks mostly end in order.
  for (let i = batch.count - 1; i >= 0; i--) if (!found.has(batch.id(i))) return false;
  return true;
}

function taken<Verdict>(batch: TaskBatch, found: Map<number, Verdict>): Verdict[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const id = batch.id(i), verdict = found.get(id)!;
    found.delete(id);
    return verdict;
  });
}

/** Runs the program in one worker process. */
async function* runAside(
  tasks: AsyncIterable<TaskBatch>,
  options: JudgeOptions<unknown>,
): AsyncGenerator<EventBatch> {
  const { program: { file, code }, python } = options, isKept = file !== undefined && exists(file);
  const suffix = python ? ".py" : ".js";
  const path = isKept ? file : await newTemporaryFile(suffix);
  try {
    if (!isKept) await Deno.writeTextFile(path, code);
    yield* localEngine.run(tasks, contextOf(path, options));
  } finally {
    if (!isKept) await Deno.remove(path);
  }
}

/** The number of elements that an asynchronous schema gets at the same time. */
export const CHECKS = 32;

function contextOf(
  bundle: string,
  { settings, warn, signal, isCheck, python }: JudgeOptions<unknown>,
): LocalContext {
  const { config: { env, bigIntegers, sandbox }, permissions } = settings;
  return {
    job: "",
    // The program has no files: the folder does not exist.
    files: `${storeOf()}/judge/files`,
    bundle,
    workers: 1,
    // A schema may wait, for example for a server.
    concurrency: isCheck && !python ? CHECKS : 1,
    env,
    permissions,
    python,
    isSandboxed: sandbox === "bwrap",
    isCheck,
    grace: 0,
    gpus: 0,
    values: { hasBigInts: bigIntegers === "bigint" },
    warn,
    stop: signal,
    signal,
  };
}
