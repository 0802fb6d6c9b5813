/**
 * Runs a sample of a job's tasks again, and compares their results with the recorded ones.
 *
 * @module
 */

import { assertProgram } from "../../bundle/program/check_program.ts";
import { withInterpreter } from "../../bundle/function/interpreter.ts";
import { currentProgram } from "../../bundle/build/upgrade.ts";
import type { Config } from "../../config/config.ts";
import { loadEngine } from "../../engines/mod.ts";
import { assertJournal } from "../../job_dir/health.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { readList } from "../../job_dir/list_file.ts";
import { type JobRecord, programFile, programsOf, readRecord } from "../../job_dir/record.ts";
import { splitByCode } from "../../journal/code_line.ts";
import { readJournal } from "../../journal/reader.ts";
import { eachResult } from "../../journal/scan.ts";
import type { Amount } from "../../tasks/amount.ts";
import { joinTasks, TaskBatch } from "../../tasks/batch.ts";
import { crc32Text } from "../../util/bytes/crc32.ts";
import { temporaryFolder } from "../../util/files/temporary_file.ts";
import { readEnv } from "../options/env_values.ts";
import { engineContext } from "../run/engine_context.ts";
import { newReporter } from "../plan/plan.ts";
import { recordSettings } from "../options/settings.ts";

/** A task whose result is not the recorded one. */
export interface Difference {
  /** The task's id. */
  readonly id: number;
  /** The result in the journal, as JSON text. */
  readonly recorded: string;
  /** The new result as JSON text, or the message of the failure. */
  readonly found: string;
}

/** The outcome of tasks that ran again. */
export interface RerunOutcome {
  /** The number of tasks. */
  readonly count: number;
  /** The results that differ. */
  readonly differences: readonly Difference[];
}

/** The options of a sample that runs again. */
export interface RerunOptions {
  /** Selects the tasks. */
  readonly seed: number;
  /** Environment variables that override those that the job can read again. @default {none} */
  readonly env?: Config["env"] | undefined;
  /** The interpreter that replaces that of a job in Python. @default {that of the job} */
  readonly python?: string | null | undefined;
}

/**
 * Runs a sample of the successful tasks again, on this machine and with the job's program. Nothing
 * is recorded. Results of earlier programs of the job are left out.
 *
 * @param sample the amount of successful tasks to run again
 * @returns the number of tasks that ran, and those with other results.
 * @throws {Error} when the journal or the program is damaged.
 */
export async function rerunSample(
  folder: string,
  sample: Amount,
  { seed, env = {}, python = null }: RerunOptions,
): Promise<RerunOutcome> {
  const record = withInterpreter(readRecord(folder), python);
  assertJournal(folder, record);
  await assertProgram(folder, record);
  const recorded = chooseResults(await resultsOf(folder, record), sample, seed);
  const found = await runTasks(folder, record, recorded, await readEnv(folder, record, env));
  const differences: Difference[] = [];
  for (const [id, text] of recorded) {
    const again = found.get(id) ?? "no result";
    if (again !== text) differences.push({ id, recorded: text, found: again });
  }
  return { count: recorded.size, differences };
}

type Results = Map<number, string>;

async function resultsOf(folder: string, record: JobRecord): Promise<Results> {
  const results: Results = new Map(), decoder = new TextDecoder();
  let current = programsOf(record)[0]!.hash;
  for await (const events of readJournal(jobFiles(folder).events, record.id)) {
    for (const { code = current, bytes } of splitByCode(events)) {
      current = code;
      if (code !== record.code) continue;
      eachResult(bytes, (id, result) => results.set(id, decoder.decode(result)));
    }
  }
  return results;
}

/** Chooses results in an order that the seed determines. */
function chooseResults(results: Results, { most, isPart }: Amount, seed: number): Results {
  const count = Math.min(results.size, isPart ? Math.ceil(most * results.size) : most);
  const order = [...results.keys()].map((id) => [crc32Text(`${seed} ${id}`), id] as const)
    .sort(([a], [b]) => a - b);
  const ids = order.slice(0, count).map(([, id]) => id).sort((a, b) => a - b);
  return new Map(ids.map((id) => [id, results.get(id)!]));
}

async function runTasks(
  folder: string,
  record: JobRecord,
  wanted: Results,
  env: Config["env"],
): Promise<Results> {
  const found: Results = new Map(), decoder = new TextDecoder();
  const settings = recordSettings({ ...record, engine: "local" }, env),
    { signal } = new AbortController();
  const reporter = newReporter({ ...settings.config, quiet: true }, undefined);
  const bundle = await currentProgram(programFile(folder, record));
  const plan = { record, settings, folder, bundle, reporter, stop: signal, signal };
  // The files of the job are kept.
  await using files = await makeTempFolder();
  const context = { ...engineContext(plan), files: files.path };
  const engine = await loadEngine("local");
  for await (const { lines, failures } of engine.run(tasksOf(folder, record, wanted), context)) {
    eachResult(lines, (id, result) => found.set(id, decoder.decode(result)));
    for (const { event } of failures) found.set(event.id, `failed: ${event.error.message}`);
  }
  return found;
}

async function* tasksOf(
  folder: string,
  record: JobRecord,
  wanted: Results,
): AsyncGenerator<TaskBatch> {
  for await (const { id: first, count, bytes, isSound } of readList(folder, record)) {
    const tasks = isSound ? [...TaskBatch.of(bytes, count, first)] : [];
    yield* joinTasks(tasks.filter(({ id }) => wanted.has(id)));
  }
}

async function makeTempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ dir: temporaryFolder(), prefix: "dl_jobs_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
