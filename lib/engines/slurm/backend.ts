/**
 * The Slurm backend: each submission is a job array, and each part is an array task.
 *
 * An array task appends the events of its tasks to a file in the job's folder, which all nodes
 * share. These files take precedence. Slurm's reports matter only for array tasks that end without
 * writing a last line.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { EventBatch } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { makePrivateFolder, PRIVATE_FILE } from "../../util/files/fs.ts";
import { dirname } from "../../util/paths.ts";
import type {
  Backend,
  BackendContext,
  BackendLimits,
  Judgement,
  Refusal,
} from "../batch/backend.ts";
import { type Assignment, assignmentsOf, formerAssignments } from "../batch/reattach.ts";
import { SliceEstimate } from "../batch/slice_estimate.ts";
import type { Start } from "../batch/start_check.ts";
import type { Submissions } from "../batch/submissions.ts";
import { arraysOf, ArrayTask } from "./array_task.ts";
import {
  cancelArrays,
  type ClusterSize,
  clusterSize,
  findArray,
  findArrays,
  holdArrays,
} from "./commands.ts";
import {
  arrayName,
  arraySettings,
  type JobArrayRecord,
  jobArrays,
  markEnded,
  markPaused,
  noteRefusal,
  removeArray,
  removeEnv,
  stopFile,
  wasEnded,
  writeEnv,
  writeSlices,
} from "./job_array.ts";
import {
  clustersOf,
  isSet,
  parseSlurmOptions,
  partitionOf,
  type SlurmSettings,
  workingFolderOf,
} from "./options.ts";
import { NodeStarts } from "./node_starts.ts";
import { readRecorded, RecordedEvents } from "./recorded_events.ts";
import { arrayJobOf, sbatchArgs, scriptOf, submitArray, submitLeast } from "./sbatch.ts";
import { ArrayTaskStates } from "./states.ts";
import { ArrayThrottles } from "./throttles.ts";

// Slurm's default limit is 10,000 jobs for all users together.
const MAX_ARRAY_TASKS = 4000;
const WINDOW = { tasks: 900_000, bytes: 128 * 1024 * 1024 };
const ARRAY_BYTES = 32 * 1024 * 1024;
// The most tasks in an array. Only an estimate of short tasks allows more than FIRST_TASKS.
const FIRST_TASKS = 100_000, MAX_TASKS = 800_000;

/** The connection of one controller to a cluster. */
export class SlurmBackend implements Backend<ArrayTask> {
  readonly pollPace = { leastMs: 1000, mostMs: 60_000, growth: 2, shrinks: true };
  readonly collectPace = { leastMs: 100, mostMs: 2000, growth: 1.3 };
  #size: number;
  #throttles: ArrayThrottles;
  /** The arrays that Slurm has not released yet. They wait until it does. */
  #unreleased: readonly string[] = [];
  #context: BackendContext;
  #settings: SlurmSettings;
  #arrays: Submissions<JobArrayRecord>;
  #cpus: number;
  #mostMinutes: number | undefined;
  #program: string;
  #states: ArrayTaskStates;
  #estimate = new SliceEstimate();
  #isStopped = false;
  /** True when Slurm has not canceled the array tasks that wait for a node. */
  #mustCancel = false;
  /** The folders of arrays of which Slurm has ended tasks before their start. */
  #endedBySlurm = new Set<string>();
  #nodes: NodeStarts;
  #recorded = new RecordedEvents();

  private constructor(
    context: BackendContext,
    settings: SlurmSettings,
    program: string,
    { maxArraySize, cpus, mostMinutes }: ClusterSize,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#program = program;
    this.#cpus = cpus;
    this.#mostMinutes = mostMinutes;
    this.#arrays = jobArrays(context.folder);
    // Array tasks of an earlier controller that have not started use today's values.
    if (this.#arrays.list().length > 0) writeEnv(this.#arrays.folder, context.env);
    this.#states = new ArrayTaskStates(context.warn);
    this.#size = Math.min(maxArraySize, MAX_ARRAY_TASKS);
    this.#throttles = new ArrayThrottles(this.#parallelismOf(context.workers), context.warn);
    this.#nodes = new NodeStarts(!isSet(settings, "nodelist"), context.warn);
  }

  /** The most tasks, bytes and slices. */
  get limits(): BackendLimits {
    const least = this.#leastTasks * this.#places;
    const tasks = Math.min(MAX_TASKS, Math.max(FIRST_TASKS, least));
    return {
      window: WINDOW,
      submission: { tasks, bytes: ARRAY_BYTES, slices: this.#size },
      parts: this.#mostParts,
    };
  }

  get #mostParts(): number {
    // Slurm limits each array separately, so a second array would double the limit.
    if (this.#parallelism !== undefined) return 1;
    // Once the cluster is full, more array tasks would only wait, cut without an estimate.
    const isCutWell = this.#estimate.isKnown || this.#context.chunk !== undefined;
    return isCutWell ? MAX_ARRAY_TASKS : Math.min(MAX_ARRAY_TASKS, this.#places);
  }

  /**
   * Queries the cluster's size, and writes the program of the array tasks.
   *
   * @throws {UsageError} when Slurm's programs are not on the PATH, or an option is invalid.
   */
  static async open(context: BackendContext): Promise<SlurmBackend> {
    const settings = parseSlurmOptions(context.settings);
    const [size, program] = await Promise.all([
      clusterSize(partitionOf(settings), clustersOf(settings)),
      writeProgram(context.folder),
    ]);
    return new SlurmBackend(context, settings, program, size);
  }

  /**
   * Lists the assignments of the job's arrays. Looks up an array without a valid id by its name.
   */
  async reattach(): Promise<Assignment<ArrayTask>[]> {
    const canceled = new Set<string>(), records = await this.#arrays.readAll();
    const ids = await findArrays(records, () => clustersOf(this.#settings));
    const all = await formerAssignments(this.#arrays, (dir, { name, elements }) => {
      const id = ids.get(name), isEnded = wasEnded(dir), recorded = readRecorded(dir);
      if (isEnded && id !== undefined) canceled.add(id);
      return assignmentsOf(
        elements,
        (index) => new ArrayTask(id, index, dir, isEnded, recorded[index]),
      );
    });
    // Slurm may not have answered when the job was canceled.
    await this.#cancel([...canceled]);
    return all;
  }

  /** Returns true when another process has canceled the job. */
  isCanceled(): boolean {
    return this.#arrays.isCanceled();
  }

  /**
   * Returns the slice size that splits the tasks evenly among the array tasks that can run
   * concurrently, or a larger one when the tasks are shorter than the start of an array task.
   */
  sliceTasks(tasks: number, slices: number): number {
    return Math.max(this.#leastTasks, Math.ceil(tasks / Math.min(slices, this.#places)));
  }

  /** Submits a job array with one array task per slice. */
  async submit(slices: readonly TaskBatch[][]): Promise<ArrayTask[] | Refusal> {
    const dir = this.#arrays.next(), elements = await writeSlices(dir, slices);
    const limits = slices[0]?.[0]?.limits;
    const settings = arraySettings(this.#context, this.#settings.workers, limits);
    const workingFolder = workingFolderOf(this.#settings);
    const record = { name: arrayName(dir), settings, workingFolder, elements };
    this.#arrays.write(dir, record);
    writeEnv(this.#arrays.folder, this.#context.env);
    const most = this.#parallelism, answer = await this.#send(dir, record, most);
    noteRefusal(this.#arrays.folder, "kind" in answer ? answer.message : undefined);
    if ("kind" in answer) {
      await Deno.remove(dir, { recursive: true });
      if (this.#arrays.list().length === 0) removeEnv(this.#arrays.folder);
      return answer;
    }
    this.#throttles.add(answer.array, most);
    this.#arrays.write(dir, { ...record, array: answer.array });
    return slices.map((_, index) => new ArrayTask(answer.array, index, dir));
  }

  /** Queries Slurm for the states of array tasks. */
  async poll(parts: ReadonlySet<ArrayTask>, signal: AbortSignal): Promise<boolean> {
    await this.#findArrays(parts);
    await this.#throttles.change(arraysOf(parts), this.#parallelism);
    if (this.#mustCancel) await this.#cancelWaiting(parts);
    if (this.#unreleased.length > 0) {
      const left = new Set(arraysOf(parts));
      this.#unreleased = await holdArrays(this.#unreleased.filter((id) => left.has(id)), false);
    }
    return await this.#states.update(parts, signal);
  }

  /**
   * Looks again for arrays whose ids are unknown. The `sbatch` of a controller that was killed may
   * still run, and submit its array later.
   */
  async #findArrays(parts: ReadonlySet<ArrayTask>): Promise<void> {
    const unknown = [...parts].filter(({ array }) => array === undefined);
    for (const [dir, all] of Map.groupBy(unknown, (part) => part.dir)) {
      const clusters = clustersOf(this.#settings);
      const id = await findArray(arrayName(dir), clusters).catch(() => undefined);
      if (id === undefined) continue;
      this.#arrays.write(dir, { ...await this.#arrays.read(dir), array: id });
      for (const part of all) part.array = id;
    }
  }

  /** Yields the events that array tasks have written since the last call. */
  async *collect(parts: ReadonlySet<ArrayTask>): AsyncGenerator<EventBatch> {
    const names = new Map<string, ReadonlySet<string>>();
    for (const part of parts) {
      const { dir, index } = part;
      if (!names.has(dir)) names.set(dir, await listNames(`${dir}/events`));
      if (!names.get(dir)!.has(`${index}.ndjson`)) continue;
      for await (const batch of part.read()) {
        const { span } = batch;
        if (span) this.#estimate.add(span.count, span.to - span.from);
        yield batch;
      }
      if (part.hasStarted) this.#nodes.addGood(part.node);
      this.#recorded.add(part);
    }
    this.#recorded.note();
  }

  /**
   * Decides whether an array task is over. Only tasks that were running when the array task died
   * are charged.
   */
  judge(part: ArrayTask): Judgement {
    // An array task that was canceled before its start never writes events.
    const isTaken = this.#isStopped && part.end !== undefined && !part.hasStarted;
    if (!isTaken && !part.isOver(performance.now())) {
      return { type: part.takeTermination() ? "ending" : "running" };
    }
    const start = this.#startOf(part);
    const running = this.#settings.workers * this.#context.concurrency;
    const leftover = part.takeLeftover(running), { rest = [], slices = [], failures } = leftover;
    const isCut = part.end !== undefined && !part.hasEnded && !part.wasEnded && !this.#isStopped;
    const count = rest.length + slices.length + failures.length;
    if (isCut && count > 0) this.#context.warn(part.lossText);
    return { type: "over", start, leftover };
  }

  /**
   * Returns the outcome of the start. One `scancel` ends all tasks of an array, which says little
   * about the next array, so array tasks that Slurm ended count once an array.
   */
  #startOf(part: ArrayTask): Start {
    if (part.hasStarted || part.wasEnded) return "succeeded";
    if (!part.isEndedBySlurm) return this.#nodes.leaveOut(part) ? "unknown" : "failed";
    const isCounted = this.#endedBySlurm.has(part.dir);
    this.#endedBySlurm.add(part.dir);
    return isCounted ? "unknown" : "failed";
  }

  /** Cancels one array task. Those of an array that Slurm does not have yet end when they start. */
  async discard({ array, index, dir }: ArrayTask): Promise<void> {
    if (array === undefined) return await markEnded(dir);
    // It may run on, on a node that Slurm has lost, or be requeued.
    await markEnded(dir, index);
    await cancelArrays([array.replace(/^\d+/, (id) => `${id}_${index}`)]);
  }

  /** Sets the throttles of arrays, and holds or releases arrays that wait for nodes. */
  async adapt(parts: ReadonlySet<ArrayTask>): Promise<void> {
    const isPaused = this.#context.pace?.isPaused === true, arrays = arraysOf(parts);
    await this.#throttles.change(arrays, this.#parallelism);
    const isOther = [...dirsOf(parts)].map((dir) => markPaused(dir, isPaused)).includes(true);
    if (!isOther) return;
    const refused = await holdArrays(arrays, isPaused);
    this.#unreleased = isPaused ? [] : refused;
  }

  /** Tells array tasks to start no more tasks, and cancels array tasks that wait for a node. */
  async stop(parts: ReadonlySet<ArrayTask>): Promise<void> {
    this.#isStopped = true;
    for (const dir of dirsOf(parts)) {
      await Deno.writeTextFile(stopFile(dir), "", { mode: PRIVATE_FILE });
    }
    await this.#cancelWaiting(parts);
  }

  /** Marks the arrays as canceled through dl_jobs, and cancels them. */
  async cancel(parts: ReadonlySet<ArrayTask>): Promise<void> {
    // Slurm may still accept an array that it has not answered.
    for (const dir of this.#arrays.list()) await markEnded(dir);
    await this.#cancel(arraysOf(parts));
    removeEnv(this.#arrays.folder);
  }

  /** Removes the records, slices, events and variables of all arrays. */
  async release(): Promise<void> {
    removeEnv(this.#arrays.folder);
    for (const dir of this.#arrays.list()) await removeArray(this.#arrays, dir);
  }

  async #cancelWaiting(parts: ReadonlySet<ArrayTask>): Promise<void> {
    this.#mustCancel = !await this.#cancel(arraysOf(parts), ["--state=PENDING"]);
  }

  /** Cancels arrays. Returns false after a warning when Slurm has not done so. */
  async #cancel(arrays: readonly string[], args: readonly string[] = []): Promise<boolean> {
    const refusal = await cancelArrays(arrays, args);
    if (refusal === undefined) return true;
    this.#context.warn(`Warning: ${refusal}. Its array tasks end as soon as they start`);
    return false;
  }

  /** Returns an error with the last lines of an array task's log. */
  startError(part: ArrayTask): UsageError {
    return new UsageError(
      `Cannot run on Slurm: ${part.endText} before it started a task, like others before it: ` +
        part.logText,
    );
  }

  /** The least number of tasks in a slice; 0 while it is unknown. */
  get #leastTasks(): number {
    return this.#estimate.least(this.#settings.workers);
  }

  /** The number of array tasks that the cluster can run at the same time, within the job's limit. */
  get #places(): number {
    const cpus = Math.max(1, Math.ceil(this.#context.cpus * this.#settings.workers));
    return this.#parallelism ?? Math.max(1, Math.floor(this.#cpus / cpus));
  }

  /** The number of array tasks that may run at the same time; `undefined` without a limit. */
  get #parallelism(): number | undefined {
    const { live, workers } = this.#context;
    return this.#parallelismOf(live ? live.values.workers : workers);
  }

  #parallelismOf(workers: number | undefined): number | undefined {
    const { parallelism } = this.#settings;
    const most = workers && Math.max(1, Math.floor(workers / this.#settings.workers));
    return parallelism && most ? Math.min(parallelism, most) : parallelism ?? most;
  }

  async #send(
    dir: string,
    record: JobArrayRecord,
    parallelism: number | undefined,
  ): Promise<{ readonly array: string } | Refusal> {
    const most = { parallelism, mostMinutes: this.#mostMinutes, leftOut: this.#nodes.bad };
    const array = arrayJobOf(dir, record, this.#settings, this.#context, most);
    const script = scriptOf(array, this.#program);
    await Deno.writeTextFile(`${dir}/script.sh`, script, { mode: PRIVATE_FILE });
    const args = sbatchArgs(array), clusters = clustersOf(this.#settings);
    const answer = array.size === 1
      ? await submitLeast(args, script, clusters)
      : await submitArray(args, script);
    if (!("kind" in answer) || answer.kind === "full") return answer;
    // Slurm may have accepted the array although the answer was lost, or changed by the site's sbatch.
    const found = await findArray(record.name, clusters).catch(() => undefined);
    return found ? { array: found } : answer;
  }
}

function dirsOf(parts: ReadonlySet<ArrayTask>): ReadonlySet<string> {
  return new Set([...parts].map(({ dir }) => dir));
}

/** Writes the program of the array tasks to the job's folder. */
async function writeProgram(folder: string): Promise<string> {
  const path = programOf(folder);
  makePrivateFolder(dirname(path));
  const { code } = await bundleFarSide("slurm/on_node", cacheFolder(dirname(folder)));
  await Deno.writeTextFile(path, code, { mode: PRIVATE_FILE });
  return path;
}

/** Returns the path of the program; queued scripts of version 0.1.0 run this file, too. */
export function programOf(folder: string): string {
  return `${jobArrays(folder).folder}/element.js`;
}

/** Lists a folder, which also makes a network file system refresh its cache. */
async function listNames(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) names.add(name);
  return names;
}
