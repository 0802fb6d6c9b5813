/**
 * The call of a task that the running code belongs to.
 *
 * @module
 */

import { nodeModule } from "./stdio.ts";

/** A call of the function that is under way. */
export interface Invocation {
  /** The task's place in the list, from 0. */
  readonly id: number;
  /** The attempt, from 1. */
  readonly attempt: number;
  /** The time when it began, in milliseconds since 1970. */
  readonly started: number;
}

/** A store that each asynchronous chain of calls sees its own value in. */
export interface InvocationStore {
  /** Calls a function for which, and for all that it starts, the invocation is the current one. */
  run<R>(invocation: Invocation, fn: () => R): R;
  /** Returns the current invocation. */
  getStore(): Invocation | undefined;
}

/** Creates a store, which is Node's `AsyncLocalStorage`. */
export function newInvocationStore(): InvocationStore {
  const { AsyncLocalStorage } = nodeModule("node:async_hooks") as {
    AsyncLocalStorage: new () => InvocationStore;
  };
  return new AsyncLocalStorage();
}
