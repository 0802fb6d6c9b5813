/**
 * One run of a job on a cluster: tasks are cut to slices, arrays run them, and what becomes of them is
 * read from the files of their elements.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import { type EventBatch, NO_EVENTS } from "../../journal/format.ts";
import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/fs.ts";
import { Reattachment } from "../batch/reattach.ts";
import { SubmitThrottle } from "../batch/submit_throttle.ts";
import { TaskBuffer } from "../batch/task_buffer.ts";
import type { EngineContext } from "../engine.ts";
import { cutSlices, type TaskRange } from "../shared/task_ranges.ts";
import { Element, findAssignments } from "./array_task.ts";
import { cancelArrays, clusterSize, findArray } from "./commands.ts";
import {
  canceledFile,
  elementFiles,
  elementSettings,
  listWaves,
  markCanceled,
  nextNumber,
  readWave,
  removeWave,
  stopFile,
  waveName,
  wavesOf,
  writeSlice,
  writeWave,
} from "./job_array.ts";
import { parseSlurmOptions, type SlurmSettings } from "./options.ts";
import { Poll } from "./poll.ts";
import {
  type Refusal,
  sbatchArgs,
  scriptOf,
  type Submission,
  submissionOf,
  submitArray,
} from "./sbatch.ts";

// What one array takes at the most, and what may wait and be under way.
const WAVE = { tasks: 100_000, bytes: 32 * 1024 * 1024 };
const WINDOW = { tasks: 400_000, bytes: 128 * 1024 * 1024 };
// A cluster takes some ten thousand jobs of all its users.
const MAX_ELEMENTS = 4000;
// How often the files are looked at.
const LOOK_MS = 100, MAX_LOOK_MS = 2000;
const BUSY_MS = 5000, FULL_MS = 30_000;
// So many elements in a row that begin nothing: the next ones would not either.
const MAX_FAILED_STARTS = 3;

/** One run of a job on the cluster. */
export class SlurmRun implements AsyncDisposable {
  #context: EngineContext;
  #settings: SlurmSettings;
  #intake: TaskBuffer;
  #adoption: Reattachment<Element>;
  #elements = new Set<Element>();
  #program: string;
  #size: { maxElements: number; cpus: number };
  #next: number;
  #pace = new SubmitThrottle();
  #lookMs = LOOK_MS;
  #isStopped = false;
  #failedStarts = 0;
  #poll: Poll;
  #endedCleanly = false;

  private constructor(
    context: EngineContext,
    intake: TaskBuffer,
    found: { adoption: Reattachment<Element>; settings: SlurmSettings; program: string },
    size: { maxElements: number; cpus: number },
  ) {
    this.#context = context;
    this.#poll = new Poll(context.warn, () => exists(canceledFile(context.folder)));
    this.#intake = intake;
    this.#adoption = found.adoption;
    this.#next = nextNumber(context.folder);
    this.#settings = found.settings;
    this.#program = found.program;
    this.#size = size;
  }

  /** Finds out what there is: the cluster, and what a former controller left there. */
  static async begin(
    tasks: AsyncIterable<TaskBatch>,
    context: EngineContext,
  ): Promise<SlurmRun> {
    const settings = parseSlurmOptions(context.settings);
    const { folder } = context;
    const [size, claims, program] = await Promise.all([
      clusterSize(settings.options.partition),
      findAssignments(folder, findArray),
      writeProgram(folder),
    ]);
    await removeIfThere(canceledFile(folder));
    const intake = new TaskBuffer(tasks, WINDOW);
    return new SlurmRun(
      context,
      intake,
      { adoption: new Reattachment(claims), settings, program },
      size,
    );
  }

  /** What becomes of the tasks. */
  async *events(): AsyncGenerator<EventBatch> {
    const { signal } = this.#context;
    while (!signal.aborted && !this.#isOver) {
      this.#intake.read(this.#underway);
      await this.#stopIfAsked();
      await this.#submitIfDue();
      let hasMoved = false;
      for await (const batch of this.#look()) {
        hasMoved = true;
        yield batch;
      }
      if (signal.aborted || this.#isOver) break;
      await this.#poll.ask(this.#elements);
      await this.#rest(hasMoved);
    }
    if (signal.aborted) return;
    this.#endedCleanly = true;
    if (this.#intake.failure) throw this.#intake.failure.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#intake.close();
    if (this.#elements.size > 0) {
      for (const wave of this.#waves) await markCanceled(wave);
      await cancelArrays(this.#arrays);
    } else if (this.#endedCleanly) {
      // The journal has it all.
      for (const wave of listWaves(this.#context.folder)) await removeWave(wave);
    }
  }

  get #isOver(): boolean {
    if (this.#elements.size > 0) return false;
    return this.#isStopped || (this.#intake.isEnded && this.#intake.count === 0);
  }

  get #underway() {
    let tasks = 0, bytes = 0;
    for (const element of this.#elements) {
      tasks += element.pending.count;
      bytes += element.bytes;
    }
    return { tasks, bytes };
  }

  get #waves(): ReadonlySet<string> {
    return new Set([...this.#elements].map(({ wave }) => wave));
  }

  get #arrays(): string[] {
    const all = [...this.#elements].map(({ array }) => array);
    return [...new Set(all)].filter((array) => array !== undefined);
  }

  /** Reads what the elements wrote, and deals with those that have ended. */
  async *#look(): AsyncGenerator<EventBatch> {
    const names = new Map<string, ReadonlySet<string>>();
    for (const element of this.#elements) {
      const { wave, index, isTerminated } = element;
      if (!names.has(wave)) names.set(wave, await listNames(`${wave}/events`));
      if (names.get(wave)!.has(`${index}.ndjson`)) yield* element.read();
      // Why is soon forgotten.
      if (element.isTerminated && !isTerminated) this.#poll.soon();
      if (element.broken !== undefined) throw new UsageError(element.broken);
      if (this.#isGone(element)) yield* await this.#end(element);
    }
  }

  #isGone(element: Element): boolean {
    // What waited when the run was stopped has never begun.
    if (this.#isStopped && element.end && !element.hasBegun) return true;
    return element.isOver(performance.now());
  }

  async #end(element: Element): Promise<EventBatch[]> {
    this.#elements.delete(element);
    // What it left comes in again, and is not its own any more.
    this.#adoption.forget(element);
    this.#failedStarts = element.hasBegun || element.isCanceled ? 0 : this.#failedStarts + 1;
    const { failures, rest } = element.takeRest(this.#running);
    if (rest.length + failures.length === 0) return [];
    // It may still run where Slurm cannot see it.
    if (!element.hasEnded) await this.#cancelOne(element);
    if (this.#failedStarts >= MAX_FAILED_STARTS && !this.#isStopped) throw cannotStart(element);
    if (!this.#isStopped) this.#intake.giveBack(rest);
    return failures.length > 0 ? [{ ...NO_EVENTS, failures }] : [];
  }

  async #cancelOne({ array, index }: Element): Promise<void> {
    if (array === undefined) return;
    await cancelArrays([array.replace(/^\d+/, (id) => `${id}_${index}`)]);
  }

  /** How many tasks an element has under way at the most. */
  get #running(): number {
    return this.#settings.workers * this.#context.concurrency;
  }

  async #stopIfAsked(): Promise<void> {
    if (this.#isStopped || !this.#context.stop.aborted) return;
    this.#isStopped = true;
    this.#adopt();
    for (const wave of this.#waves) await Deno.writeTextFile(stopFile(wave), "");
    await cancelArrays(this.#arrays, ["--state=PENDING"]);
    this.#poll.soon();
  }

  async #submitIfDue(): Promise<void> {
    const now = performance.now();
    const isFull = this.#intake.count >= this.#waveTasks || this.#intake.bytes >= WAVE.bytes;
    if (this.#isStopped || !(isFull || this.#pace.isStill(this.#intake, now))) return;
    this.#adopt();
    const isAlone = this.#elements.size === 0;
    if (this.#intake.count === 0 || !this.#pace.mayGo(now, { isFull, isAlone })) return;
    if (isAlone || this.#mayJoin) await this.#submit();
  }

  /** Each array would have its own limit. */
  get #mayJoin(): boolean {
    return this.#parallelism === undefined && this.#elements.size < MAX_ELEMENTS;
  }

  /** What waits goes to elements of a former controller where it is theirs. */
  #adopt(): void {
    if (this.#adoption.isEmpty) return;
    const waiting: TaskBatch[] = [];
    while (this.#intake.count > 0) waiting.push(...this.#intake.take(this.#intake.count));
    this.#intake.giveBack(waiting.flatMap((batch) => this.#adoption.sort(batch)));
    for (const element of this.#adoption.parts) this.#elements.add(element);
  }

  /** How many elements may run at a time, where that is limited. */
  get #parallelism(): number | undefined {
    const { workers } = this.#context;
    const most = workers && Math.max(1, Math.floor(workers / this.#settings.workers));
    return this.#settings.parallelism ?? most;
  }

  get #waveTasks(): number {
    const { chunk } = this.#context;
    return chunk ? Math.min(WAVE.tasks, chunk * this.#size.maxElements) : WAVE.tasks;
  }

  async #submit(): Promise<void> {
    const { limits, slices } = this.#cut();
    const number = this.#next++, wave = `${wavesOf(this.#context.folder)}/${number}`;
    const name = waveName(this.#context.folder, number);
    const submission = await this.#prepare({ wave, name }, slices, limits);
    const answer = await this.#send(submission);
    if (!("array" in answer)) {
      await Deno.remove(wave, { recursive: true });
      this.#intake.giveBack(slices.flat());
      return this.#refused(answer, slices.length);
    }
    for (const [index, slice] of slices.entries()) {
      const element = new Element(answer.array, index, wave);
      for (const batch of slice) element.push(batch);
      this.#elements.add(element);
    }
    this.#pace.sent(performance.now());
    this.#poll.soon();
  }

  /** Takes tasks for one array, cut to its elements. */
  #cut(): { limits: Limits | undefined; slices: TaskBatch[][] } {
    const batches = this.#intake.take(this.#waveTasks);
    const count = batches.reduce((sum, batch) => sum + batch.count, 0);
    const most = Math.min(this.#size.maxElements, MAX_ELEMENTS);
    const share = this.#context.chunk ?? Math.ceil(count / Math.min(most, this.#places));
    const slices = cutSlices(batches, { tasks: share });
    this.#intake.giveBack(slices.splice(most).flat());
    return { limits: batches[0]!.limits, slices };
  }

  /** How many elements the cluster could run at the same time. */
  get #places(): number {
    const { cpus } = this.#context, { workers } = this.#settings;
    const each = Math.max(1, Math.ceil(cpus * workers));
    return this.#parallelism ?? Math.max(1, Math.floor(this.#size.cpus / each));
  }

  async #prepare(
    { wave, name }: { wave: string; name: string },
    slices: readonly TaskBatch[][],
    limits: Limits | undefined,
  ): Promise<Submission> {
    for (const name of ["tasks", "events", "logs"]) {
      // A log folder that is missing would end the elements without a word.
      await Deno.mkdir(`${wave}/${name}`, { recursive: true });
    }
    const elements: TaskRange[][] = [];
    for (const [index, slice] of slices.entries()) {
      elements.push(await writeSlice(elementFiles(wave, index).tasks, slice));
    }
    const settings = elementSettings(this.#context, this.#settings.workers, limits);
    await writeWave(wave, { name, settings, elements });
    return submissionOf(
      { name, wave, settings, elements },
      this.#settings,
      this.#context,
      this.#parallelism,
    );
  }

  async #send(submission: Submission): Promise<{ array: string } | Refusal> {
    const script = scriptOf(submission, this.#program);
    await Deno.writeTextFile(`${submission.wave}/script.sh`, script);
    let answer = await submitArray(sbatchArgs(submission), script);
    if ("kind" in answer && answer.kind === "busy") {
      // The answer may be what got lost, and not the question.
      const array = await findArray(submission.name);
      if (array) answer = { array };
    }
    if ("array" in answer) {
      const record = await readWave(submission.wave);
      await writeWave(submission.wave, { ...record, array: answer.array });
    }
    return answer;
  }

  #refused({ kind, message }: Refusal, elements: number): void {
    const isFirst = !this.#pace.hasBegun && this.#elements.size === 0;
    if (kind === "wrong" || (kind === "busy" && isFirst)) {
      throw new UsageError(`Cannot submit to Slurm: ${message}`);
    }
    this.#poll.tell(`Slurm takes no more for now: ${message}`);
    // A limit may leave room for fewer.
    if (kind === "full") this.#size.maxElements = Math.max(1, Math.ceil(elements / 2));
    this.#pace.rest(performance.now() + (kind === "full" ? FULL_MS : BUSY_MS));
  }

  /** Waits until there may be something to do. */
  async #rest(hasMoved: boolean): Promise<void> {
    this.#lookMs = hasMoved ? LOOK_MS : Math.min(this.#lookMs * 1.3, MAX_LOOK_MS);
    const ms = this.#intake.count > 0 ? Math.min(this.#lookMs, this.#pace.lookMs) : this.#lookMs;
    const { signal, stop } = this.#context;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const ends = this.#isStopped ? [signal] : [signal, stop];
    for (const end of ends) end.addEventListener("abort", () => resolve(), { once: true });
    // Nothing is under way: what comes in is what is waited for.
    if (this.#elements.size === 0) this.#intake.changed.then(resolve);
    await promise;
    clearTimeout(timer);
  }
}

/** The program of the elements, in the job's folder. */
async function writeProgram(folder: string): Promise<string> {
  const waves = wavesOf(folder), path = `${waves}/element.js`;
  await Deno.mkdir(waves, { recursive: true });
  const { code } = await bundleFarSide("slurm/on_node", cacheFolder(`${folder}/..`));
  await Deno.writeTextFile(path, code);
  return path;
}

function cannotStart(element: Element): UsageError {
  const { log } = elementFiles(element.wave, element.index);
  return new UsageError(
    `Cannot run on Slurm: ${element.endText} and did nothing, as others before it: ${
      logEnd(log) || "its log is empty"
    } (${log})`,
  );
}

/** The last words in a log. */
function logEnd(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim().split("\n").slice(-3).join("; ").slice(-500);
  } catch {
    return "";
  }
}

/** Reading a folder also makes a network's file system look for files that are new. */
async function listNames(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) names.add(name);
  return names;
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
