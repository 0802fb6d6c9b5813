/**
 * Wrappers for task methods: `asJson(attempt(expandArgs(fn)))`, in this order.
 *
 * They correspond to `as_json`, `attempt` and `expand_args` of the Python package, which decorate
 * functions. TypeScript cannot decorate functions. A wrapper therefore either wraps a function
 * (`const task = attempt(fn)`) or decorates a method (`@attempt task() {}`). The function keeps its
 * name and its `this`, and a synchronous function stays synchronous.
 *
 * @example The three wrappers together
 * ```ts
 * import { asJson, attempt, expandArgs } from "dl_jobs";
 *
 * const mean = asJson(attempt(expandArgs((a: number, b: number) => ({ mean: (a + b) / 2 }))));
 * if (mean([1, 3]) !== '{"mean":2}') throw new Error(String(mean([1, 3])));
 * ```
 *
 * @module
 */

import { defined } from "../util/defined.ts";
import { isDict } from "../util/is_dict.ts";
import { secondParameter } from "../util/second_parameter.ts";
import { stringify } from "../values/stringify.ts";
import {
  boundedText,
  describeThrown,
  isError,
  textProperty,
  typeOfThrown,
  unlessThrown,
} from "../values/thrown.ts";
import { expand } from "./_expand.ts";
import { boolStr, isStr } from "./helpers.ts";

/** The union of a function's return type `R` and `E`. For a promise, a promise of that union. */
export type ResultOr<R, E> = [R] extends [never] ? E
  : R extends PromiseLike<infer V> ? Promise<V | E>
  : R | E;

/** A caught exception in the format of the Python package, as {@linkcode attempt} returns it. */
export interface AttemptFailure {
  /** The exception's message, or its name when it has no message. Never empty. */
  readonly ERROR: string;
  /**
   * The exception's name, such as `RangeError`, or the `typeof` of a thrown value that is not an
   * error.
   */
  readonly type: string;
  /** The exception's stack. Absent when the exception has no stack. */
  readonly stack?: string;
  /** The arguments of the call. An argument that JSON cannot represent is converted to text. */
  readonly ARGS: readonly unknown[];
  /**
   * Always empty, because named arguments are in `ARGS`. Programs that read errors of the Python
   * package expect the key.
   */
  readonly KWARGS: Readonly<Record<string, never>>;
}

/** Any method that a decorator receives and returns. */
export type AnyMethod = (...args: never[]) => unknown;

/** A function with unknown parameters, as the wrappers call it. */
type Call = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Wraps a function so that the single argument of a task is spread over the function's parameters.
 *
 * - An array becomes the positional arguments.
 * - An object is passed unchanged, as the named arguments.
 * - `{ args: [...], kwargs: {...} }`, or one of the two keys alone, becomes the positional
 *   arguments, followed by an object of named arguments. An empty object is omitted.
 * - Any other value is passed as the only argument.
 *
 * A call with an array and an object is equivalent to `{ args, kwargs }`. Any other call with
 * several arguments or without arguments is passed through unchanged.
 *
 * With `names`, an object becomes positional arguments, too: the value of each key is the argument
 * of the parameter with that name, as in `expand_args` of the Python package. A key that is not in
 * `names` is an error, and so is a missing value of a parameter without a default.
 *
 * @example
 * ```ts
 * import { expandArgs } from "dl_jobs";
 *
 * const add = expandArgs((a: number, b: number = 1) => a + b, ["a", "b"]);
 * const sums = [add([1, 2]), add({ b: 3, a: 1 }), add({ a: 1 })];
 * if (sums.join() !== "3,4,2") throw new Error("not spread");
 * ```
 *
 * @param fn the function.
 * @param names the names of its parameters, in their order.
 * @returns a function of the same name.
 * @throws {TypeError} when `fn` is not a function, or when a class or a field is decorated.
 */
export function expandArgs<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
  names?: readonly string[],
): (this: This, ...args: unknown[]) => R;
/** Decorates a method. The method keeps its declared type, because a decorator cannot change it. */
export function expandArgs<M extends AnyMethod>(method: M, context: ClassMethodDecoratorContext): M;
export function expandArgs(fn: Call, more?: unknown): Call {
  const names = Array.isArray(more) ? more.map(String) : undefined;
  const wrapped = wrap("expandArgs", fn, names ? undefined : more, function (...args) {
    const task = args.length === 2 && isContext(args[1]) ? args.slice(0, 1) : args;
    return fn.apply(this, expand(task, names && { fn, names }));
  });
  return Object.assign(wrapped, { [DROPS_CONTEXT]: true });
}

/**
 * Wraps a function so that it returns an {@linkcode AttemptFailure} instead of throwing or
 * rejecting. The failure counts as an error of the task, because its `ERROR` is never empty.
 *
 * The Python package's `attempt` returns `ERROR`, `ARGS` and `KWARGS`. This function adds `type`
 * and `stack`.
 *
 * @example
 * ```ts
 * import { attempt } from "dl_jobs";
 *
 * const parse = attempt((text: string) => JSON.parse(text));
 * const { ERROR, type, ARGS } = parse("{");
 * if (type !== "SyntaxError" || !ERROR || ARGS[0] !== "{") throw new Error("not caught");
 * ```
 *
 * @returns a function of the same name.
 * @throws {TypeError} when `fn` is not a function, or when a class or a field is decorated.
 */
export function attempt<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: Args) => ResultOr<R, AttemptFailure>;
/** Decorates a method. The method keeps its declared type, because a decorator cannot change it. */
export function attempt<M extends AnyMethod>(method: M, context: ClassMethodDecoratorContext): M;
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

function toFailure(error: unknown, args: readonly unknown[]): AttemptFailure {
  const type = typeOfThrown(error), text = isError(error) ? describeThrown(error) : toText(error);
  return defined<AttemptFailure>({
    ERROR: text.trim() === "" ? type : text,
    type,
    stack: isError(error) ? textProperty(error, "stack") : undefined,
    ARGS: args.filter((arg) => !isContext(arg)).map(toData),
    KWARGS: {},
  });
}

/**
 * Returns the value, or its text when JSON cannot represent it, so that the failure can be saved.
 */
function toData(value: unknown): unknown {
  return unlessThrown(() => stringify(value, "argument", () => {})) === undefined
    ? toText(value)
    : value;
}

function toText(value: unknown): string {
  const text = isStr(value) ? value : unlessThrown(() => Deno.inspect(value));
  return text === undefined ? describeThrown(value) : boundedText(text);
}

/**
 * Wraps a function so that it returns its result as JSON text. A string is passed through. `null`
 * and `undefined` become `{}`.
 *
 * If the first or the last argument is an object with a true `return_as_dict` (or `returnAsDict`),
 * the call returns the result itself. The function does not receive that key. The caller's object
 * is unchanged, whereas the Python package's `as_json` removes the key from it.
 *
 * @example
 * ```ts
 * import { asJson } from "dl_jobs";
 *
 * const mean = asJson(({ x }: { x: number }) => ({ mean: x }));
 * const text = mean({ x: 1 });
 * if (text !== '{"mean":1}') throw new Error("not JSON");
 * ```
 *
 * @returns a function of the same name. It throws a `TypeError` when JSON cannot represent the
 * result.
 * @throws {TypeError} when `fn` is not a function, or when a class or a field is decorated.
 */
export function asJson<This, Args extends unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: Args) => ResultOr<R, string>;
/** Decorates a method. The method keeps its declared type, because a decorator cannot change it. */
export function asJson<M extends AnyMethod>(method: M, context: ClassMethodDecoratorContext): M;
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

/**
 * Marks a function that returns JSON text. The parsed text is recorded as the result of the task.
 */
export const JSON_TEXT: unique symbol = Symbol.for("dl_jobs.json_text") as never;

/** Marks the context that a task receives as its second argument. */
export const CONTEXT: unique symbol = Symbol.for("dl_jobs.context") as never;

function isContext(value: unknown): boolean {
  return typeof value === "object" && value !== null && CONTEXT in value;
}

/** The key under which a wrapper keeps the function that it wraps, whose parameters are known. */
export const WRAPPED: unique symbol = Symbol.for("dl_jobs.wrapped") as never;

/** Marks a wrapper that does not pass a context on. */
const DROPS_CONTEXT: unique symbol = Symbol.for("dl_jobs.drops_context") as never;

/** Returns the text of the parameter that receives the context of a task; undefined without one. */
export function contextParameter(fn: AnyMethod): string | undefined {
  if (DROPS_CONTEXT in fn) return undefined;
  const { [WRAPPED]: wrapped } = fn as { [WRAPPED]?: AnyMethod };
  return wrapped ? contextParameter(wrapped) : secondParameter(fn);
}

/** Reads the flag that requests the raw result, and removes it from a copy of the arguments. */
function takeRawFlag(args: unknown[]): { raw: boolean; rest: unknown[] } {
  const last = args.length - 1;
  const flagged = args.findIndex((arg, i) => (i === 0 || i === last) && hasRawFlag(arg));
  if (flagged === -1) return { raw: false, rest: args };
  const { return_as_dict, returnAsDict, ...named } = args[flagged] as Record<string, unknown>;
  // An object that contained only the flag is dropped, because an empty object would set a
  // positional parameter.
  const kept = flagged > 0 && Object.keys(named).length === 0 ? [] : [named];
  return {
    raw: isYes(return_as_dict) || isYes(returnAsDict),
    rest: args.toSpliced(flagged, 1, ...kept),
  };
}

function hasRawFlag(value: unknown): boolean {
  return isDict(value) && ("return_as_dict" in value || "returnAsDict" in value);
}

// On a command line the flag is text, and "false" means no.
function isYes(flag: unknown): boolean {
  return Boolean(boolStr(flag));
}

function toJson(value: unknown, name: string): string {
  if (isStr(value)) return value;
  return stringify(value ?? {}, `the result of ${name || "a function"}`);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/**
 * Sets the name of `call` to the name of `fn`. Throws a `TypeError` unless the wrapper `name` is
 * used on a function or a method.
 */
function wrap(name: string, fn: Call, context: unknown, call: Call): Call {
  const { kind } = (context ?? {}) as { kind?: unknown };
  if (isStr(kind) && kind !== "method") {
    throw new TypeError(`Cannot use @${name} on a ${kind}: it works on methods and functions`);
  }
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot wrap ${toText(fn)} in ${name}: pass a function`);
  }
  Object.assign(call, { [WRAPPED]: fn, ...JSON_TEXT in fn ? { [JSON_TEXT]: true } : {} });
  return Object.defineProperty(call, "name", { value: fn.name, configurable: true });
}
