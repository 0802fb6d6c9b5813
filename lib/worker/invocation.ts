/**
 * The function call that contains the running code.
 *
 * @module
 */

import { nodeModule } from "./stdio.ts";

/** A function call that has not ended. */
export interface Invocation {
  /** The task's id, from 0. */
  readonly id: number;
  /** The attempt, from 1. */
  readonly attempt: number;
  /** The start time, in milliseconds since 1970. */
  readonly started: number;
}

/** A store with a separate value for each asynchronous chain of calls. */
export interface InvocationStore {
  /**
   * Calls a function. The invocation is current in that function and in all asynchronous work that
   * the function starts.
   */
  run<R>(invocation: Invocation, fn: () => R): R;
  /** Returns the current invocation; undefined outside a call. */
  getStore(): Invocation | undefined;
}

/** Creates a store, an instance of Node's `AsyncLocalStorage`. */
export function newInvocationStore(): InvocationStore {
  const { AsyncLocalStorage } = nodeModule("node:async_hooks") as {
    AsyncLocalStorage: new () => InvocationStore;
  };
  return new AsyncLocalStorage();
}
