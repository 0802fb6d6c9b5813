/**
 * Built-in functions, captured when the program starts.
 *
 * A worker shares its realm with user code, which may replace `JSON.stringify` or the methods of
 * `String.prototype`. The parts of dl_jobs that run beside user code therefore call these
 * functions, which stay the originals. Browsers have them, too.
 *
 * @see {@link https://github.com/nodejs/node/blob/main/doc/contributing/primordials.md} for the same
 * technique in Node.
 *
 * @module
 */

const { bind, call } = Function.prototype;

/** Converts a method to a function whose first parameter is `this`. */
const uncurry = bind.bind(call as never) as unknown as <This, Args extends unknown[], R>(
  method: (this: This, ...args: Args) => R,
) => (self: This, ...args: Args) => R;

/** `JSON.parse`, which may return another key: use `parseJson`. */
export const nativeParse: typeof JSON.parse = JSON.parse;
/** `JSON.stringify`. */
export const toJsonText: typeof JSON.stringify = JSON.stringify;
/** `JSON.rawJSON`: an object that `JSON.stringify` writes as the given text. */
export const rawJson: (text: string) => { readonly rawJSON: string } =
  (JSON as unknown as { rawJSON: never }).rawJSON;
/** `JSON.isRawJSON`. */
export const isRawJson: (value: unknown) => value is { readonly rawJSON: string } =
  (JSON as unknown as { isRawJSON: never }).isRawJSON;

/** `Reflect.apply`. */
export const applyFn: (fn: unknown, self: unknown, args: readonly unknown[]) => unknown = Reflect
  .apply as never;
/** `Object.getPrototypeOf`. */
export const prototypeOf: (value: object) => object | null = Object.getPrototypeOf;
/** `Object.keys`. */
export const keysOf: (value: object) => string[] = Object.keys;
/** `Object.defineProperty`. */
export const defineProperty: typeof Object.defineProperty = Object.defineProperty;
/** `Object.hasOwn`. */
export const hasOwn: (value: object, key: PropertyKey) => boolean = Object.hasOwn;
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
/** `Array.isArray`. */
export const isList: (value: unknown) => value is unknown[] = Array.isArray as never;
/** `ArrayBuffer.isView`. */
export const isView: typeof ArrayBuffer.isView = ArrayBuffer.isView;
const { keys } = prototypeOf(Int8Array.prototype) as Int8Array;
/** `array.keys()` of a typed array, which throws when its buffer was transferred or shrunk. */
export const typedArrayKeys: (array: ArrayBufferView) => unknown = uncurry(keys as never);
/** `Number.isSafeInteger`. */
export const isSafeInteger: (value: unknown) => boolean = Number.isSafeInteger;
/** `BigInt`. */
export const toBigInt: (value: number | string) => bigint = BigInt;
/** `String`, as a conversion. */
export const asText: (value: unknown) => string = String;
/** `number.toPrecision(digits)`. */
export const toPrecision: (number: number, digits: number) => string = uncurry(
  Number.prototype.toPrecision,
);
/** `date.getTime()`. */
export const timeOf: (date: Date) => number = uncurry(Date.prototype.getTime);
/** `Math.abs`, `Math.floor` and `Math.round`. */
export const { abs, floor, round }: Pick<Math, "abs" | "floor" | "round"> = Math;
/** `Date.now`. */
export const dateNow: () => number = Date.now;
/** `performance.now`. */
export const performanceNow: () => number = performance.now.bind(performance);

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
/** `text.isWellFormed()`. */
export const isWellFormed: (text: string) => boolean = uncurry(String.prototype.isWellFormed);
/** `bytes.subarray(start, end)`. */
export const subarray: <T extends Uint8Array>(bytes: T, start?: number, end?: number) => T =
  uncurry(Uint8Array.prototype.subarray) as never;
/** `bytes.set(source, offset)`. */
export const setBytes: (bytes: Uint8Array, source: Uint8Array, offset?: number) => void = uncurry(
  Uint8Array.prototype.set as never,
);
/** `bytes.slice(start, end)`. */
export const sliceBytes: (bytes: Uint8Array, start?: number, end?: number) => Uint8Array = uncurry(
  Uint8Array.prototype.slice,
);
/** `bytes.indexOf(byte, from)`. */
export const indexOfByte: (bytes: Uint8Array, byte: number, from?: number) => number = uncurry(
  Uint8Array.prototype.indexOf,
);
/** `bytes.lastIndexOf(byte)`. */
export const lastIndexOfByte: (bytes: Uint8Array, byte: number) => number = uncurry(
  Uint8Array.prototype.lastIndexOf as (byte: number) => number,
);
const Bytes = Uint8Array, encoder = new TextEncoder();
/** `new Uint8Array(size)`. */
export const newBytes = (size: number): Uint8Array<ArrayBuffer> => new Bytes(size);
const encodeIntoOf = uncurry(TextEncoder.prototype.encodeInto),
  encodeOf = uncurry(TextEncoder.prototype.encode);
/** `new TextEncoder().encodeInto(text, bytes)`. */
export const encodeInto = (text: string, bytes: Uint8Array): TextEncoderEncodeIntoResult =>
  encodeIntoOf(encoder, text, bytes);
/** `new TextEncoder().encode(text)`. */
export const encodeText = (text: string): Uint8Array<ArrayBuffer> =>
  encodeOf(encoder, text) as never;

const decode = uncurry(TextDecoder.prototype.decode as (bytes: Uint8Array) => string);
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8. Throws a `TypeError` when the bytes are invalid. */
export function decodeStrict(bytes: Uint8Array): string {
  // The lenient decoder is several times faster, and writes U+FFFD for bytes that are invalid.
  const text = decode(lenient, bytes);
  return indexOfText(text, "\ufffd") < 0 ? text : decode(strict, bytes);
}

/** Decodes UTF-8. Returns undefined when the bytes are invalid. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeStrict(bytes);
  } catch {
    return undefined;
  }
}

/** `Uint8Array.fromBase64`. */
export const fromBase64: (text: string) => Uint8Array<ArrayBuffer> =
  (Uint8Array as unknown as { fromBase64: never }).fromBase64;
const { Module, Instance, Memory } = (globalThis.WebAssembly ?? {}) as Partial<typeof WebAssembly>;
const exportsOf = Instance && uncurry(getterOf(Instance.prototype, "exports")),
  bufferOf = Memory && uncurry(getterOf(Memory.prototype, "buffer"));

/**
 * Starts a WebAssembly program.
 *
 * @returns its exports and its memory; undefined where the runtime may not compile (`--jitless`)
 */
export function startWasm(
  program: Uint8Array<ArrayBuffer>,
): { exports: WebAssembly.Exports; memory: Uint8Array } | undefined {
  if (!Module || !Instance || !exportsOf || !bufferOf) return undefined;
  const exports = exportsOf(new Instance(new Module(program))) as WebAssembly.Exports;
  return { exports, memory: new Bytes(bufferOf(exports["memory"]) as ArrayBuffer) };
}

function getterOf(from: object, name: string): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(from, name)!.get!;
}

const execute = uncurry(RegExp.prototype.exec);

/** Returns true when a pattern without flags matches a text. */
export function matches(pattern: RegExp, text: string): boolean {
  // `test` would call the replaceable `exec`.
  return execute(pattern, text) !== null;
}

const Promised = Promise, { withResolvers } = Promise;
/** `Promise.withResolvers`. */
export const waiter = (): PromiseWithResolvers<void> =>
  applyFn(withResolvers, Promised, []) as never;

/** `queueMicrotask`. */
export const runSoon: (fn: () => void) => void = queueMicrotask;

/** `setTimeout`. */
export const startTimer: (fn: () => void, ms: number) => number = lazyGlobal("setTimeout");
/** `clearTimeout`. */
export const stopTimer: (timer: number) => void = lazyGlobal("clearTimeout");

/** Returns a global function that the runtime loads when it is first read, which is slow. */
function lazyGlobal(name: "setTimeout" | "clearTimeout") {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name)!, scope = globalThis;
  let loaded: unknown = value;
  return (...args: unknown[]) => applyFn(loaded ??= applyFn(get, scope, []), scope, args) as never;
}
