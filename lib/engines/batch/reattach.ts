/**
 * Assigns tasks to the parts of an earlier controller, which prevents a second submission.
 *
 * @module
 */

import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { InFlight } from "../shared/in_flight.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import type { Submissions } from "./submissions.ts";

/** A place that runs tasks, such as a part or a host. */
export interface Assignee {
  /** The tasks that have no response yet. */
  readonly inFlight: Pick<InFlight, "count">;
  /** Assigns tasks to the place. */
  push(batch: TaskBatch): void;
}

/** A range of tasks, with the part to which it was assigned. */
export interface Assignment<P> {
  /** The range of the tasks. */
  readonly range: TaskRange;
  /** The part that runs these tasks. */
  readonly part: P;
}

/**
 * Lists the assignments of all submissions, newest first, and removes the mark of a canceled job.
 *
 * @param assignmentsOf returns the assignments of one submission
 */
export async function formerAssignments<Record extends object, P>(
  submissions: Submissions<Record>,
  assignmentsOf: (path: string, record: Record) => Assignment<P>[] | Promise<Assignment<P>[]>,
): Promise<Assignment<P>[]> {
  const all: Assignment<P>[] = [];
  for (const path of submissions.list().reverse()) {
    // The arguments of a call are limited, and a submission may have more assignments.
    for (const one of await assignmentsOf(path, await submissions.read(path))) all.push(one);
  }
  await submissions.clearCanceled();
  return all;
}

/**
 * Lists the assignments of one submission.
 *
 * @param slices the task ranges of each slice
 * @param partOf returns the part of the slice at an index, or `undefined` when that slice has no part
 */
export function assignmentsOf<P>(
  slices: readonly (readonly TaskRange[])[],
  partOf: (index: number) => P | undefined,
): Assignment<P>[] {
  return slices.flatMap((ranges, index) => {
    const part = partOf(index);
    return part === undefined ? [] : ranges.map((range) => ({ range, part }));
  });
}

/**
 * Assigns tasks to the parts in which an earlier controller submitted them.
 *
 * @example
 * ```ts
 * import { TaskBatch } from "../../tasks/batch.ts";
 * import { Part } from "./part.ts";
 * import { Reattachment } from "./reattach.ts";
 *
 * const part = new Part();
 * const former = new Reattachment([{ range: [2, 2, 1], part }]);
 * const tasks = TaskBatch.of(new TextEncoder().encode("0\n1\n2\n3\n4\n"), 5, 0);
 * const others = former.assign(tasks).flatMap((batch) => Array.from(batch, ({ id }) => id));
 * if (others.join() !== "0,1,4" || part.inFlight.count !== 2) throw new Error("wrong part");
 * ```
 */
export class Reattachment<P extends Assignee> {
  /** The assignments of tasks in each block of ids, newest first. */
  #blocks = new Map<number, Assignment<P>[]>();
  /** The parts whose assignments are left. */
  #parts: Set<P>;

  /**
   * Creates a reattachment from recorded assignments.
   *
   * @param assignments the assignments, newest first; a task with several parts belongs to the
   * newest part
   */
  constructor(assignments: readonly Assignment<P>[]) {
    this.#parts = new Set(assignments.map(({ part }) => part));
    for (const one of assignments) {
      const [first, count] = one.range, end = blockOf(first + count - 1);
      for (let block = blockOf(first); block <= end; block++) {
        const known = this.#blocks.get(block);
        if (known) known.push(one);
        else this.#blocks.set(block, [one]);
      }
    }
  }

  /** True when no assignment is left. */
  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  /** The parts of all assignments that are left. */
  get allParts(): ReadonlySet<P> {
    return this.#parts;
  }

  /** The parts that contain tasks without a response. */
  get parts(): P[] {
    return [...this.#parts].filter(({ inFlight }) => inFlight.count > 0);
  }

  /** Assigns tasks to the parts that contain them, and returns the tasks without a part. */
  assign(batch: TaskBatch): TaskBatch[] {
    const byPart = Map.groupBy(batch, (task) => this.#partOf(task));
    for (const [part, tasks] of byPart) {
      if (part) { for (const one of joinTasks(tasks)) part.push(one); }
    }
    return joinTasks(byPart.get(undefined) ?? []);
  }

  /** Drops all assignments of a part, so its remaining tasks can be submitted again. */
  forget(part: P): void {
    this.#parts.delete(part);
  }

  #partOf(task: Task): P | undefined {
    return this.#blocks.get(blockOf(task.id))
      ?.find(({ range, part }) => isIn(range, task) && this.#parts.has(part))?.part;
  }
}

// Each task may have a range of its own, so a search among all ranges would take too long.
const BLOCK = 64;

function blockOf(id: number): number {
  return Math.floor(id / BLOCK);
}

function isIn([first, count, attempt]: TaskRange, task: Task): boolean {
  return task.attempt === attempt && task.id >= first && task.id < first + count;
}
