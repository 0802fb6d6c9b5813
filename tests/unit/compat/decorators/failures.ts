/**
 * Functions that fail, and their failures.
 *
 * @module
 */

import type { AttemptFailure } from "../../../../lib/compat/decorators.ts";

/** Returns its arguments. */
export const echo = (...args: unknown[]) => args;

/** A failure without its stack, which holds paths of this machine. */
export function withoutStack(value: unknown): unknown {
  const { stack: _stack, ...rest } = value as AttemptFailure;
  return rest;
}

/** Throws a value. */
export function raise(thrown: unknown): never {
  throw thrown;
}

/** Throws a RangeError. */
export const boom = () => raise(new RangeError("too far"));
