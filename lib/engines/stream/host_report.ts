/**
 * The states of the hosts, for the line of progress and for `dl_jobs status`.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import type { Activity } from "../../terminal/progress_line.ts";
import { counted } from "../../util/text/counted.ts";
import {
  existsOr,
  PRIVATE_FILE,
  readIfThere,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { tryJson } from "../../util/try_json.ts";
import { startLightTimer } from "../../util/time/light_timer.ts";
import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import { RunningTaskTimes } from "../shared/running_task_times.ts";
import type { HostState } from "./host_pool.ts";
import { machineWord } from "./machine_word.ts";
import type { RemoteHost } from "./remote_host.ts";

/** The state of a host in the file `hosts.json`. */
interface HostLine {
  readonly name: string;
  readonly state: HostState;
  readonly workers: number;
  /** The number of tasks on the host without a response. */
  readonly tasks: number;
  /** The reason why the host is not there. */
  readonly reason?: string | undefined;
}

const WRITE_MS = 1000;

/** Reports the states of the hosts of a run. */
export class HostReport implements Disposable {
  #stop: (() => void) | undefined;
  #times = new Map<RemoteHost, RunningTaskTimes>();

  /**
   * Creates the report of a run.
   *
   * @param folder the folder of the engine in the job's folder
   * @param engine the name of the engine
   */
  constructor(
    readonly folder: string,
    readonly engine: string,
    readonly hosts: readonly RemoteHost[],
  ) {}

  /** Notes that a state has changed, which is written soon. */
  changed(): void {
    this.#stop ??= startLightTimer(() => this.#write(), WRITE_MS);
  }

  /** Returns the work in flight. */
  activity(concurrency: number): Activity {
    const there = this.hosts.filter(({ condition }) => condition.phase === "there");
    const running = there.map(({ inFlight, workers }) =>
      Math.min(inFlight.count, workers * concurrency)
    );
    const busy = there.map(({ inFlight, workers }) => Math.min(inFlight.count, workers));
    return {
      running: sum(running),
      busy: sum(busy),
      workers: sum(there.map(({ workers }) => workers)),
      hosts: { there: there.length, all: this.hosts.length, word: machineWord(this.engine) },
    };
  }

  /** Returns the running tasks of each host: as it reports, or as far as the tasks that it has tell. */
  active(concurrency: number): ActiveProcess[] {
    return this.hosts.flatMap((host) => {
      const { place: { name }, inFlight, workers, condition } = host;
      const reported = condition.running.workers(name, inFlight);
      if (reported) return reported;
      const known = this.#times.get(host);
      const times = known?.concurrency === workers * concurrency
        ? known
        : new RunningTaskTimes(workers * concurrency);
      this.#times.set(host, times);
      times.sample(inFlight);
      const tasks = times.of(inFlight);
      return tasks.length > 0 ? { worker: name, tasks } : [];
    });
  }

  [Symbol.dispose](): void {
    this.#stop?.();
    removeReport(this.folder);
  }

  #write(): void {
    this.#stop = undefined;
    if (!existsOr(this.folder, false)) return;
    const lines = this.hosts.map(lineOf);
    try {
      writeAtomic(pathIn(this.folder), JSON.stringify(lines), { mode: PRIVATE_FILE });
    } catch {
      // The file only informs: the next write of the run tells what is wrong with the disk.
    }
  }
}

function lineOf({ place: { name }, condition, workers, inFlight }: RemoteHost): HostLine {
  const { phase, reason } = condition;
  const isWorking = phase === "there" || phase === "done";
  return {
    name,
    state: phase,
    workers,
    tasks: inFlight.count,
    reason: isWorking ? undefined : reason || undefined,
  };
}

/** A host in words. */
export interface DescribedHost {
  /** True when the host is connected. */
  readonly isThere: boolean;
  /** A line with its name, its state and its tasks. */
  readonly text: string;
}

/**
 * Describes the hosts of a job that has not ended; an empty list for one that has. Without a
 * controller, no host is connected, but the tasks that it has may run on.
 */
export function describeHosts(folder: string, engine: string): DescribedHost[] {
  const path = pathIn(engineFolder(folder, engine));
  // The controller may remove the file now, and a power cut may have emptied it.
  const lines = tryJson(readIfThere(path)) as HostLine[] | undefined ?? [];
  const isHeld = holderOf(folder) !== undefined;
  return lines.map(({ name, state, workers, tasks, reason }) => {
    const isOpen = state !== "out" && state !== "done";
    if (isOpen && !isHeld) [state, reason] = ["away", "no process runs the job"];
    const words = reason ? ` (${reason})` : "";
    const load = `, ${counted(workers, "worker")}, ${counted(tasks, "task")} in flight`;
    const text = `${name}: ${TEXTS[state]}${words}${workers + tasks === 0 ? "" : load}`;
    return { isThere: state === "there", text };
  });
}

const TEXTS: Readonly<Record<HostState, string>> = {
  new: "connecting",
  there: "there",
  away: "away",
  out: "left out",
  done: "done",
};

function pathIn(folder: string): string {
  return `${folder}/hosts.json`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/**
 * Removes the report of a run that has ended.
 *
 * @param folder the folder of the engine in the job's folder
 */
export function removeReport(folder: string): void {
  removeIfThere(pathIn(folder));
  try {
    Deno.removeSync(folder);
  } catch {
    // The folder contains what a host away has, or does not exist.
  }
}
