/**
 * The place of a worker in a run of the engine `local`.
 *
 * @module
 */

import { type EventBatch, type FailedAttempt, NO_EVENTS, type Span } from "../../journal/format.ts";
import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import type { LocalContext } from "../engine.ts";
import { onlySpan, type SpanWriter } from "../shared/busy_spans.ts";
import type { AckChannel } from "./ack_channel.ts";
import type { FirstWorker } from "./first_worker.ts";
import type { OomKills } from "./oom_kills.ts";
import type { OrphanReaper } from "./orphan_reaper.ts";
import type { TaskQueue } from "./task_queue.ts";

/** A worker with a running process. */
export interface ActiveWorker {
  /** The number of running tasks. */
  readonly running: number;
  /** True until the worker can run tasks. */
  readonly isStarting: boolean;
  /** The worker and its running tasks. */
  readonly active: ActiveProcess;
  /** Reads the memory and the CPU time of a worker that runs tasks. */
  sample(): void;
}

/** The parts of a run that all its workers share. */
export interface WorkerPool {
  /** The tasks. */
  readonly queue: TaskQueue;
  /** Kills the workers after this process has died. */
  readonly reaper: OrphanReaper;
  /** The kills of the kernel, each of which explains the death of one worker. */
  readonly oomKills: OomKills;
  /** Warns about the first worker that does not end by itself after its last task. */
  readonly warnEnd: (text: string) => void;
  /** Warns about the first worker that is not ready for a long time. */
  readonly warnStart: (text: string) => void;
  /** The job. In a slot, `signal` also aborts when another slot fails. */
  readonly context: LocalContext;
  /** Receives the events of the tasks. */
  readonly events: AckChannel<EventBatch>;
  /** The workers with a running process. */
  readonly workers: Set<ActiveWorker>;
  /** The worker that has started already, for slot 0. @default {none} */
  readonly first?: FirstWorker | undefined;
}

/** A slot for one worker at a time. */
export interface WorkerSlot extends WorkerPool {
  /** Returns true when the job has fewer workers now: the slot ends with its running tasks. */
  readonly isSurplus: () => boolean;
  /** The times when the slot was busy. */
  readonly spans: SpanWriter;
}

/**
 * Returns the variable that tells a worker its slot. No two workers of a machine that run at the same
 * time have the same one.
 *
 * @param slot the number of the slot, from 0
 */
export function slotVariable(slot: number): Readonly<Record<string, string>> {
  return { DL_JOBS_SLOT: String(slot) };
}

/** Sends a span to the reader of the events; does nothing when the span is undefined. */
export async function sendSpan({ events }: WorkerPool, span: Span | undefined): Promise<void> {
  for (const batch of onlySpan(span)) await events.send(batch);
}

/** Sends failures that the worker itself did not report. */
export async function sendFailures(
  slot: WorkerSlot,
  failures: readonly FailedAttempt[],
): Promise<void> {
  const span = slot.spans.add(failures[0]!.event.id, failures.length, failures.length);
  await slot.events.send({ ...NO_EVENTS, failures });
  await sendSpan(slot, span);
}
