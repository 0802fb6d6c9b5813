/**
 * The assertions of the tests, from `@std/assert`: the tests' only third-party import.
 *
 * The package ships no types, so they stand here, for what is used. This is not in `lib/deps.ts`
 * because nothing that a user runs needs it.
 *
 * @module
 */

// A full specifier, as everywhere in this project: no import map to keep in step.
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

/** Fails unless both are the same, by `Object.is`. */
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T = std.assertStrictEquals;

/** Fails unless the text matches. */
export const assertMatch: (actual: string, expected: RegExp, msg?: string) => void =
  std.assertMatch;

/** Fails unless the text holds the other one. */
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

/** Fails unless both are nearer than the tolerance. */
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
) => void = std.assertAlmostEquals;

/** Fails, always. */
export const fail: (msg?: string) => never = std.fail;

/** How `assertThrows` is called; it gives back what was thrown. */
export interface AssertThrows {
  /** Anything may be thrown. */
  (fn: () => unknown, msg?: string): unknown;
  /** An instance of the class must be thrown, with `msgIncludes` somewhere in its message. */
  <E extends Error>(
    fn: () => unknown,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): E;
}

/** Fails unless the function throws. */
export const assertThrows: AssertThrows = std.assertThrows;

/** How `assertRejects` is called; it gives back the reason. */
export interface AssertRejects {
  /** Any reason will do. */
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  /** The reason must be an instance of the class, with `msgIncludes` in its message. */
  <E extends Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
}

/** Fails unless the function's promise is rejected. */
export const assertRejects: AssertRejects = std.assertRejects;
