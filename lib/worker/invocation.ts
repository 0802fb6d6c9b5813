/**
 * The calls of the user's function that have not ended.
 *
 * @module
 */

import { waiter } from "../util/builtins.ts";
import type { LiveTaskContext } from "./live_context.ts";

/** A call of the user's function. */
export interface Invocation {
  /** The task's id, from 0. */
  readonly id: number;
  /** The attempt, from 1. */
  readonly attempt: number;
  /** The start time, in milliseconds since 1970. */
  readonly started: number;
  /** The context of a function that takes one. */
  context: LiveTaskContext | undefined;
  /** The position among the running calls; -1 for a call that is not running. */
  index: number;
}

/**
 * The running calls, in any order. The methods use no built-in function that user code could
 * replace.
 */
export class RunningCalls {
  /** The calls. */
  readonly list: Invocation[] = [];
  /** Ends the current wait for the end of a call. */
  #wake: (() => void) | undefined;

  /** Adds a call. */
  add(call: Invocation): void {
    call.index = this.list.length;
    this.list[call.index] = call;
  }

  /** Returns the running call of an attempt; undefined when it has ended. */
  find({ id, attempt }: Pick<Invocation, "id" | "attempt">): Invocation | undefined {
    for (let i = 0; i < this.list.length; i++) {
      const call = this.list[i]!;
      if (call.id === id && call.attempt === attempt) return call;
    }
    return undefined;
  }

  /**
   * Aborts the signals of the calls.
   *
   * @param only the id and the attempt of one call, which may have ended. @default {all calls}
   */
  abort(reason: Error, only?: Pick<Invocation, "id" | "attempt">): void {
    if (only) return this.find(only)?.context?.abort(reason);
    for (let i = 0; i < this.list.length; i++) this.list[i]!.context?.abort(reason);
  }

  /** Removes a call. Returns false when it is not running any more. */
  remove(call: Invocation): boolean {
    const { list } = this, { index } = call;
    if (index < 0) return false;
    const last = list[list.length - 1]!;
    list[index] = last;
    last.index = index;
    list.length--;
    call.index = -1;
    this.#wake?.();
    return true;
  }

  /** Waits until a call is removed. */
  untilRemoved(): Promise<void> {
    const { promise, resolve } = waiter();
    this.#wake = resolve;
    return promise;
  }
}
