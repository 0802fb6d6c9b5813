/**
 * The call of the user's function that contains the running code.
 *
 * @module
 */

import { applyFn } from "../util/builtins.ts";
import { nodeModule } from "../util/node_module.ts";
import type { Invocation } from "./invocation.ts";

/** A store with a separate value for each asynchronous chain of calls. */
interface CallStore {
  run<R>(call: Invocation, fn: () => R): R;
  getStore(): Invocation | undefined;
}

// The attributes of a global function.
const ORDINARY_ACCESSOR = { configurable: true, enumerable: true } as const;
const ORDINARY = { ...ORDINARY_ACCESSOR, writable: true } as const;

/** Finds the call that contains the running code, with Node's `AsyncLocalStorage`. */
export class CallContext implements Disposable {
  #store: CallStore | undefined;
  /** The call whose timer has thrown an error. */
  #thrownIn: Invocation | undefined;
  #restores: (() => void)[] = [];

  /**
   * Creates a context that finds only the calls of timers until it is loaded.
   *
   * @param owner returns the call that starts a timer outside the store; undefined when several run
   */
  constructor(readonly owner: () => Invocation | undefined) {
    this.#bind("setTimeout");
    this.#bind("setInterval");
    this.#bind("setImmediate");
  }

  /** Restores the timer functions, unless other code has replaced them since. */
  [Symbol.dispose](): void {
    for (let i = 0; i < this.#restores.length; i++) this.#restores[i]!();
  }

  /** True when calls are told apart. */
  get isLoaded(): boolean {
    return this.#store !== undefined;
  }

  /** Tells calls apart from now on. Loading the store takes a few milliseconds. */
  load(): void {
    const { AsyncLocalStorage } = nodeModule<typeof import("node:async_hooks")>("node:async_hooks");
    this.#store ??= new AsyncLocalStorage();
  }

  /** Tells calls apart no more, until it is loaded again. */
  unload(): void {
    this.#store = undefined;
  }

  /** The call that contains the running code; undefined outside a call. */
  get current(): Invocation | undefined {
    return this.#store?.getStore();
  }

  /** The call that has thrown an error that nothing has caught; undefined when it is unknown. */
  takeThrower(): Invocation | undefined {
    // While an error of a timer is reported, the store may still contain another call.
    const call = this.#thrownIn ?? this.current;
    this.#thrownIn = undefined;
    return call;
  }

  /** Calls a function. The call is current in it and in all asynchronous work that it starts. */
  run<R>(call: Invocation, fn: () => R): R {
    return this.#store ? this.#store.run(call, fn) : fn();
  }

  /**
   * Replaces a timer function, because the runtime reports errors of timers without their call. The
   * first use of a timer loads it, which takes some milliseconds, so this waits for the first use.
   */
  #bind(name: "setTimeout" | "setInterval" | "setImmediate"): void {
    const native = Object.getOwnPropertyDescriptor(globalThis, name)!;
    const replace = (value: unknown) => {
      Object.defineProperty(globalThis, name, { value, ...ORDINARY });
    };
    let bound: unknown;
    const get = () => {
      Object.defineProperty(globalThis, name, native);
      replace(bound = this.#bound(globalThis[name]));
      return bound;
    };
    Object.defineProperty(globalThis, name, { ...ORDINARY_ACCESSOR, get, set: replace });
    this.#restores.push(() => {
      const now = Object.getOwnPropertyDescriptor(globalThis, name);
      const isOwn = now?.get === get || (bound !== undefined && now?.value === bound);
      if (isOwn) Object.defineProperty(globalThis, name, native);
    });
  }

  #bound(original: (...args: never[]) => unknown): (...args: unknown[]) => unknown {
    const start = (...args: unknown[]) => {
      if (typeof args[0] === "function") args[0] = this.#noted(args[0]);
      return applyFn(original, globalThis, args);
    };
    return Object.defineProperties(start, Object.getOwnPropertyDescriptors(original));
  }

  #noted(fn: unknown): (...args: unknown[]) => unknown {
    const owner = this.current ?? this.owner();
    const note = () => this.#thrownIn = owner;
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
