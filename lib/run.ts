/**
 * One run of a job: from the list through an engine into the journal and the results.
 *
 * @module
 */

import type { Bundle } from "./bundle.ts";
import type { Config } from "./config.ts";
import type { Engine } from "./engine.ts";
import { type EventBatch, eventLine, type Failure, type LogLine, type TaskError } from "./event.ts";
import { chooseImage } from "./image.ts";
import { Journal, writeAll } from "./journal.ts";
import { badLine } from "./ndjson.ts";
import { permissionFlags } from "./permissions.ts";
import type { Counts, Talk } from "./progress.ts";
import { errorLine, LineFile, type ResultSink, ResultWriter } from "./results.ts";
import { Attempts } from "./retry.ts";
import { type ArgsList, argsText, LineNumbers, listName, type TaskBatch, toTasks } from "./task.ts";

/** All that one run needs, settled. */
export interface RunPlan {
  readonly id: string;
  readonly name: string;
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  readonly engine: Engine;
  readonly list: ArgsList;
  readonly bundle: Bundle;
  readonly config: Config;
  /** Where results and errors are saved, if they are. */
  readonly results?: LineFile;
  readonly errors?: LineFile;
  readonly talk: Talk;
  /** Who wants the lines of the results file. */
  readonly sinks: readonly ResultSink[];
  /** Who wants what each task returned, one line a task. */
  readonly taps: readonly ResultSink[];
  /** Aborted when nothing more shall be started. */
  readonly stop: AbortSignal;
  /** Aborted when what runs shall end at once. */
  readonly signal: AbortSignal;
  /** What goes into `job.json` besides what is known here. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** What became of a run. */
export interface Summary {
  readonly id: string;
  readonly name: string;
  /** How many tasks there were. */
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** How many tasks had not ended when the run was canceled. */
  readonly canceled: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** The job's folder, and the files that were written. */
  readonly paths: {
    readonly folder: string;
    readonly results?: string;
    readonly errors?: string;
    readonly log?: string;
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

// As many results as may wait for one before them, where the order counts.
const ORDER_WINDOW = 100_000;

/** Runs all tasks of a plan. */
export async function execute(plan: RunPlan): Promise<Summary> {
  const started = performance.now();
  await makeFolder(plan);
  using execution = new Execution(plan);
  await execution.run();
  const summary = execution.summary(performance.now() - started);
  await writeJson(`${plan.folder}/job.json`, { ...plan.about, ...stateOf(summary) });
  return summary;
}

async function makeFolder({ folder, bundle, about }: RunPlan): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/bundle.js`, bundle.code);
  await writeJson(`${folder}/job.json`, about);
}

function stateOf({ total, succeeded, failed, canceled }: Summary) {
  return {
    ended: new Date().toISOString(),
    state: canceled > 0 ? "canceled" : failed > 0 ? "failed" : "succeeded",
    counts: { total, succeeded, failed, canceled },
  };
}

/** Written aside and renamed, so that a reader never sees a part of it. */
async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(value, null, 2) + "\n");
  await Deno.rename(`${path}.new`, path);
}

class Execution implements Disposable {
  #plan: RunPlan;
  #counts: Mutable<Counts> = { read: 0, succeeded: 0, failed: 0, retried: 0 };
  #journal: Journal;
  #tasks: Deno.FsFile;
  #logs: LineFile;
  #results: ResultWriter;
  #lines = new LineNumbers();
  #moved = Promise.withResolvers<void>();

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#journal = Journal.create(`${plan.folder}/events.ndjson`, plan.id);
    this.#tasks = Deno.openSync(`${plan.folder}/tasks.ndjson`, { write: true, create: true });
    this.#logs = new LineFile(`${plan.folder}/logs.ndjson`);
    const { groupedResults, ordered } = plan.config;
    this.#results = new ResultWriter({ ...plan, grouped: groupedResults, ordered });
    const { list } = plan;
    const total = typeof list === "number" ? list : Array.isArray(list) ? list.length : undefined;
    if (total !== undefined) this.#counts.total = total;
  }

  async run(): Promise<void> {
    const { engine, config, folder, stop, signal } = this.#plan;
    const attempts = new Attempts(this.#read(), config.maxAttempts, (read) => this.#keepUp(read));
    const events = engine.run(attempts, {
      folder,
      bundle: `${folder}/bundle.js`,
      workers: config.workers ?? navigator.hardwareConcurrency,
      concurrency: config.concurrency,
      env: config.env,
      permissions: permissionFlags(config.permissions),
      ...(config.timeout ? { timeout: config.timeout } : {}),
      ...(config.memory ? { memory: config.memory } : {}),
      gpus: chooseImage(config).gpus,
      stop,
      signal,
    });
    for await (const batch of events) await this.#take(batch, attempts);
    this.#plan.talk.clear();
  }

  summary(ms: number): Summary {
    const { id, name, folder, results, errors, stop, signal } = this.#plan;
    const { read, succeeded, failed } = this.#counts;
    return {
      id,
      name,
      total: read,
      succeeded,
      failed,
      canceled: stop.aborted || signal.aborted ? read - succeeded - failed : 0,
      ms,
      paths: {
        folder,
        ...(results?.path ? { results: results.path } : {}),
        ...(errors?.path ? { errors: errors.path } : {}),
      },
    };
  }

  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
    this.#tasks.close();
    for (const file of [this.#logs, this.#plan.results, this.#plan.errors]) {
      file?.[Symbol.dispose]();
    }
  }

  /** The list, kept as it is read. */
  async *#read(): AsyncGenerator<TaskBatch> {
    for await (const batch of toTasks(this.#plan.list, this.#lines)) {
      writeAll(this.#tasks, batch.bytes);
      this.#counts.read += batch.ids.length;
      yield batch;
    }
  }

  // A result that waits for an earlier one waits in memory, so there must not be too many of them.
  async #keepUp(read: number): Promise<void> {
    while (read - this.#results.next > ORDER_WINDOW) await this.#moved.promise;
  }

  async #take(batch: EventBatch, attempts: Attempts): Promise<void> {
    // First the journal: what stands there is never run again.
    this.#journal.append(batch.lines);
    const ended = batch.failures.filter((failure) => !this.#isRetried(failure, attempts))
      .map(asFinal);
    this.#journal.append(toLines(ended.map(({ event }) => eventLine(event))));
    this.#keepLogs(batch.logs);
    await this.#results.write(batch);
    for (const failure of ended) await this.#results.fail(this.#errorLine(failure));
    this.#count(batch.succeeded, ended.length);
    attempts.end(batch.succeeded + ended.length);
    this.#plan.talk.show(this.#counts);
  }

  #isRetried(failure: Failure, attempts: Attempts): boolean {
    const { event } = failure;
    if (!attempts.retry(failure)) return false;
    this.#counts.retried++;
    const line = event.type === "lost" ? event : { ...event, type: "retried" as const };
    this.#journal.append(toLines([eventLine(line)]));
    return true;
  }

  #count(succeeded: number, failed: number): void {
    this.#counts.succeeded += succeeded;
    this.#counts.failed += failed;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  #errorLine({ event: { id, attempt, error }, task }: Failure) {
    const text = argsText(task);
    const [args, bad] = parseArgs(text);
    if (!bad) return errorLine(id, attempt, error, args);
    const cause = badLine(text, listName(this.#plan.list), this.#lines.of(id), bad);
    const input: TaskError = { message: cause.message, type: "SyntaxError", class: "error" };
    return errorLine(id, attempt, input, text);
  }

  #keepLogs(logs: readonly LogLine[]): void {
    if (logs.length === 0) return;
    this.#logs.write(toLines(logs.map((line) => JSON.stringify(line))));
    for (const line of logs) this.#plan.talk.tell(line, this.#plan.config.printLogs);
  }
}

/** A task that was lost too often has failed. */
function asFinal({ event, task }: Failure): Failure & { event: { type: "failed" } } {
  return { event: { ms: 0, ...event, type: "failed" }, task };
}

function toLines(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
}

function parseArgs(text: string): [args: unknown, bad?: SyntaxError] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    return [text, error as SyntaxError];
  }
}
