/**
 * The call of the user's function that contains the running code.
 *
 * @module
 */

import { applyFn } from "../util/builtins.ts";
import type { Invocation } from "./invocation.ts";

/** A store with a separate value for each asynchronous chain of calls. */
interface CallStore {
  run<R>(call: Invocation, fn: () => R): R;
  getStore(): Invocation | undefined;
}

/** Finds the call that contains the running code, with Node's `AsyncLocalStorage`. */
export class CallContext {
  #store: CallStore;
  /** The call whose timer has thrown an error. */
  #thrownIn: Invocation | undefined;

  private constructor(store: CallStore) {
    this.#store = store;
    this.#bind("setTimeout");
    this.#bind("setInterval");
  }

  /** Creates the context. Loading it takes a few milliseconds. */
  static async load(): Promise<CallContext> {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    return new CallContext(new AsyncLocalStorage());
  }

  /** The call that contains the running code; undefined outside a call. */
  get current(): Invocation | undefined {
    return this.#store.getStore();
  }

  /** The call that has thrown an error that nothing has caught; undefined when it is unknown. */
  takeThrower(): Invocation | undefined {
    const call = this.current ?? this.#thrownIn;
    this.#thrownIn = undefined;
    return call;
  }

  /** Calls a function. The call is current in it and in all asynchronous work that it starts. */
  run<R>(call: Invocation, fn: () => R): R {
    return this.#store.run(call, fn);
  }

  /** Replaces a timer function, because the runtime reports errors of timers without their call. */
  #bind(name: "setTimeout" | "setInterval"): void {
    const original = globalThis[name];
    const start = (...args: unknown[]) => {
      if (typeof args[0] === "function") args[0] = this.#noted(args[0]);
      return applyFn(original, globalThis, args);
    };
    Object.defineProperties(start, Object.getOwnPropertyDescriptors(original));
    globalThis[name] = start as never;
  }

  #noted(fn: unknown): (...args: unknown[]) => unknown {
    const note = () => this.#thrownIn = this.current;
    return function (this: unknown, ...args) {
      try {
        return applyFn(fn, this, args);
      } catch (error) {
        note();
        throw error;
      }
    };
  }
}
