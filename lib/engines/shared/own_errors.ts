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

// The setup of the module, which is not a task.
const NO_CALL: Invocation = newCall({ id: -1, attempt: 1 });

/**
 * Charges uncaught errors to the call that they belong to, as a worker does. An error of a call that
 * has ended is printed. Any other error may be that of the script that runs the job, so it ends the
 * process.
 */
export class OwnErrors implements Disposable {
  #context: CallContext;
  #watch: Disposable;
  #running: Invocation | undefined;
  #fail: ((reason: unknown) => void) | undefined;

  /** @param onEnd called when an error is about to end the process */
  constructor(readonly onEnd: () => void) {
    // A timer of other code than the job's belongs to no call.
    this.#context = new CallContext(() => undefined);
    this.#watch = watchUncaught({
      onUncaught: (label, thrown) => this.#take(label, thrown),
      onHandled: () => void this.#context.takeThrower(),
    });
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#context[Symbol.dispose]();
  }

  /**
   * Runs `setup`. The module itself is loaded before: timers would keep the context in which an
   * import ends.
   */
  async setUp<T>(fn: () => Promise<T>): Promise<T> {
    await this.#context.load();
    return await this.#context.run(NO_CALL, fn);
  }

  /** Calls the function for a task. Rejects when an error of the call is not caught. */
  async during<T>(task: Pick<Task, "id" | "attempt">, fn: () => T): Promise<Awaited<T>> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    this.#fail = reject;
    const call = this.#running = newCall(task);
    try {
      return await Promise.race([failed, this.#context.run(call, fn)]);
    } finally {
      this.#running = undefined;
    }
  }

  #take(label: UncaughtLabel, thrown: unknown): boolean {
    const thrower = this.#context.takeThrower();
    if (!thrower) this.onEnd();
    else if (thrower === this.#running) this.#fail!(thrown);
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
