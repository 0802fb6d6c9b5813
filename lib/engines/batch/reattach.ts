import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { InFlight } from "../shared/in_flight.ts";
import type { TaskRange } from "../shared/task_ranges.ts";

/** A part of a job that runs elsewhere, whoever began it. */
export interface Part {
  readonly pending: InFlight;
  push(batch: TaskBatch): void;
}

/** The tasks that one part was given. */
export interface Assignment<T> {
  readonly row: TaskRange;
  readonly part: T;
}

/**
 * What a former controller of the job began elsewhere: what has no end yet of its tasks is still
 * theirs, however they stand.
 */
export class Reattachment<T extends Part> {
  #claims: readonly Assignment<T>[];
  #last: Assignment<T> | undefined;

  /** @param claims the newest first: what was lost is claimed by the one that got it then */
  constructor(claims: readonly Assignment<T>[]) {
    this.#claims = claims;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#claims.length === 0;
  }

  /** Gives tasks to the parts that have them, and the others back. */
  sort(batch: TaskBatch): TaskBatch[] {
    const owners = Map.groupBy(batch, (task) => this.#claimOf(task)?.part);
    for (const [part, tasks] of owners) {
      if (part) { for (const one of joinTasks(tasks)) part.push(one); }
    }
    return joinTasks(owners.get(undefined) ?? []);
  }

  /** Lets a part have nothing any more. */
  forget(part: T): void {
    this.#claims = this.#claims.filter((claim) => claim.part !== part);
    this.#last = undefined;
  }

  /** The parts that have tasks with no end. */
  get parts(): T[] {
    const all = new Set(this.#claims.map(({ part }) => part));
    return [...all].filter(({ pending }) => pending.count > 0);
  }

  #claimOf(task: Task): Assignment<T> | undefined {
    if (!this.#last || !isIn(this.#last.row, task)) {
      this.#last = this.#claims.find(({ row }) => isIn(row, task));
    }
    return this.#last;
  }
}

function isIn([first, count, attempt]: TaskRange, task: Task): boolean {
  return task.attempt === attempt && task.id >= first && task.id < first + count;
}
