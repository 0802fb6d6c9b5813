/**
 * What a task method can be wrapped in: `asJson(attempt(expandArgs(fn)))`, in this order.
 *
 * Each works on a function, `const task = attempt(fn)`, and on a method, `@attempt task() {}`:
 * TypeScript has no decorators for functions. The function keeps its name and its `this`; a
 * synchronous one stays synchronous.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";
import { boolStr, isStr } from "./helpers.ts";

/** What a function that returns `R` returns when it may return `E` as well. */
export type Also<R, E> = [R] extends [never] ? E
  : R extends PromiseLike<infer V> ? Promise<V | E>
  : R | E;

/** What `attempt` returns in place of an exception, and what a line of an errors file holds. */
export interface Failure {
  /** What went wrong. Never empty: an exception without text leaves its name here. */
  readonly ERROR: string;
  /** The exception's name, such as `RangeError`, or the `typeof` of what else was thrown. */
  readonly type: string;
  /** Where it went wrong, when the exception knows. */
  readonly stack?: string;
  /** What the function was called with. What JSON cannot hold stands here as text. */
  readonly ARGS: readonly unknown[];
  /** Always empty, kept for readers of the original's errors: named arguments are in `ARGS`. */
  readonly KWARGS: Readonly<Record<string, never>>;
}

/** Any method at all: what a decorator gets, and gives back with the same type. */
export type Method = (...args: never[]) => unknown;

/** A function as the wrappers below see it: nothing is known of it but that it can be called. */
type Call = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Spreads the one argument that a task gets over the function's parameters:
 *
 * - an array becomes the positional arguments;
 * - an object stays one object, the named arguments;
 * - `{ args: [...], kwargs: {...} }`, or one of the two keys alone, becomes the positional arguments
 *   with the named ones as a last object, which is left out when it is empty;
 * - text, a number or anything else is the one argument.
 *
 * A call with an array and an object is the same as `{ args, kwargs }`. Any other call with several
 * arguments, or none, goes through as it is.
 *
 * @example
 * ```ts
 * import { expandArgs } from "./decorators.ts";
 *
 * const add = expandArgs((a: number, b: number) => a + b);
 * if (add([1, 2]) !== 3) throw new Error("not spread");
 * ```
 */
export function expandArgs<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: unknown[]) => R;
/** As a method decorator. The method keeps its declared type: no decorator can change it. */
export function expandArgs<M extends Method>(method: M, context: ClassMethodDecoratorContext): M;
export function expandArgs(fn: Call, context?: unknown): Call {
  return wrap("expandArgs", fn, context, function (...args) {
    return fn.apply(this, expand(args));
  });
}

function expand(args: unknown[]): unknown[] {
  const [first, second] = args;
  if (args.length === 2 && Array.isArray(first) && isDict(second)) return spread(first, second);
  if (args.length !== 1) return args;
  if (Array.isArray(first)) return first;
  return isWrapped(first) ? spread(first.args ?? [], first.kwargs ?? {}) : args;
}

// `f(2, {})` would fill an optional second parameter, which Python's `f(2, **{})` does not.
function spread(args: unknown[], kwargs: object): unknown[] {
  return Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
}

interface Wrapped {
  readonly args?: unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

function isWrapped(value: unknown): value is Wrapped {
  if (!isDict(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 &&
    entries.every(([key, part]) =>
      key === "args" ? Array.isArray(part) : key === "kwargs" && isDict(part)
    );
}

/**
 * Returns a `Failure` when the function throws, or when its promise is rejected, so that one bad
 * argument does not end a loop. The failure counts as an error of the task, as its `ERROR` is never
 * empty. Whether trying again can help is up to the exception.
 *
 * @example
 * ```ts
 * import { attempt } from "./decorators.ts";
 *
 * const parse = attempt((text: string) => JSON.parse(text));
 * const { ERROR, type, ARGS } = parse("{");
 * if (type !== "SyntaxError" || !ERROR || ARGS[0] !== "{") throw new Error("not caught");
 * ```
 */
export function attempt<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: Args) => Also<R, Failure>;
/** As a method decorator. The method keeps its declared type: no decorator can change it. */
export function attempt<M extends Method>(method: M, context: ClassMethodDecoratorContext): M;
export function attempt(fn: Call, context?: unknown): Call {
  return wrap("attempt", fn, context, function (...args) {
    try {
      const result = fn.apply(this, args);
      return isPromise(result) ? result.then(null, (error) => toFailure(error, args)) : result;
    } catch (error) {
      return toFailure(error, args);
    }
  });
}

function toFailure(error: unknown, args: readonly unknown[]): Failure {
  const { type, text, stack } = error instanceof Error
    ? { type: error.name || "Error", text: String(error.message), stack: error.stack }
    : { type: typeof error, text: toText(error), stack: undefined };
  return {
    ERROR: text.trim() === "" ? type : text,
    type,
    ...(stack === undefined ? {} : { stack }),
    ARGS: args.map(toData),
    KWARGS: {},
  };
}

/** The value itself when JSON can hold it, else its text: the error must reach its file. */
function toData(value: unknown): unknown {
  try {
    return JSON.stringify(value) === undefined ? toText(value) : value;
  } catch {
    return toText(value);
  }
}

function toText(value: unknown): string {
  return isStr(value) ? value : Deno.inspect(value);
}

/**
 * Returns the function's result as JSON text. Text passes through as it is; `null` and `undefined`
 * become `{}`. A true `return_as_dict` (or `returnAsDict`) in the object of named arguments, first
 * or last, asks for the result itself; the function does not see that key, and the caller's object
 * is not changed.
 *
 * @example
 * ```ts
 * import { asJson } from "./decorators.ts";
 *
 * const mean = asJson(({ x }: { x: number }) => ({ mean: x }));
 * const text = mean({ x: 1 });
 * if (text !== '{"mean":1}') throw new Error("not JSON");
 * ```
 *
 * @throws {TypeError} By the wrapped function, when JSON cannot hold its result. Trying again cannot
 * help.
 */
export function asJson<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: Args) => Also<R, string>;
/** As a method decorator. The method keeps its declared type: no decorator can change it. */
export function asJson<M extends Method>(method: M, context: ClassMethodDecoratorContext): M;
export function asJson(fn: Call, context?: unknown): Call {
  const wrapped = wrap("asJson", fn, context, function (...args) {
    const { raw, rest } = takeRawFlag(args);
    const result = fn.apply(this, rest);
    if (raw) return result;
    return isPromise(result)
      ? result.then((value) => toJson(value, fn.name))
      : toJson(result, fn.name);
  });
  return Object.assign(wrapped, { [JSON_TEXT]: true });
}

/** Marks a function whose text is JSON: what is kept of it is what the text says. */
export const JSON_TEXT: unique symbol = Symbol.for("dl_jobs.json_text") as never;

/** Whether the result itself is asked for, and the arguments without the key that asks. */
function takeRawFlag(args: unknown[]): { raw: boolean; rest: unknown[] } {
  const last = args.length - 1;
  const flagged = args.findIndex((arg, i) => (i === 0 || i === last) && hasRawFlag(arg));
  if (flagged === -1) return { raw: false, rest: args };
  const { return_as_dict, returnAsDict, ...named } = args[flagged] as Record<string, unknown>;
  // Named arguments that held nothing but the flag would fill a positional parameter.
  const kept = flagged > 0 && Object.keys(named).length === 0 ? [] : [named];
  return {
    raw: isYes(return_as_dict) || isYes(returnAsDict),
    rest: args.toSpliced(flagged, 1, ...kept),
  };
}

function hasRawFlag(value: unknown): boolean {
  return isDict(value) && ("return_as_dict" in value || "returnAsDict" in value);
}

// From a command line the flag arrives as text, and "false" is not yes.
function isYes(flag: unknown): boolean {
  return Boolean(boolStr(flag));
}

function toJson(value: unknown, name: string): string {
  if (isStr(value)) return value;
  let reason = `a ${typeof value} is no data`;
  let cause: unknown;
  try {
    const text = JSON.stringify(value ?? {});
    if (text !== undefined) return text;
  } catch (error) {
    cause = error;
    // The engine draws a circular structure on further lines.
    reason = toText(error instanceof Error ? error.message : error).split("\n", 1).join();
  }
  throw new TypeError(
    `Cannot write the result of ${name || "a function"} as JSON: ${reason}, ` +
      "return plain data or text",
    { cause },
  );
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** Gives `call` the name of `fn`, after a look at what `name` was used on. */
function wrap(name: string, fn: Call, context: unknown, call: Call): Call {
  const { kind } = (context ?? {}) as { kind?: unknown };
  if (isStr(kind) && kind !== "method") {
    throw new TypeError(`Cannot use @${name} on a ${kind}: it works on methods and functions`);
  }
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot wrap ${toText(fn)} in ${name}: give it a function`);
  }
  return Object.defineProperty(call, "name", { value: fn.name, configurable: true });
}
