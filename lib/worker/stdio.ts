/**
 * The stdin, stdout, stderr and exit of a worker: the originals for the worker, and replacements
 * for user code.
 *
 * @module
 */

import { applyFn, hasOwn } from "../util/builtins.ts";
import { nodeModule } from "../util/node_module.ts";

/** Receives the output and the exit of user code. */
export interface StdioListener {
  /** Receives each piece of text that user code writes. */
  onText(stream: "stdout" | "stderr", text: string): void;
  /**
   * Called when user code calls exit, before the process ends.
   *
   * @param action a text such as `called exit(1)`
   */
  onExit(action: string): void;
  /**
   * Receives an error that no code has caught.
   *
   * @param label the kind of error
   * @returns false when the error must end the process
   */
  onUncaught(label: UncaughtLabel, thrown: unknown): boolean;
  /** Called when a listener of user code has handled an error that no code has caught. */
  onHandled(): void;
}

/** The kinds of errors that no code has caught. */
export type UncaughtLabel = "Unhandled rejection" | "Uncaught";

/** The part of Node's `process` that counts listeners. */
interface NodeListeners {
  listenerCount(type: string): number;
}

const { defineProperty, getOwnPropertyDescriptor } = Object;
const ORDINARY = { configurable: true, enumerable: true, writable: true } as const;
// Node's `process` is loaded on first use. User code may replace the global.
const nodeProcess = getOwnPropertyDescriptor(globalThis, "process")?.get;

/** Ends the process. Refers to the original `Deno.exit`, which user code may replace. */
export const exit: typeof Deno.exit = Deno.exit;
/** Writes to the real stdout. */
export const writeRawStdout: typeof Deno.stdout.writeSync = Deno.stdout.writeSync.bind(Deno.stdout);
/** Writes to the real stderr. */
export const writeRawStderr: typeof Deno.stderr.writeSync = Deno.stderr.writeSync.bind(Deno.stderr);

/** The real stdin. */
export const stdin: Pick<Deno.FsFile, "read"> = { read: Deno.stdin.read.bind(Deno.stdin) };

/**
 * Replaces the stdin of user code with an empty stream, because the real stdin contains the tasks
 * when a user runs the program by hand.
 */
export function emptyStdin(): void {
  const empty = Deno.stdin;
  empty.read = () => Promise.resolve(null);
  empty.readSync = () => null;
  empty.close = () => {};
  defineProperty(empty, "readable", { get: () => new Blob([]).stream() });
}

/**
 * Reports output and exits of user code to a listener. Only output through JavaScript APIs is
 * captured.
 */
export function captureStdio(listener: StdioListener): void {
  const out = (text: string) => text !== "" && listener.onText("stdout", text);
  const err = (text: string) => text !== "" && listener.onText("stderr", text);
  captureConsole(out, err);
  captureDeno(Deno.stdout, out);
  captureDeno(Deno.stderr, err);
  captureProcess(out, err);
  captureExit(listener);
  captureUncaught(listener);
}

type Write = (text: string) => unknown;

function captureConsole(out: Write, err: Write): void {
  const target = console as unknown as Record<string, (...args: unknown[]) => unknown>;
  let real: typeof target | undefined;
  for (const name of Object.keys(target)) {
    // After Node's console is loaded, its class `Console` is also a property.
    if (typeof target[name] !== "function" || name === "Console") continue;
    // Only Node's console can write to other streams. It is loaded when the first line is written.
    target[name] = (...args) => (real ??= newConsole(out, err))[name]?.(...args);
  }
}

function newConsole(out: Write, err: Write): Record<string, (...args: unknown[]) => unknown> {
  const { Console } = nodeModule<{
    Console: new (options: unknown) => Record<string, () => unknown>;
  }>("node:console");
  // The console uses these methods of a stream. It silently drops output when a method is missing.
  const stream = (write: Write) => ({
    write,
    on() {},
    once() {},
    removeListener() {},
    listenerCount: () => 0,
  });
  return new Console({ stdout: stream(out), stderr: stream(err) });
}

// A pipe may cut a character in two.
const IN_PIECES = { stream: true } as const;

function captureDeno(target: typeof Deno.stdout | typeof Deno.stderr, write: Write): void {
  const decoder = new TextDecoder();
  target.writeSync = (bytes) => {
    write(decoder.decode(bytes, IN_PIECES));
    return bytes.length;
  };
  target.write = (bytes) => Promise.resolve(target.writeSync(bytes));
  // The output of other tasks uses the same stream, so it stays open.
  target.close = () => {};
  let stream: WritableStream<Uint8Array> | undefined;
  defineProperty(target, "writable", {
    get: () => stream ??= new WritableStream({ write: (bytes) => void target.writeSync(bytes) }),
  });
}

/** Captures Node's `process` on first use, because loading it is slow. */
function captureProcess(out: Write, err: Write): void {
  const original = getOwnPropertyDescriptor(globalThis, "process");
  if (!original?.get) return;
  defineProperty(globalThis, "process", {
    ...original,
    get() {
      defineProperty(globalThis, "process", original);
      const process = original.get!.call(globalThis);
      captureStream(process, "stdout", out);
      captureStream(process, "stderr", err);
      return process;
    },
  });
}

function captureStream(process: object, name: "stdout" | "stderr", write: Write): void {
  const get = getOwnPropertyDescriptor(process, name)?.get;
  if (!get) return;
  defineProperty(process, name, {
    configurable: true,
    get() {
      const stream = get.call(process) as { write: unknown };
      stream.write = writeLike(write);
      defineProperty(process, name, { value: stream, configurable: true });
      return stream;
    },
  });
}

function writeLike(write: Write): (chunk: string | Uint8Array, ...rest: unknown[]) => boolean {
  const decoder = new TextDecoder();
  return (chunk, ...rest) => {
    write(typeof chunk === "string" ? chunk : decoder.decode(chunk, IN_PIECES));
    const done = rest.findLast((one) => typeof one === "function");
    if (done) queueMicrotask(done as () => void);
    return true;
  };
}

function captureExit({ onExit }: StdioListener): void {
  Deno.exit = (code) => {
    onExit(`called exit(${code ?? 0})`);
    return exit(code);
  };
}

/**
 * Reports uncaught errors. Without the listener, each of them would end the process. An error that
 * user code handles, by `preventDefault` or a listener of Node's `process`, is not reported.
 */
function captureUncaught({ onUncaught, onHandled }: StdioListener): void {
  const report = (event: Event, label: UncaughtLabel, thrown: unknown) => {
    if (event.defaultPrevented) onHandled();
    else if (onUncaught(label, thrown)) event.preventDefault();
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    // The runtime calls Node's listeners after this event, unless its default is prevented.
    if (handlesRejections()) return onHandled();
    report(event, "Unhandled rejection", event.reason);
  };
  const onError = (event: ErrorEvent) => {
    report(event, "Uncaught", event.error ?? workerError(event));
  };
  listenLast({ unhandledrejection: onRejection as EventListener, error: onError as EventListener });
}

/** Adds listeners that stay behind those of user code, which may handle the event. */
function listenLast(listeners: Readonly<Record<string, EventListener>>): void {
  const { addEventListener: add, removeEventListener: remove } = globalThis;
  const append = (type: string) => {
    applyFn(remove, globalThis, [type, listeners[type]]);
    applyFn(add, globalThis, [type, listeners[type]]);
  };
  for (const type of Object.keys(listeners)) append(type);
  const value = function addEventListener(this: unknown, ...args: unknown[]) {
    const type = args[0] as string, target = this ?? globalThis;
    applyFn(add, target, args);
    if (target === globalThis && hasOwn(listeners, type)) append(type);
  };
  defineProperty(globalThis, "addEventListener", { ...ORDINARY, value });
}

/** True when user code listens to Node's `process` for rejections. */
function handlesRejections(): boolean {
  const process = nodeProcess?.call(globalThis) as NodeListeners;
  return process?.listenerCount("unhandledRejection") > 0 ||
    process?.listenerCount("uncaughtException") > 0;
}

/** Returns the error of a Web Worker, which the event has only as a text and a place. */
function workerError({ error, message, filename, lineno }: ErrorEvent): unknown {
  if (!filename) return error;
  const thrown = new Error(`a Web Worker failed: ${message} (${filename}:${lineno})`);
  thrown.stack = `Error: ${thrown.message}`;
  return thrown;
}
