/**
 * Runs the tasks of a job on machines.
 *
 * @module
 */

import { shortHash } from "../../bundle/modules/hash.ts";
import { engineFolder } from "../../job_dir/layout.ts";
import type { EventBatch } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { programEnding } from "../../job_dir/program_record.ts";
import { messageOf, UsageError } from "../../util/errors.ts";
import { existsOr } from "../../util/files/fs.ts";
import { startLightInterval } from "../../util/time/light_timer.ts";
import { Reattachment } from "../batch/reattach.ts";
import type { EngineContext } from "../engine.ts";
import { AckChannel } from "../local/ack_channel.ts";
import { TaskQueue } from "../local/task_queue.ts";
import { importRoots } from "../shared/data_files.ts";
import { farSideSettings } from "../shared/far_side_settings.ts";
import { Slots } from "../shared/slots.ts";
import { tasksOnCpus } from "../shared/tasks_on_cpus.ts";
import { withMachine } from "../shared/start_error.ts";
import { reattach } from "./reattach_hosts.ts";
import { HostError } from "./host_events.ts";
import { fileVersions, jobFilesForHosts } from "./job_files.ts";
import type { HostPool } from "./host_pool.ts";
import { HostReport } from "./host_report.ts";
import { MOST_STARTS } from "./link.ts";
import { Mirror, readMirrors } from "./mirror.ts";
import type { HostPlace, StreamPlaces } from "./place.ts";
import { RemoteHost } from "./remote_host.ts";

const SAVE_MS = 1000;

/** One run of a job on its hosts. */
export class StreamRun {
  #context: EngineContext;
  #places: StreamPlaces;
  #program: string;
  /** The local paths of the files that hosts need, by their paths in the folder of the job. */
  #sources: Readonly<Record<string, string>>;
  #events = new AckChannel<EventBatch>();
  #ended = new AbortController();
  /** The error of this machine that ends the run. */
  #failure: { readonly reason: unknown } | undefined;
  #queue: TaskQueue;
  #hosts: RemoteHost[];
  #report: HostReport;

  private constructor(
    name: string,
    tasks: AsyncIterable<TaskBatch>,
    context: EngineContext,
    places: StreamPlaces,
    program: string,
  ) {
    this.#context = context;
    this.#places = places;
    this.#program = program;
    this.#sources = jobFilesForHosts(context, program);
    const folder = engineFolder(context.folder, name);
    const reattached = Promise.withResolvers<AsyncIterable<TaskBatch>>();
    this.#queue = new TaskQueue(later(reattached.promise), places.places.length, context.pace);
    const pool = this.#pool(reattached.promise);
    this.#hosts = [...places.places, ...formerPlaces(folder, places, context.warn)].map((place) =>
      new RemoteHost(place, new Mirror(folder, place.name, context.job), pool)
    );
    this.#report = new HostReport(folder, name, this.#hosts);
    reattached.resolve(reattach(tasks, this.#former(), this.#hosts));
  }

  /** Prepares a run. */
  static async create(
    name: string,
    tasks: AsyncIterable<TaskBatch>,
    context: EngineContext,
    places: StreamPlaces,
  ): Promise<StreamRun> {
    return new StreamRun(name, tasks, context, places, await programName(context.bundle));
  }

  /** Yields the events of the tasks. */
  async *events(): AsyncGenerator<EventBatch> {
    const { signal, stop, observe, watch, concurrency } = this.#context;
    observe?.(() => this.#report.activity(concurrency));
    watch?.(() => this.#report.active(concurrency));
    const wake = () => this.#wake();
    for (const one of [signal, stop, this.#ended.signal]) one.addEventListener("abort", wake);
    // When the caller stops reading events, the hosts must stop too.
    this.#events.closed.then(() => this.#ended.abort());
    const running = this.#run(), stopSaving = startLightInterval(() => this.#save(), SAVE_MS);
    try {
      yield* this.#events;
    } finally {
      await running;
      stopSaving();
      await this.#queue.close();
      this.#report[Symbol.dispose]();
    }
  }

  async #run(): Promise<void> {
    const errors = await Promise.all(this.#hosts.map((host) => this.#runHost(host)));
    const { signal, stop } = this.#context, { failure, isDrained } = this.#queue;
    const lost = this.#hosts
      .map(({ place: { name } }, i) => ({ name, error: errors[i] }))
      .filter(({ error }) => error !== undefined);
    const isAllLost = lost.length === this.#hosts.length;
    // The hosts that are left have run all tasks when the queue is drained.
    const hasFailed = lost.length > 0 && (isAllLost || !isDrained) && !stop.aborted;
    const end = this.#failure ?? (hasFailed ? { reason: outError(lost) } : failure);
    this.#events.end(end && !signal.aborted ? { error: end.reason } : {});
  }

  /** Saves the offsets of all hosts, with one sync of the journal. */
  async #save(): Promise<void> {
    const marks = this.#hosts.flatMap(({ mirror }) => mirror.mark() ?? []);
    if (marks.length === 0) return;
    try {
      await this.#context.synced?.();
      for (const save of marks) save();
    } catch {
      // A failed sync ends the job. An offset that is not saved is saved later, or read again.
    }
  }

  async #runHost(host: RemoteHost): Promise<unknown> {
    const error = await host.run().catch((reason: unknown) => this.#fail(reason));
    const others = this.#hosts.filter(({ condition }) => condition.phase !== "out").length;
    if (error && others > 0) {
      const left = others === 1 ? "1 other host remains" : `${others} other hosts remain`;
      this.#context.warn(`Cannot use the host ${host.place.name}: ${messageOf(error)}; ${left}`);
    }
    this.#wake();
    return error;
  }

  /** Ends the run after an error of this machine. */
  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#ended.abort();
  }

  #former(): Reattachment<RemoteHost> {
    return new Reattachment(
      this.#hosts.flatMap((host) => host.mirror.assigned.map((range) => ({ range, part: host }))),
    );
  }

  #pool(reattached: Promise<unknown>): HostPool {
    const { folder, files, concurrency, grace, warn, stop, signal, broken } = this.#context;
    return {
      queue: this.#queue,
      events: this.#events,
      files,
      concurrency,
      grace,
      warn,
      stop,
      reattached,
      signal: AbortSignal.any([signal, this.#ended.signal]),
      isBroken: () => {
        const isBroken = broken?.aborted === true || this.#failure !== undefined;
        // A job whose folder was removed is not resumed.
        return isBroken && !signal.aborted && existsOr(folder, true);
      },
      lostAfter: this.#places.lostAfter,
      onChange: () => this.#report.changed(),
      onDrained: () => this.#wake(),
      starts: new Slots(MOST_STARTS),
      request: (place, ready, mirror, order) => {
        const workers = this.#workersOf(place, ready.cpus);
        const request = {
          spool: mirror.spool,
          offset: mirror.offset,
          drop: mirror.drop,
          order,
          settings: farSideSettings(this.#context, workers, undefined),
          env: this.#context.env,
          program: this.#program,
          files: Object.keys(this.#sources),
          versions: fileVersions(this.#sources, this.#program),
          roots: this.#program.endsWith(".py") ? importRoots() : undefined,
          lease: this.#places.lease,
        };
        return { request, sources: this.#sources };
      },
    };
  }

  /** Returns the number of workers of a host: its own, its part of the job's, or by its CPUs. */
  #workersOf(place: HostPlace, cpus: number): number {
    const { workers, cpus: perTask } = this.#context, { places } = this.#places;
    if (place.workers) return place.workers;
    if (workers) return Math.max(1, Math.ceil(workers / places.length));
    return tasksOnCpus(cpus, perTask);
  }

  #wake(): void {
    this.#queue.wake();
    for (const host of this.#hosts) host.wake();
  }
}

/** Returns the machines that have tasks of the job and are no longer listed. */
function formerPlaces(
  folder: string,
  { places, former }: StreamPlaces,
  warn: (text: string) => void,
): HostPlace[] {
  if (!former) return [];
  const names = readMirrors(folder).map(({ name }) => name);
  const away = names.filter((name) => !places.some((place) => place.name === name));
  for (const name of away) {
    warn(
      `host ${name} is no longer listed: it ends the tasks that run there, and begins no others`,
    );
  }
  return away.map((name) => former(name));
}

/** A host that cannot run the job, and its reason. */
interface OutHost {
  readonly name: string;
  readonly error: unknown;
}

/** Returns the error of a run that no host can continue. It names all hosts that cannot run it. */
function outError(hosts: readonly OutHost[]): UsageError {
  const { error } = hosts[0]!, words = messageOf(error);
  const namesOf = (isAlike: boolean) =>
    hosts.filter((one) => (messageOf(one.error) === words) === isAlike).map(({ name }) => name);
  const alike = namesOf(true), others = namesOf(false);
  const on = `${alike.length === 1 ? "host" : "hosts"} ${alike.join(", ")}`;
  const placed = error instanceof HostError ? withMachine(words, on) : words;
  const text = placed === words ? `Cannot run on ${on}: ${words}` : placed;
  const rest = others.length === 0 ? "" : ` (nor can ${others.join(", ")} run the job)`;
  return new UsageError(text + rest, { cause: error });
}

/** Returns the name of a program on a host, which changes with its text. */
async function programName(path: string): Promise<string> {
  return `program-${await shortHash(await Deno.readFile(path))}${programEnding(path)}`;
}

async function* later(tasks: Promise<AsyncIterable<TaskBatch>>): AsyncGenerator<TaskBatch> {
  yield* await tasks;
}
