/**
 * Batches of tasks as packets.
 *
 * @module
 */

import { joinTasks, type Limits, TaskBatch } from "../../tasks/batch.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { taskRanges } from "../shared/task_ranges.ts";
import type { Packet } from "./packets.ts";

/** The head of a packet with tasks. The payload has their lines, then the checkpoint. */
export interface TasksHead {
  /** The first id and the length of each range of consecutive ids. */
  readonly tasks: readonly (readonly [id: number, count: number])[];
  /** The number of the attempt. */
  readonly attempt: number;
  /** The limits of the attempts. @default {the job's} */
  readonly limits?: Limits | undefined;
  /** The length of the checkpoint of the only task, in bytes. @default {no checkpoint} */
  readonly checkpoint?: number | undefined;
}

/** Returns the head and the payload of a batch. */
export function tasksPacket(batch: TaskBatch): readonly [TasksHead, Uint8Array] {
  const { attempt, limits, checkpoint } = batch;
  const tasks = taskRanges(batch).map(([id, count]) => [id, count] as const);
  const head = { tasks, attempt, limits, checkpoint: checkpoint?.length };
  return [head, checkpoint ? concatBytes([batch.bytes, checkpoint]) : batch.bytes];
}

/** Returns the head of a packet with tasks; `undefined` for another packet. */
export function tasksHead({ head }: Packet): TasksHead | undefined {
  return "tasks" in head ? head as unknown as TasksHead : undefined;
}

/** Returns the ranges of the tasks in a packet. */
export function assignedRanges({ tasks, attempt }: TasksHead): TaskRange[] {
  return tasks.map(([id, count]) => [id, count, attempt]);
}

/** Reads batches from packets. Batches with the same limits share one object, as in a list. */
export class TaskPackets {
  #limits = new Map<string, Limits>();

  /** Returns the tasks of a packet, except those that a function excludes. */
  batches(
    { tasks, attempt, limits, checkpoint = 0 }: TasksHead,
    payload: Uint8Array,
    isDone: ((id: number, attempt: number) => boolean) | undefined,
  ): TaskBatch[] {
    const end = payload.length - checkpoint;
    const count = tasks.reduce((sum, [, length]) => sum + length, 0);
    const batch = TaskBatch.of(payload.subarray(0, end), count, idsOf(tasks, count), {
      attempt,
      limits: limits && this.#shared(limits),
      checkpoint: checkpoint > 0 ? payload.subarray(end) : undefined,
    });
    return isDone ? joinTasks([...batch].filter(({ id }) => !isDone(id, attempt))) : [batch];
  }

  #shared(limits: Limits): Limits {
    const key = JSON.stringify(limits), known = this.#limits.get(key);
    if (!known) this.#limits.set(key, limits);
    return known ?? limits;
  }
}

function idsOf(tasks: TasksHead["tasks"], count: number): number | Uint32Array {
  if (tasks.length === 1) return tasks[0]![0];
  const ids = new Uint32Array(count);
  let at = 0;
  for (const [id, length] of tasks) for (let i = 0; i < length; i++) ids[at++] = id + i;
  return ids;
}
