/**
 * The treatment of values that JSON or JavaScript cannot represent exactly.
 *
 * @module
 */

/** The options of a job for such values. */
export interface ValuePolicy {
  /** True when `NaN` and infinities fail a task, instead of becoming `null`. @default {false} */
  readonly failsNonFinite?: boolean | undefined;
  /** True when a function receives integers beyond 2^53 as BigInt. @default {false} */
  readonly hasBigInts?: boolean | undefined;
  /** The largest result of a task as JSON, in bytes. @default {no limit} */
  readonly maxResult?: number | undefined;
}

/**
 * A change of a value: a result that is not a finite number became `null`, an integer in the
 * arguments was rounded to the nearest number, any other number there lost digits, or an argument
 * was too large and became infinite.
 */
export type ValueChange = "nonFinite" | "rounded" | "shortened" | "infinite";

/** The number of values in a task, or in tasks after it, that changed. */
export interface ValueNote {
  /** The kind of change. */
  readonly kind: ValueChange;
  /** The number of values. */
  readonly count: number;
}
