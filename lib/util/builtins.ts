/**
 * Built-in functions, captured when the program starts.
 *
 * A worker shares its realm with user code, which may replace `JSON.stringify` or the methods of
 * `String.prototype`. The parts of dl_jobs that run beside user code therefore call these
 * functions, which stay the originals.
 *
 * @see {@link https://github.com/nodejs/node/blob/main/doc/contributing/primordials.md} for the same
 * technique in Node.
 *
 * @module
 */

const { bind, call } = Function.prototype;

/** Converts a method to a function whose first parameter is `this`. */
export const uncurry = bind.bind(call as never) as unknown as <This, Args extends unknown[], R>(
  method: (this: This, ...args: Args) => R,
) => (self: This, ...args: Args) => R;

/** `JSON.parse`. */
export const parseJson: typeof JSON.parse = JSON.parse;
/** `JSON.stringify`. */
export const toJsonText: typeof JSON.stringify = JSON.stringify;
/** `JSON.rawJSON`: an object that `JSON.stringify` writes as the given text. */
export const rawJson: (text: string) => { readonly rawJSON: string } =
  (JSON as unknown as { rawJSON: never }).rawJSON;
/** `JSON.isRawJSON`. */
export const isRawJson: (value: unknown) => value is { readonly rawJSON: string } =
  (JSON as unknown as { isRawJSON: never }).isRawJSON;

/** `Reflect.apply`. */
export const apply: (fn: unknown, self: unknown, args: readonly unknown[]) => unknown = Reflect
  .apply as never;
/** `Object.getPrototypeOf`. */
export const prototypeOf: (value: object) => object | null = Object.getPrototypeOf;
/** `Object.keys`. */
export const keysOf: (value: object) => string[] = Object.keys;
const { create } = Object;
/** `Object.create(null)`. */
export const newDict = (): Record<string, unknown> => create(null);
/** `Object.prototype.toString`. */
export const tagText: (value: unknown) => string = uncurry(Object.prototype.toString as never);
/** `value instanceof kind`, where a class cannot decide. */
export const hasInstance: (kind: unknown, value: unknown) => boolean = uncurry(
  Function.prototype[Symbol.hasInstance] as never,
);
/** `Error.isError`. */
export const isErrorObject: (value: unknown) => boolean =
  (Error as unknown as { isError: never }).isError;
/** `Deno.inspect`. */
export const inspectValue: typeof Deno.inspect = Deno.inspect;
/** `Array.isArray`. */
export const isList: (value: unknown) => value is unknown[] = Array.isArray as never;
/** `ArrayBuffer.isView`. */
export const isView: typeof ArrayBuffer.isView = ArrayBuffer.isView;
/** `Number`, as a conversion. */
export const toNumber: (value: unknown) => number = Number;
/** `Number.isSafeInteger`. */
export const isSafeInteger: (value: unknown) => boolean = Number.isSafeInteger;
/** `BigInt`. */
export const toBigInt: (value: number | string) => bigint = BigInt;
/** `String`, as a conversion. */
export const asText: (value: unknown) => string = String;
/** `date.getTime()`. */
export const timeOf: (date: Date) => number = uncurry(Date.prototype.getTime);
/** `Date.now`. */
export const clockMs: () => number = Date.now;
/** `Math.abs`, `Math.floor` and `Math.round`. */
export const { abs, floor, round }: Pick<Math, "abs" | "floor" | "round"> = Math;

/** `text.charCodeAt(at)`. */
export const charCode: (text: string, at: number) => number = uncurry(String.prototype.charCodeAt);
/** `text.indexOf(part, from)`. */
export const indexOfText: (text: string, part: string, from?: number) => number = uncurry(
  String.prototype.indexOf,
);
/** `text.slice(start, end)`. */
export const sliceText: (text: string, start?: number, end?: number) => string = uncurry(
  String.prototype.slice,
);
const execute = uncurry(RegExp.prototype.exec);

/** Returns true when a pattern without flags matches a text. */
export function matches(pattern: RegExp, text: string): boolean {
  // `test` would call the replaceable `exec`.
  return execute(pattern, text) !== null;
}

const Promised = Promise, { withResolvers } = Promise;
/** `Promise.withResolvers`. */
export const waiter = (): PromiseWithResolvers<void> => apply(withResolvers, Promised, []) as never;

/** `setTimeout`. */
export const startTimer: typeof setTimeout = setTimeout;
/** `clearTimeout`. */
export const stopTimer: typeof clearTimeout = clearTimeout;
/** `queueMicrotask`. */
export const afterwards: (fn: () => void) => void = queueMicrotask;
