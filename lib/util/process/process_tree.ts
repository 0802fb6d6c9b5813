/**
 * A process and its descendants: their memory, and their end.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc.5.html | proc(5)}
 *
 * @module
 */

import { readIfThere } from "../files/fs.ts";
import { type ProcessStat, readProcessStat } from "./process_stat.ts";
import { type TreeUsage, usageByPs } from "./ps_table.ts";
import { sendSignal } from "./send_signal.ts";

// Most programs start children from their main thread, so the other threads are examined less often.
const ALL_THREADS_EVERY = 10;

/**
 * A process and all its descendants, also those in other process groups. A descendant that was
 * found once is remembered after its parent has ended.
 */
export class ProcessTree {
  /** The descendants by their ids, with their start times. */
  #found = new Map<number, string>();
  #started: string | undefined;
  #updates = 0;
  #peak = 0;
  #childPeak = 0;

  /** Creates the tree of a running process. */
  constructor(readonly pid: number) {
    this.#started = readProcessStat(pid)?.started;
  }

  /**
   * Returns the memory of all processes in bytes, or 0 when it cannot be read.
   *
   * Resident memory counts pages of mapped files, which the kernel takes back when memory is short,
   * and pages that processes share several times. Only when it exceeds `most`, the files are left
   * out, and only when the rest of several processes does so, too, their shares of common pages are
   * added, which is slow.
   */
  memory(most: number): number {
    const { memory: resident = 0, children = 0 } = this.usage() ?? {};
    if (resident <= most) return resident;
    const own = this.#sum(withoutFiles);
    return own <= most || children === 0 ? own : this.#sum(shareOf);
  }

  /** Adds up memory of all processes, of which one that has ended meanwhile has none. */
  #sum(memoryOf: (pid: number) => number | undefined): number {
    return [this.pid, ...this.#found.keys()].reduce(
      (sum, pid) => sum + (memoryOf(pid) ?? readProcessStat(pid)?.resident ?? 0),
      0,
    );
  }

  /** Returns the usage of all processes; undefined when the process has ended. */
  usage(): TreeUsage | undefined {
    const usage = this.#read();
    if (!usage) return undefined;
    this.#peak = Math.max(this.#peak, usage.memory);
    this.#childPeak = Math.max(this.#childPeak, usage.children);
    return usage;
  }

  /**
   * Returns the usage with the largest memory since the last call, and the CPU time until now. The
   * peak of the process itself is exact on Linux; that of its descendants is the largest one that
   * was seen.
   */
  takePeak(): TreeUsage | undefined {
    const usage = this.usage();
    if (!usage) return undefined;
    const peak = { memory: Math.max(this.#peak, takeOwnPeak(this.pid)), children: this.#childPeak };
    this.#peak = this.#childPeak = 0;
    return { ...usage, ...peak };
  }

  #read(): TreeUsage | undefined {
    const own = readProcessStat(this.pid);
    if (!own) return usageByPs(this.pid);
    const others = this.#update(this.#updates++ % ALL_THREADS_EVERY === 0);
    const children = others.reduce((sum, { resident }) => sum + resident, 0);
    const cpu = others.reduce((sum, other) => sum + other.cpu, own.cpu);
    return { memory: own.resident + children, children, cpu };
  }

  /** Kills the process group that the process leads, and the descendants that left it. */
  kill(): void {
    const pids = this.descendants();
    sendSignal(-this.pid, "SIGKILL");
    for (const pid of pids) sendSignal(pid, "SIGKILL");
  }

  /**
   * Kills the processes in the session that the process led. After an unexpected end of the process,
   * its descendants are known only by their session.
   */
  killSession(): void {
    for (const pid of numbersIn("/proc")) {
      if (readProcessStat(pid)?.session === this.pid) sendSignal(pid, "SIGKILL");
    }
  }

  /** Returns the ids of the running descendants. */
  descendants(): number[] {
    this.#update(true);
    return [...this.#found.keys()];
  }

  /**
   * Finds new descendants, forgets those that have ended, and returns the states of all.
   *
   * A parent comes before its children. A shell whose child is killed first would run its next
   * command.
   */
  #update(ofAllThreads: boolean): ProcessStat[] {
    const states: ProcessStat[] = [];
    const pending = [this.pid, ...this.#found.keys()].reverse();
    const seen = new Map<number, string>();
    for (let pid; (pid = pending.pop()) !== undefined;) {
      if (seen.has(pid)) continue;
      const state = readProcessStat(pid);
      const known = pid === this.pid ? this.#started : this.#found.get(pid);
      if (!state || (known !== undefined && known !== state.started)) continue;
      seen.set(pid, state.started);
      if (pid !== this.pid) states.push(state);
      pending.push(
        ...(ofAllThreads ? numbersIn(`/proc/${pid}/task`) : [pid]).flatMap((id) =>
          childrenOf(pid, id)
        ),
      );
    }
    seen.delete(this.pid);
    this.#found = seen;
    return states;
  }
}

/** Returns the names in a folder that are numbers; none when the folder does not exist. */
function numbersIn(folder: string): number[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => Number(name)).filter((id) => id > 0);
  } catch {
    return [];
  }
}

/** Returns the children that a thread of a process has started. */
function childrenOf(pid: number, thread: number): number[] {
  const text = readIfThere(`/proc/${pid}/task/${thread}/children`);
  return text.split(" ").slice(0, -1).map(Number);
}

/** Returns the memory of a process without the pages of mapped files, in bytes. */
function withoutFiles(pid: number): number | undefined {
  return addedUp(`/proc/${pid}/status`, ["RssAnon", "RssShmem"]);
}

/** Returns the memory of a process without mapped files, and with its share of common pages. */
function shareOf(pid: number): number | undefined {
  // Before Linux 5.9, only the share with the files is known.
  const path = `/proc/${pid}/smaps_rollup`;
  return addedUp(path, ["Pss_Anon", "Pss_Shmem"]) ?? addedUp(path, ["Pss"]);
}

/** Adds up values of a file in `/proc`, in bytes; undefined when one is missing. */
function addedUp(path: string, names: readonly string[]): number | undefined {
  const text = readIfThere(path);
  const sizes = names.map((name) => new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1]);
  const kilobytes = sizes.reduce((sum, size) => sum + Number(size), 0);
  return Number.isNaN(kilobytes) ? undefined : kilobytes * 1024;
}

/**
 * Returns the largest memory of a process since the last call, in bytes, and lets the kernel measure
 * it anew. Returns 0 on other systems than Linux.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
 */
function takeOwnPeak(pid: number): number {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5", { create: false });
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
