/**
 * One run of a job: from the list through an engine into the journal and the results.
 *
 * @module
 */

import { chooseImage } from "../compat/image.ts";
import type { Config } from "../config/options.ts";
import { permissionFlags } from "../config/permissions.ts";
import type { Engine, EngineContext } from "../engines/engine.ts";
import { JobLock } from "../job_dir/lock.ts";
import { type JobRecord, writeRecord } from "../job_dir/record.ts";
import { ResultCache } from "../job_dir/result_cache.ts";
import {
  errorLine,
  parseArgs,
  rebuild,
  type ResultSink,
  ResultWriter,
} from "../job_dir/result_writer.ts";
import { readFailures } from "../journal/failures.ts";
import {
  type EventBatch,
  eventLine,
  type FailedAttempt,
  type FailedEvent,
  type LogLine,
  successLine,
  type TaskError,
} from "../journal/format.ts";
import { cutTornLine } from "../journal/repair.ts";
import { JournalState } from "../journal/state.ts";
import { Journal } from "../journal/writer.ts";
import { badLine } from "../ndjson/mod.ts";
import { argsText, joinTasks, type Task, type TaskBatch } from "../tasks/batch.ts";
import { Attempts } from "../tasks/attempts.ts";
import { type Halt, parseHalt } from "../tasks/halt.ts";
import { parsePolicy } from "../tasks/retry.ts";
import { type ArgsList, LineNumbers, listName, toTasks } from "../tasks/source.ts";
import type { Counts } from "../terminal/progress_line.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { firstError } from "../util/errors.ts";
import { countLines, exists, writeAll } from "../util/fs.ts";
import { LineFile, NewFile } from "../util/line_file.ts";
import type { Summary } from "./summary.ts";
import { TaskStats } from "./task_stats.ts";

export type { Summary } from "./summary.ts";

/** All that one run needs, settled. */
export interface RunPlan {
  readonly record: JobRecord;
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  readonly engine: Engine;
  /** The list; nothing when what is not yet read of it is gone. */
  readonly list?: ArgsList;
  /** The program that calls the function; nothing when the job's folder has it already. */
  readonly code?: string;
  /** Where results and errors are saved, if they are. */
  readonly results?: LineFile;
  readonly errors?: LineFile;
  readonly reporter: Reporter;
  /** Who wants the lines of the results file. */
  readonly sinks: readonly ResultSink[];
  /** Who wants what each task returned, one line a task. */
  readonly resultSinks: readonly ResultSink[];
  /** Aborted when nothing more shall be started. */
  readonly stop: AbortSignal;
  /** Aborted when what runs shall end at once. */
  readonly signal: AbortSignal;
  /** Which failures of a job that has run before are tried again. */
  readonly again?: (error: TaskError) => boolean;
  /** Whether the last run came to its end, so that its files hold all that it found out. */
  readonly endedCleanly?: boolean;
  /** The right to write the job, where it has been taken. */
  readonly lock?: JobLock;
  /** Who looks on. */
  readonly sight?: RunProgress;
}

/** What can be seen of a run while it goes on. */
export interface RunProgress {
  /** What was asked, when that is known. */
  record?: JobRecord;
  /** The job's folder, as an absolute path. */
  folder?: string;
  /** How far it is: they change as it goes on. */
  counts?: Counts;
}

/** How a task ended that has failed. */
interface FinalFailure {
  readonly event: FailedEvent;
  readonly args: Uint8Array;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

// As many results as may wait for one before them, where the order counts.
const ORDER_WINDOW = 100_000;

/** Runs all tasks of a plan that have not ended. */
export async function execute(plan: RunPlan): Promise<Summary> {
  const started = performance.now();
  const { folder, record, code } = plan;
  await Deno.mkdir(folder, { recursive: true });
  using _lock = plan.lock ? undefined : await JobLock.take(folder);
  if (code !== undefined) await Deno.writeTextFile(`${folder}/bundle.js`, code);
  writeRecord(folder, record);
  try {
    using execution = code === undefined ? await Execution.again(plan) : Execution.first(plan);
    await execution.run();
    return execution.end(performance.now() - started);
  } catch (thrown) {
    throw firstError(thrown);
  }
}

/** What an engine is told about a plan. */
export function contextOf(
  { record, folder, engine, reporter, stop, signal }: RunPlan,
): EngineContext {
  const { options } = record;
  const { gpus, image } = chooseImage(options);
  return {
    folder,
    bundle: `${folder}/bundle.js`,
    ...limit("workers", options.workers),
    concurrency: options.concurrency,
    ...limit("chunk", options.chunk),
    env: options.env,
    permissions: permissionFlags(options.permissions),
    ...limit("timeout", options.timeout),
    ...limit("memory", options.memory),
    cpus: options.cpus,
    gpus,
    image,
    ...(record.ship ? { ship: record.ship } : {}),
    settings: settingsOf(options, engine.name),
    warn: (text) => reporter.warn(text),
    observe: (look) => reporter.observe(look),
    stop,
    signal,
  };
}

class Execution implements Disposable {
  #plan: RunPlan;
  #record: Mutable<JobRecord>;
  #counts: Mutable<Counts>;
  #journal: Journal;
  #state: JournalState;
  #tasks: Deno.FsFile;
  #logs: LineFile;
  #spans: LineFile;
  #results: ResultWriter;
  #reuse: ResultCache | undefined;
  #lines = new LineNumbers();
  #digest = new TaskStats();
  #moved = Promise.withResolvers<void>();
  #halted = new AbortController();
  #halt: Halt | undefined;
  #graceOver = new AbortController();
  #grace: ReturnType<typeof setTimeout> | undefined;

  private constructor(plan: RunPlan, journal: Journal, state: JournalState, read: number) {
    const { folder } = this.#plan = plan;
    this.#record = { ...plan.record };
    this.#journal = journal;
    this.#state = state;
    const { succeeded, failed } = state;
    this.#counts = { read, succeeded, failed, retried: 0 };
    const { record, sight } = plan;
    const total = record.length ?? (record.isRead ? read : undefined);
    if (total !== undefined) this.#counts.total = total;
    if (sight) Object.assign(sight, { record, folder, counts: this.#counts });
    this.#tasks = Deno.openSync(`${folder}/tasks.ndjson`, { append: true, create: true });
    journal.before = ["job.json", "bundle.js", "tasks.ndjson"].map((name) => `${folder}/${name}`);
    this.#logs = new LineFile(`${folder}/logs.ndjson`, true);
    this.#spans = new LineFile(`${folder}/spans.ndjson`, true);
    const { groupedResults, ordered, halt } = plan.record.options;
    if (halt !== null) this.#halt = parseHalt(halt);
    this.#results = new ResultWriter({ ...plan, grouped: groupedResults, ordered });
    this.#noteFiles();
  }

  /** A job that has not run before. */
  static first(plan: RunPlan): Execution {
    const journal = Journal.create(`${plan.folder}/events.ndjson`, plan.record.id);
    return new Execution(plan, journal, new JournalState(), 0);
  }

  /** A job that has: what it recorded is kept, and its results are made again. */
  static async again(plan: RunPlan): Promise<Execution> {
    const { folder, again } = plan;
    const path = (name: string) => `${folder}/${name}.ndjson`;
    for (const name of ["tasks", "logs", "spans"]) cutTornLine(path(name));
    const read = countLines(path("tasks"));
    const journal = await Journal.open(path("events"), plan.record.id);
    if (again) await reopen(path("events"), journal, again);
    const state = await JournalState.read(path("events"));
    const execution = new Execution(plan, journal, state, read);
    if (!(plan.endedCleanly && execution.#isDone && hasFiles(plan.record))) {
      await execution.#rebuild();
    }
    return execution;
  }

  async run(): Promise<void> {
    const { engine, signal, record } = this.#plan;
    const { options } = record;
    const stop = AbortSignal.any([this.#plan.stop, this.#halted.signal]);
    await this.#loadReuse();
    const attempts = new Attempts(this.#open(), {
      policy: parsePolicy(options.retry, options.maxAttempts),
      backoff: options.backoff,
      limits: { ...limit("timeout", options.timeout), ...limit("memory", options.memory) },
      past: (id) => this.#state.triesOf(id),
    }, (read) => this.#keepUp(read));
    const ends = { stop, signal: AbortSignal.any([signal, this.#graceOver.signal]) };
    const events = engine.run(attempts, { ...contextOf(this.#plan), ...ends });
    const onStop = () => this.#startGrace(options.grace);
    stop.addEventListener("abort", onStop);
    using _progress = this.#plan.reporter.watch(this.#counts, stop);
    try {
      for await (const batch of events) await this.#take(batch, attempts);
    } finally {
      stop.removeEventListener("abort", onStop);
      clearTimeout(this.#grace);
      this.#plan.reporter.flushTaskLogs();
    }
  }

  #startGrace(ms: number): void {
    this.#grace = setTimeout(() => this.#graceOver.abort(), ms);
  }

  end(ms: number): Summary {
    const { record, folder } = this.#plan;
    const { read, succeeded, failed } = this.#counts;
    const canceled = this.#isStopped ? read - succeeded - failed : 0;
    const { results, errors } = this.#record.files;
    // What the record says of the end must be true also when the disk fills up here.
    this.#tasks.syncDataSync();
    this.#journal.sync();
    for (const file of this.#files) file.flush();
    writeRecord(folder, {
      ...this.#record,
      ended: new Date().toISOString(),
      state: this.#isStopped && !this.#isDone ? "canceled" : failed > 0 ? "failed" : "succeeded",
      counts: { total: read, succeeded, failed },
    });
    return {
      ...{ id: record.id, name: record.name, total: read, succeeded, failed, canceled, ms },
      isInterrupted: this.#plan.stop.aborted && !this.#isDone,
      failedElements: this.#results.failedElements,
      reused: this.#reuse?.taken ?? 0,
      ...(this.#digest.times ? { times: this.#digest.times } : {}),
      commonErrors: this.#digest.errors,
      paths: { folder, ...(results ? { results } : {}), ...(errors ? { errors } : {}) },
    };
  }

  [Symbol.dispose](): void {
    using stack = new DisposableStack();
    for (const file of this.#files) stack.use(file);
    stack.defer(() => this.#tasks.close());
    stack.use(this.#journal);
  }

  get #files(): readonly LineFile[] {
    const { results, errors } = this.#plan;
    return [this.#logs, this.#spans, ...results ? [results] : [], ...errors ? [errors] : []];
  }

  get #isStopped(): boolean {
    return this.#plan.stop.aborted || this.#plan.signal.aborted || this.#halted.signal.aborted;
  }

  get #isDone(): boolean {
    const { read, succeeded, failed } = this.#counts;
    return this.#record.isRead === true && succeeded + failed === read;
  }

  /** The tasks that have not ended: of what was read before, then of the rest of the list. */
  async *#open(): AsyncGenerator<TaskBatch> {
    const known = this.#counts.read;
    if (known > 0) yield* this.#reopen(known);
    if (this.#plan.list === undefined) return;
    yield* this.#read(this.#plan.list, known);
    this.#record.isRead = true;
    this.#counts.total = this.#counts.read;
    this.#save();
    // At the end it is waited for: most of it is done by then.
    this.#tasks.syncData().catch(() => {});
  }

  async *#reopen(known: number): AsyncGenerator<TaskBatch> {
    for await (const open of readOpen(`${this.#plan.folder}/tasks.ndjson`, this.#state, known)) {
      yield* await this.#takeReused(open);
    }
  }

  /** The list behind what is known, kept as it is read. */
  async *#read(list: ArgsList, known: number): AsyncGenerator<TaskBatch> {
    // A power cut can cost the end of the list that the journal still has.
    const isCut = this.#state.hasEndFrom(known);
    for await (const all of toTasks(list, this.#lines)) {
      const batch = behind(all, known);
      if (batch.count === 0) continue;
      writeAll(this.#tasks, batch.bytes, `${this.#plan.folder}/tasks.ndjson`);
      this.#journal.touch();
      this.#counts.read += batch.count;
      for (const open of isCut ? joinTasks(openTasks(batch, this.#state)) : [batch]) {
        yield* await this.#takeReused(open);
      }
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
      .map((failure) => this.#asFinal(failure));
    this.#journal.append(toLines(ended.map(({ event }) => eventLine(event))));
    this.#digest.add(batch.lines);
    this.#keepLogs(batch.logs);
    if (batch.span) this.#spans.write(toLines([JSON.stringify(batch.span)]));
    // What a reader has seen is in the journal, or a resumed job would say it again.
    if (this.#plan.sinks.length > 0) this.#journal.flush();
    await this.#results.write(batch);
    for (const { event, args } of ended) {
      const { id, attempt, error } = event;
      this.#digest.fail(event);
      await this.#results.fail(errorLine(id, attempt, error, parseArgs(args)));
    }
    this.#count(batch.succeeded, ended.length);
    const failed = ended.map(({ event }) => event.id);
    attempts.end(batch.succeeded + failed.length, batch.lines, failed);
    // The disk takes it while the workers end.
    if (this.#isDone) this.#journal.syncSoon();
    this.#plan.reporter.tick();
  }

  #isRetried(failure: FailedAttempt, attempts: Attempts): boolean {
    const { event } = failure;
    // When nothing more is started it stays open, and is tried again when the job goes on.
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
    if (failed > 0 && !this.#halted.signal.aborted && this.#isTooMany()) {
      const many = this.#counts.failed === 1 ? "task has" : "tasks have";
      this.#plan.reporter.warn(`${this.#counts.failed} ${many} failed: no more are started`);
      this.#halted.abort();
    }
  }

  #isTooMany(): boolean {
    if (!this.#halt) return false;
    const { most, isPart } = this.#halt;
    const { succeeded, total = this.#counts.failed + succeeded } = this.#counts;
    // Who goes on with a job has seen what had failed before.
    const failed = this.#counts.failed - this.#state.failed;
    if (!isPart) return failed >= most;
    // A part of an unknown whole says something only when there is enough of it.
    return (this.#counts.total !== undefined || total >= 100) && failed / total >= most;
  }

  /** A failure that is not tried again; of a line that is no JSON it says where that stands. */
  #asFinal({ event, args }: FailedAttempt): FinalFailure {
    const final = { ms: 0, ...event, type: "failed" as const };
    const { list } = this.#plan;
    const text = event.error.type === "SyntaxError" ? argsText(args) : "";
    const bad = text === "" ? undefined : parseError(text);
    if (!bad || list === undefined) return { event: final, args };
    const { message } = badLine(text, listName(list), this.#lines.of(event.id), bad);
    return { event: { ...final, error: { message, type: "SyntaxError", class: "error" } }, args };
  }

  #keepLogs(logs: readonly LogLine[]): void {
    if (logs.length === 0) return;
    this.#logs.write(toLines(logs.map((line) => JSON.stringify(line))));
    for (const line of logs) this.#plan.reporter.taskLog(line, this.#record.options.printLogs);
  }

  /** Results and errors are known in `job.json` before there is anything in them. */
  #noteFiles(): void {
    for (const kind of ["results", "errors"] as const) {
      const file = this.#plan[kind];
      if (file) file.onOpen = (path) => this.#noteFile(kind, path);
    }
  }

  #noteFile(kind: "results" | "errors", path: string): void {
    if (this.#record.files[kind] === path) return;
    this.#record.files = { ...this.#record.files, [kind]: path };
    this.#save();
  }

  #save(): void {
    writeRecord(this.#plan.folder, this.#record);
  }

  async #rebuild(): Promise<void> {
    const { options } = this.#record;
    const { results, errors } = options.resultsTimestamp ? this.#newFiles() : this.#sharedFiles();
    const writer = new ResultWriter({
      ...(results ? { results } : {}),
      ...(errors ? { errors } : {}),
      grouped: options.groupedResults,
      ordered: options.ordered,
      sinks: [],
      resultSinks: [],
    });
    await rebuild(this.#plan.folder, writer, this.#state);
    for (const file of [results, errors]) if (file instanceof NewFile) file.finish();
    this.#results.follow(writer);
  }

  #newFiles(): Pick<RunPlan, "results" | "errors"> {
    const { files: { results, errors } } = this.#record;
    return {
      ...this.#plan,
      ...(results ? { results: new NewFile(results) } : {}),
      ...(errors ? { errors: new NewFile(errors) } : {}),
    };
  }

  /** What other jobs write to as well is not made again, only cut where this one was torn off. */
  #sharedFiles(): Pick<RunPlan, "results" | "errors"> {
    const { id, files } = this.#record;
    for (const path of this.#plan.endedCleanly ? [] : Object.values(files)) {
      cutTornLine(path);
      this.#plan.reporter.warn(
        `Warning: ${path} is shared with other jobs: what was on its way there when this one died ` +
          `may be missing or twice, dl_jobs results ${id} has it right`,
      );
    }
    return {};
  }

  async #loadReuse(): Promise<void> {
    const { reuse } = this.#record.options;
    if (reuse === false) return;
    this.#reuse = await ResultCache.load(this.#record, reuse === "args");
    if (this.#reuse.warning) this.#plan.reporter.warn(this.#reuse.warning);
  }

  /** Records what former jobs have found out, and gives the tasks that are left. */
  async #takeReused(batch: TaskBatch): Promise<TaskBatch[]> {
    const reuse = this.#reuse;
    if (!reuse) return [batch];
    const left: Task[] = [];
    let lines = "", results = "", succeeded = 0;
    for (const task of batch) {
      const result = task.attempt > 1 ? undefined : reuse.take(task.args);
      if (!result) {
        left.push(task);
        continue;
      }
      const text = new TextDecoder().decode(result);
      lines += successLine(task.id, 1, 0, text) + "\n";
      results += text + "\n";
      succeeded++;
    }
    if (succeeded === 0) return [batch];
    const found = { lines: encode(lines), results: encode(results), succeeded };
    this.#journal.append(found.lines);
    await this.#results.write(found);
    this.#count(succeeded, 0);
    return joinTasks(left);
  }
}

/** Whether the files that a job has written to are still there. */
function hasFiles({ files }: JobRecord): boolean {
  return Object.values(files).every(exists);
}

/** Puts failed tasks back that the user wants tried again. */
async function reopen(
  path: string,
  journal: Journal,
  again: (error: TaskError) => boolean,
): Promise<void> {
  const lines: string[] = [];
  for await (const { id, attempt, error } of readFailures(path)) {
    if (again(error)) lines.push(eventLine({ id, attempt, type: "queued" }));
  }
  journal.append(toLines(lines));
  journal.flush();
}

/** The tasks of a job's list that have not ended, for their next attempt. */
async function* readOpen(
  path: string,
  state: JournalState,
  known: number,
): AsyncGenerator<TaskBatch> {
  if (state.succeeded + state.failed === known) return;
  for await (const all of toTasks(path)) {
    const open = openTasks(all, state);
    const isTried = ({ id }: Task) => state.triesOf(id).length > 0;
    yield* joinTasks(open.filter((one) => !isTried(one)));
    // Each on its own: it may be given more than the others.
    for (const one of open.filter(isTried)) yield* joinTasks([one]);
    // The file grows while the rest of the list is read.
    if (all.id(all.count - 1) >= known - 1) return;
  }
}

/** The tasks that have not ended, for their next attempt. */
function openTasks(batch: TaskBatch, state: JournalState): Task[] {
  const open: Task[] = [];
  for (const task of batch) {
    const { id } = task;
    if (state.of(id) === "open") open.push({ ...task, attempt: state.nextAttempt(id) });
  }
  return open;
}

/** The tasks of a batch from an id on. */
function behind(batch: TaskBatch, known: number): TaskBatch {
  const from = Math.min(Math.max(known - batch.id(0), 0), batch.count);
  return from === 0 ? batch : batch.slice(from);
}

/** The option that is called like an engine, if there is one. */
function settingsOf(options: Config, name: string): Readonly<Record<string, string>> {
  return (options as Readonly<Record<string, unknown>>)[name] as Record<string, string> ?? {};
}

function limit<K extends string>(key: K, value: number | null): { [Key in K]?: number } {
  return (value ? { [key]: value } : {}) as { [Key in K]?: number };
}

function toLines(lines: readonly string[]): Uint8Array {
  return encode(lines.map((line) => line + "\n").join(""));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function parseError(text: string): SyntaxError | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}
