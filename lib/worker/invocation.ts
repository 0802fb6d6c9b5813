/**
 * The calls of the user's function that have not ended.
 *
 * @module
 */

/** A call of the user's function. */
export interface Invocation {
  /** The task's id, from 0. */
  readonly id: number;
  /** The attempt, from 1. */
  readonly attempt: number;
  /** The start time, in milliseconds since 1970. */
  readonly started: number;
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

  /** Adds a call. */
  add(call: Invocation): void {
    call.index = this.list.length;
    this.list[call.index] = call;
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
    return true;
  }
}
