/**
 * The contexts of one worker, and its calls of `setup` and `teardown`.
 *
 * @module
 */

import { contextParameter } from "../compat/decorators.ts";
import { decodeStrict } from "../util/builtins.ts";
import { headlineOf } from "../values/thrown.ts";
import { dlJobsInvoke, type UserFunction } from "./invoke.ts";
import { type CallId, type ContextHost, LiveContext, LiveTaskContext } from "./live_context.ts";
import { clockMs } from "./clock.ts";

/** The exports of the module with the user's function. */
export interface UserExports {
  /** The function. */
  readonly default: UserFunction;
  /** Called once before the first task, if it is a function. Its result is `ctx.state`. */
  readonly setup?: unknown;
  /** Called once after the last task, if it is a function. */
  readonly teardown?: unknown;
  /** The export `args`, which may be a schema of the elements. */
  readonly schema?: unknown;
}

/** Creates the contexts of a worker's calls. */
export class WorkerContexts {
  /** The text of the function's parameter for the context, if it has one. */
  readonly parameter: string | undefined;
  /** True when the function takes a context. */
  readonly isTaken: boolean;
  #exports: UserExports;
  #host: ContextHost;
  #own: LiveContext;
  #state: unknown;

  /** Creates the contexts of one worker. */
  constructor(exports: UserExports, host: ContextHost) {
    this.parameter = contextParameter(exports.default as never);
    this.isTaken = this.parameter !== undefined;
    this.#exports = exports;
    this.#host = host;
    this.#own = new LiveContext(host);
  }

  /** True when the module exports `setup`. */
  get hasSetup(): boolean {
    return typeof this.#exports.setup === "function";
  }

  /**
   * Calls `setup`, if the module exports it.
   *
   * @returns the time that it took, in milliseconds
   * @throws the error of `setup`
   */
  async setUp(): Promise<number> {
    const { setup } = this.#exports, started = clockMs();
    if (typeof setup !== "function") return 0;
    this.#state = await dlJobsInvoke(setup as UserFunction, this.#own);
    return clockMs() - started;
  }

  /**
   * Calls `teardown`. Its error becomes a line of the log.
   *
   * @returns `undefined` when the module does not export it
   */
  tearDown(): Promise<void> | undefined {
    const { teardown } = this.#exports;
    return typeof teardown === "function" ? this.#tearDown(teardown as UserFunction) : undefined;
  }

  async #tearDown(teardown: UserFunction): Promise<void> {
    try {
      await dlJobsInvoke(teardown, this.#own);
    } catch (error) {
      const text = `teardown threw ${headlineOf(error)}\n`;
      this.#host.log({ id: -1, attempt: 1, stream: "stderr", text });
    }
  }

  /**
   * Returns the context of a call.
   *
   * @param saved the last checkpoint of the task as JSON text, if any
   */
  of(call: CallId, saved: Uint8Array | undefined): LiveTaskContext {
    const text = saved && decodeStrict(saved);
    return new LiveTaskContext(this.#host, call, this.#state, text);
  }

  /** Aborts the signal of `setup` and `teardown`. */
  abort(reason: Error): void {
    this.#own.abort(reason);
  }
}
