/**
 * The assertions of the tests, from `@std/assert`, the only third-party import of the tests.
 *
 * The package has no types, so this file declares types for the functions in use. The import is not
 * in `lib/deps.ts`, because no user's program needs it.
 *
 * @module
 */

// A full specifier, as everywhere in this project, so no import map is needed.
// deno-lint-ignore no-import-prefix
import * as std from "npm:deno-std@1.4.0/assert/mod.js";

/** A class, abstract or not, whose instances are `T`. */
export type ClassOf<T> = abstract new (...args: never[]) => T;

/** Fails unless the value is truthy. */
export const assert: (expr: unknown, msg?: string) => asserts expr = std.assert;

/** Fails unless both are deeply equal. */
export const assertEquals: <T>(actual: T, expected: T, msg?: string) => void = std.assertEquals;

/** Fails when both are deeply equal. */
export const assertNotEquals: <T>(actual: T, expected: T, msg?: string) => void =
  std.assertNotEquals;

/** Fails unless both are the same value, as in `Object.is`. */
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T = std.assertStrictEquals;

/** Fails unless the text matches. */
export const assertMatch: (actual: string, expected: RegExp, msg?: string) => void =
  std.assertMatch;

/** Fails unless the first text contains the second. */
export const assertStringIncludes: (actual: string, expected: string, msg?: string) => void =
  std.assertStringIncludes;

/** Fails unless the value is an instance of the class. */
export const assertInstanceOf: <T>(
  actual: unknown,
  expectedType: ClassOf<T>,
  msg?: string,
) => asserts actual is T = std.assertInstanceOf;

/** Fails unless `actual > expected`. */
export const assertGreater: <T>(actual: T, expected: T, msg?: string) => void = std.assertGreater;

/** Fails unless `actual < expected`. */
export const assertLess: <T>(actual: T, expected: T, msg?: string) => void = std.assertLess;

/** Fails unless the values differ by at most the tolerance. */
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
) => void = std.assertAlmostEquals;

/** Always fails. */
export const fail: (msg?: string) => never = std.fail;

/** The overloads of `assertThrows`. The function returns the thrown value. */
export interface AssertThrows {
  /** Accepts any thrown value. */
  (fn: () => unknown, msg?: string): unknown;
  /** Accepts an instance of the class with `msgIncludes` in its message. */
  <E extends Error>(
    fn: () => unknown,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): E;
}

/** Fails unless the function throws. */
export const assertThrows: AssertThrows = std.assertThrows;

/** The overloads of `assertRejects`. The function resolves to the rejection reason. */
export interface AssertRejects {
  /** Accepts any rejection reason. */
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  /** Accepts an instance of the class with `msgIncludes` in its message. */
  <E extends Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
}

/** Fails unless the function's promise is rejected. */
export const assertRejects: AssertRejects = std.assertRejects;
