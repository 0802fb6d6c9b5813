/**
 * The stdin, stdout, stderr and exit of a worker: the originals for the worker, and replacements
 * for user code.
 *
 * @module
 */

import { withoutOurFrames } from "../journal/task_error.ts";
import { nodeModule } from "../util/node_module.ts";
import { unlessThrown } from "../values/thrown.ts";
import { type UncaughtListener, watchUncaught } from "./uncaught.ts";

/** Receives the output and the exit of user code. */
export interface StdioListener extends UncaughtListener {
  /** Receives each piece of text that user code writes. */
  onText(stream: "stdout" | "stderr", text: string): void;
  /**
   * Called when user code calls exit, before the process ends.
   *
   * @param action a text such as `called exit(1)`
   */
  onExit(action: string): void;
}

/** The part of Node's `process` that ends it. */
interface NodeProcess {
  /** True while the listeners of `exit` run, so that an `exit` in one of them does not repeat them. */
  _exiting: boolean;
  emit(event: "exit", code: number): void;
}

const { defineProperty, getOwnPropertyDescriptor } = Object;

/** Ends the process. Refers to the original `Deno.exit`, which user code may replace. */
export const exit: typeof Deno.exit = Deno.exit;
/** Writes to the real stdout. */
export const writeRawStdout: typeof Deno.stdout.writeSync = Deno.stdout.writeSync.bind(Deno.stdout);
/** Writes to the real stderr. */
export const writeRawStderr: typeof Deno.stderr.writeSync = Deno.stderr.writeSync.bind(Deno.stderr);

/** True when user code has used the global `process`. */
let usesProcess = false;

/**
 * Ends the process, after the listeners of Node's event `exit`. Packages remove their temporary
 * files there, and `Deno.exit` does not call them.
 *
 * @param usesNode true when the program has loaded Node's `process`. Loading it is slow.
 * @throws the error of a listener
 */
export function exitWithListeners(usesNode: boolean | undefined): void {
  if (usesNode || usesProcess) {
    const process = nodeModule<NodeProcess>("node:process");
    // As `process.exit` does, which user code may have replaced.
    process._exiting = true;
    process.emit("exit", 0);
  }
  exit(0);
}

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
  watchUncaught(listener);
}

type Write = (text: string) => unknown;
type Methods = Record<string, (...args: unknown[]) => unknown>;

function captureConsole(out: Write, err: Write): void {
  const target = console as unknown as Methods;
  let real: Methods | undefined;
  for (const name of Object.keys(target)) {
    // After Node's console is loaded, its class `Console` is also a property.
    if (typeof target[name] !== "function" || name === "Console") continue;
    target[name] = (...args) => (real ??= newConsole(toUser(out), toUser(err)))[name]?.(...args);
  }
  // A log is not a screen.
  target.clear = () => {};
}

/** Returns a function that writes a text without the frames of the worker in its stacks. */
function toUser(write: Write): Write {
  return (text) => write(unlessThrown(() => withoutOurFrames(text)) ?? text);
}

/** The class of Deno's console, which prints texts of the levels 0 (debug) to 3 (error). */
type DenoConsole = new (print: (text: string, level: number) => void) => Methods;

const { internal } = Deno as unknown as { readonly internal: symbol };
const internals = (Deno as unknown as Record<symbol, { readonly Console?: DenoConsole }>)[internal];

function newConsole(out: Write, err: Write): Methods {
  const Console = internals?.Console;
  return Console
    ? new Console((text, level) => (level > 1 ? err : out)(text))
    : nodeConsole(out, err);
}

/** Returns a console for a Deno that does not share its class. Node's shows fewer levels of a value. */
function nodeConsole(out: Write, err: Write): Methods {
  const { Console } = nodeModule<{ Console: new (options: unknown) => Methods }>("node:console");
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
      usesProcess = true;
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
