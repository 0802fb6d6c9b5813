/**
 * The errors of user code in the process of the controller that no code has caught.
 *
 * @module
 */

import { toTaskError } from "../../journal/task_error.ts";
import type { Task } from "../../tasks/batch.ts";
import { CallContext } from "../../worker/call_context.ts";
import type { Invocation } from "../../worker/invocation.ts";
import { type UncaughtLabel, watchUncaught } from "../../worker/uncaught.ts";

const MODULE = { id: -1, attempt: 1 } as const;

/** The errors of all jobs that run in this process. */
let shared: OwnErrors | undefined;

/**
 * Charges uncaught errors to the call that they belong to, as a worker does. An error of a call that
 * has ended is printed. Any other error may be that of the script that runs the job, so it ends the
 * process.
 */
export class OwnErrors implements Disposable {
  #context: CallContext;
  #watch: Disposable;
  #users = 0;
  /** The running calls, each with the function that makes it fail. */
  #running = new Map<Invocation, (reason: unknown) => void>();

  private constructor(readonly onEnd: () => void) {
    // A timer of other code than the job's belongs to no call.
    this.#context = new CallContext(() => undefined);
    this.#watch = watchUncaught({
      onUncaught: (label, thrown) => this.#take(label, thrown),
      onHandled: () => void this.#context.takeThrower(),
    });
  }

  /**
   * Watches errors until the result is disposed. Jobs that run at the same time share one object:
   * several would each see the errors of the others as those of the script, and could not restore
   * the timers and listeners, which each has replaced.
   *
   * @param onEnd called when an error is about to end the process
   */
  static watch(onEnd: () => void): OwnErrors {
    const errors = shared ??= new OwnErrors(onEnd);
    errors.#users++;
    return errors;
  }

  [Symbol.dispose](): void {
    if (--this.#users > 0) return;
    shared = undefined;
    this.#watch[Symbol.dispose]();
    this.#context[Symbol.dispose]();
  }

  /**
   * Runs `setup`. Rejects when an error of it is not caught, because it may wait for what has failed.
   * The module itself is loaded before: timers would keep the context in which an import ends.
   */
  async setUp<T>(fn: () => T): Promise<Awaited<T>> {
    this.#context.load();
    return await this.during(MODULE, fn);
  }

  /** Runs `teardown`. An error of it that is not caught is printed. */
  tearDown<T>(fn: () => T): T {
    return this.#context.run(newCall(MODULE), fn);
  }

  /** Calls the function for a task. Rejects when an error of the call is not caught. */
  async during<T>(task: Pick<Task, "id" | "attempt">, fn: () => T): Promise<Awaited<T>> {
    const { promise: failed, reject } = Promise.withResolvers<never>(), call = newCall(task);
    this.#running.set(call, reject);
    try {
      return await Promise.race([failed, this.#context.run(call, fn)]);
    } finally {
      this.#running.delete(call);
    }
  }

  #take(label: UncaughtLabel, thrown: unknown): boolean {
    const thrower = this.#context.takeThrower();
    const fail = thrower && this.#running.get(thrower);
    if (!thrower) this.onEnd();
    else if (fail) fail(thrown);
    else {
      const { message, stack = message } = toTaskError(thrown);
      console.error(`${label}: ${stack}`);
    }
    return thrower !== undefined;
  }
}

function newCall({ id, attempt }: Pick<Task, "id" | "attempt">): Invocation {
  return { id, attempt, started: 0, context: undefined, index: -1 };
}
