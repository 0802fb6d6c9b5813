/**
 * The explanation of a task that runs for too long.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { userFrames } from "../../journal/task_error.ts";
import { shownLogText } from "../../journal/log_text.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { processLines } from "../../util/process/process_lines.ts";
import { readProcessStat, readWaitPlace } from "../../util/process/process_stat.ts";
import type { TreeUsage } from "../../util/process/ps_table.ts";
import { readStack } from "./inspector.ts";
import type { WorkerProcess } from "./worker_process.ts";

// The longest wait for a stack.
const STACK_MS = 1500;
// A worker that waits uses less CPU time than this between two samples.
const IDLE_CPU_MS = 20;
const MOST_LETTERS = 500;

/** Notes what the tasks of a worker did last. */
export class LastSigns {
  #log: { readonly id: number; readonly text: string; readonly at: number } | undefined;
  #progress: { readonly id: number; readonly text: string; readonly at: number } | undefined;
  #active = Date.now();
  #cpu = 0;

  /** Notes the log lines and the progress in a batch of events. */
  add({ logs, updates = [] }: EventBatch): void {
    const at = Date.now(), log = logs.findLast(({ note }) => !note);
    if (log) this.#log = { id: log.id, text: shownLogText(log).slice(0, MOST_LETTERS), at };
    for (const update of updates) {
      if (update.type !== "progress") continue;
      const { id, fraction, text = "" } = update;
      this.#progress = { id, text: `${Math.round(fraction * 100)} % ${text}`.trimEnd(), at };
    }
  }

  /** Notes a sample of the CPU time. */
  sample(usage: TreeUsage | undefined): void {
    if (!usage || usage.cpu - this.#cpu < IDLE_CPU_MS) return;
    this.#cpu = usage.cpu;
    this.#active = Date.now();
  }

  /** Returns the time since the worker used the CPU, but not before a time. */
  idleSince(since: number): number {
    return Date.now() - Math.max(since, this.#active);
  }

  /** Describes the last log line and the last progress of a task. */
  lines(id: number): string[] {
    const ago = (at: number) => `${formatDuration(Date.now() - at)} before`;
    const log = this.#log, progress = this.#progress;
    return [
      ...log?.id === id ? [`Its last output, ${ago(log.at)}: ${log.text}`] : [],
      ...progress?.id === id ? [`Its last progress, ${ago(progress.at)}: ${progress.text}`] : [],
    ];
  }
}

/**
 * Describes what a running task does: whether it computes or waits, its stack where it can be read,
 * its last output, and its processes.
 *
 * @param id the task
 * @param since the start of the task, in milliseconds since 1970
 */
export async function explainTask(
  process: WorkerProcess,
  signs: LastSigns,
  id: number,
  since: number,
): Promise<string> {
  // Everything is read before the first wait: the processes may end soon.
  const { isPython, inspector, tree, pid } = process;
  const isBusy = isComputing(pid);
  const idle = signs.idleSince(since), children = processLines(tree.descendants());
  const told = signs.lines(id);
  const script = isBusy ? inspector : undefined;
  const stack = isPython ? await process.dumpStack(STACK_MS) : await scriptStack(script);
  const isUnknown = isBusy && !isPython && inspector === undefined;
  return [
    isBusy ? "It was computing" : waitText(idle, isPython || children.length > 0),
    isUnknown ? "Its stack is known with --inspectable" : stack,
    ...told,
    ...children.length > 0 ? ["Its processes:", ...children.map((line) => `  ${line}`)] : [],
  ].filter((line) => line !== "").join("\n");
}

/** Returns true when the main thread of a process uses the CPU now. */
function isComputing(pid: number): boolean {
  return readProcessStat(pid)?.state === "R";
}

// The functions of the kernel in which a worker waits for any event, or reads its channel.
const IDLE_PLACE = /epoll|ep_poll|unix_stream/;

/**
 * Returns true when the main thread of a process computes or waits for one thing, such as a child
 * or a sleep, so that none of its calls can begin or end.
 */
export function isBlocked(pid: number): boolean {
  const place = readWaitPlace(pid);
  return place === undefined ? isComputing(pid) : !IDLE_PLACE.test(place);
}

function waitText(idle: number, isPlain: boolean): string {
  const what = isPlain ? "It was waiting" : "It was waiting, such as at an await";
  return `${what}: for ${formatDuration(idle)} without using the CPU`;
}

async function scriptStack(inspector: string | undefined): Promise<string> {
  if (inspector === undefined) return "";
  const stack = await readStack(inspector, STACK_MS).catch(() => undefined);
  if (stack === undefined) return "";
  return userFrames(`Error\n${stack}`)?.split("\n").slice(1).join("\n") ?? "";
}
