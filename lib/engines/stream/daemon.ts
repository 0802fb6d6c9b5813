/**
 * The process on a host that runs tasks: the engine `local` between two files.
 *
 * It works on while no controller is connected.
 *
 * @module
 */

import type { TaskBatch } from "../../tasks/batch.ts";
import { type ActiveProcess, RunningFile } from "../../job_dir/running_tasks.ts";
import { delay } from "../../util/time/delay.ts";
import { brokenText } from "../shared/start_error.ts";
import { exists, isSameFile, tryStat } from "../../util/files/fs.ts";
import { startLightInterval } from "../../util/time/light_timer.ts";
import { localEngine } from "../local/local.ts";
import { maskEvents } from "../shared/mask_events.ts";
import { EventLog } from "./event_log.ts";
import { hasOrder, holdFile, type HostFiles, isLeaving } from "./host_folder.ts";
import { findPython } from "./host_python.ts";
import type { AttachRequest } from "./protocol.ts";
import { SpoolReader } from "./spool_file.ts";
import { TaskPackets, tasksHead } from "./task_packets.ts";

/** The work of a daemon. */
export type DaemonOptions = Pick<AttachRequest, "settings" | "env" | "program" | "roots" | "lease">;

const LOOK_MS = 200, REPORT_MS = 1000;
const LEAST_WAIT_MS = 4, MOST_WAIT_MS = 40;

/** Runs the tasks in the folder of a job until an order ends the work. */
export async function runDaemon(files: HostFiles, options: DaemonOptions): Promise<void> {
  using lock = holdFile(files.lock);
  // Another process runs the tasks already.
  if (!lock) return;
  using events = new EventLog(files);
  using orders = new Orders(files, lock, events, options.lease);
  events.note({ began: new Date().toISOString(), workers: options.settings.workers });
  try {
    await runTasks(files, options, events, orders);
  } catch (error) {
    events.note({ broken: brokenText(error) });
  }
  if (orders.hasLostFiles) throw new Error(`something else has changed the files in ${files.dir}`);
  if (orders.end.aborted) return;
  const now = new Date().toISOString();
  events.note(isLeaving(files) ? { left: now } : { ended: now });
}

async function runTasks(
  files: HostFiles,
  { settings, env, program, roots = [] }: DaemonOptions,
  events: EventLog,
  { stop, end }: Orders,
): Promise<void> {
  // When the disk is full, the list of tasks, which may still grow, must end with the workers.
  const signal = AbortSignal.any([end, events.broken]);
  const python = settings.python && findPython(settings.python);
  if (python?.notice) events.note({ notice: python.notice });
  using running = new RunningReports(files);
  const batches = localEngine.run(growingTasks(files, events, signal), {
    ...settings,
    python: python?.command,
    env: { ...env, ...copiesOf(roots, files) },
    bundle: `${files.dir}/${program}`,
    files: files.files,
    warn: (text) => events.note({ notice: text }),
    watch: (look) => running.start(look),
    stop,
    signal,
  });
  for await (const batch of maskEvents(batches, env)) events.write(batch);
  events.broken.throwIfAborted();
}

/** Returns the variable with which Python finds the files that were sent, instead of those of a root. */
function copiesOf(roots: readonly string[], { work }: HostFiles): Record<string, string> {
  const missing = roots.filter((root) => !exists(root));
  return missing.length > 0 ? { DL_JOBS_COPIES: [work, ...missing].join("\n") } : {};
}

/** Yields the tasks of a file that grows, except those that have ended. */
async function* growingTasks(
  files: HostFiles,
  events: EventLog,
  signal: AbortSignal,
): AsyncGenerator<TaskBatch> {
  const reader = new SpoolReader(files.tasks), packets = new TaskPackets();
  const isDone = events.isEmpty ? undefined : events.takeEnd.bind(events);
  for (let wait = LEAST_WAIT_MS;; wait = Math.min(wait * 1.5, MOST_WAIT_MS)) {
    for (let found = reader.next(); found; found = reader.next()) {
      wait = LEAST_WAIT_MS;
      for (const packet of found) {
        const head = tasksHead(packet);
        if (head) yield* packets.batches(head, packet.payload, isDone);
      }
    }
    if (signal.aborted || hasOrder(files, "end")) return;
    await delay(wait, [signal]);
  }
}

/** Keeps a file of the running tasks, from which the connected process reports to the controller. */
class RunningReports implements Disposable {
  #file: RunningFile;
  #stop: (() => void) | undefined;

  constructor({ dir }: HostFiles) {
    this.#file = new RunningFile(dir);
  }

  start(look: () => readonly ActiveProcess[]): void {
    const write = () => this.#file.write({ at: Date.now(), workers: look() });
    this.#stop = startLightInterval(write, REPORT_MS);
  }

  [Symbol.dispose](): void {
    this.#stop?.();
    this.#file[Symbol.dispose]();
  }
}

/** The orders of the controller, the end of the lease, and the loss of files, as signals. */
class Orders implements Disposable {
  /** True when orders do not reach this process, or what it writes is not read. */
  hasLostFiles = false;
  #stop = new AbortController();
  readonly stop: AbortSignal = this.#stop.signal;
  #end = new AbortController();
  readonly end: AbortSignal = this.#end.signal;
  #timer: ReturnType<typeof setInterval>;
  #onTerm = () => this.#end.abort();

  constructor(files: HostFiles, lock: Deno.FsFile, events: EventLog, lease: number) {
    const held = lock.statSync();
    Deno.addSignalListener("SIGTERM", this.#onTerm);
    this.#timer = setInterval(() => {
      this.hasLostFiles ||= !hasAllFiles(files, held, events);
      if (this.hasLostFiles || hasOrder(files, "cancel")) this.#end.abort();
      const isLast = hasOrder(files, "stop") || isLeaving(files) || isOver(files, lease);
      if (isLast) this.#stop.abort();
    }, LOOK_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGTERM", this.#onTerm);
  }
}

/** Returns false when a file is lost, also when the disk does not tell. */
function hasAllFiles(files: HostFiles, held: Deno.FileInfo, events: EventLog): boolean {
  try {
    return isSameFile(held, files.lock) && exists(files.tasks) && events.isWhole;
  } catch {
    return false;
  }
}

/** Returns true when no controller was connected for the time of the lease. */
function isOver({ alive }: HostFiles, lease: number): boolean {
  const last = tryStat(alive)?.mtime?.getTime() ?? Date.now();
  return Date.now() - last > lease;
}
