/**
 * The far side: reads task lines, calls the function, writes event lines.
 *
 * This is bundled with the user's code into one program, so it imports as little as it can. Each
 * line it writes is led by an RS byte (RFC 7464): what user code or its children write to the same
 * stdout has none, and so can be told apart.
 *
 * @module
 */

import {
  dlJobsCall,
  isReturnedError,
  type Method,
  resultText,
  returnedError,
  returnedValue,
  toTaskError,
} from "./call.ts";
import { eventLine, type FailureClass, successLine } from "./event.ts";
import { readBlocks } from "./ndjson.ts";

/** What a worker is told on its command line, as JSON. */
export interface WorkerOptions {
  /** How many calls may be under way at the same time. @default {1} */
  readonly concurrency?: number;
  /** How long an answer may wait for company, in milliseconds. @default {10} */
  readonly flushMs?: number;
  /** One task, for a person: nothing is captured, and the result is the only line on stdout. */
  readonly plain?: boolean;
}

/** The start of each line that a worker writes. */
export const RS = "\x1e";

/** The most bytes that a pipe takes as one piece, so that no other writer gets in between. */
const ATOMIC_WRITE = 4096;
const NEWLINE = 10;

/** Runs tasks from stdin until it ends. */
export async function serve(
  load: () => Promise<{ default: Method }>,
  options: WorkerOptions = JSON.parse(Deno.args[0] ?? "{}"),
): Promise<void> {
  if (options.plain) return await servePlain(load);
  const answers = new Answers(options.flushMs ?? 10);
  const calls = new Calls(answers, options.concurrency ?? 1);
  captureOutput(calls, answers);
  try {
    calls.method = (await load()).default;
    if (typeof calls.method !== "function") throw new TypeError("it exports no function");
  } catch (error) {
    answers.control({ broken: toTaskError(error) });
    exit(1);
  }
  calls.idle();
  for await (const block of readBlocks("-")) await calls.take(block);
  await calls.end();
  // A timer or a child that a task left behind must not keep the process.
  exit(0);
}

/** Runs the one task from stdin, and lets it fail as it will. */
async function servePlain(load: () => Promise<{ default: Method }>): Promise<void> {
  const { default: method } = await load();
  for await (const block of readBlocks("-")) {
    const line = new TextDecoder().decode(block);
    const returned = await dlJobsCall(method, JSON.parse(line.slice(readHead(line).argsAt, -2)));
    console.log(resultText(returnedValue(returned, method)));
  }
}

// User code may replace or close what is public.
const exit = Deno.exit;
const writeStdout = Deno.stdout.writeSync.bind(Deno.stdout);
const writeStderr = Deno.stderr.writeSync.bind(Deno.stderr);

/** A call that is under way. */
interface Call {
  readonly id: number;
  readonly attempt: number;
  readonly started: number;
}

/** Calls the function for each task line, so many at a time. */
class Calls {
  method!: Method;
  #current: Call | undefined;
  #running = new Set<Promise<void>>();
  #local: { run<R>(store: Call, fn: () => R): R; getStore(): Call | undefined } | undefined;
  #taken = 0;
  #decoder = new TextDecoder();

  constructor(readonly answers: Answers, readonly concurrency: number) {
    if (concurrency > 1) this.#local = newLocal();
  }

  /** The call that the running code belongs to; between calls, the last one. */
  get current(): Call | undefined {
    return this.#local?.getStore() ?? this.#current;
  }

  /** Starts each task of some lines, and waits where all places are taken. */
  async take(block: Uint8Array): Promise<void> {
    const text = this.#decoder.decode(block);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      this.#taken++;
      const running = this.#start(text.slice(start, end));
      if (running) await this.#place(running);
      start = end + 1;
    }
    if (this.#running.size === 0) this.idle();
    else this.answers.flush();
  }

  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.answers.flush();
  }

  /** Ends the calls that are under way because the process is about to. */
  abandon(reason: string, kind: FailureClass): void {
    const call = this.current;
    if (call) this.#fail(call, new Error(reason), kind);
    this.answers.flush();
  }

  /** Tells that all that was sent is answered: what the other side still misses was torn. */
  idle(): void {
    this.answers.control({ idle: this.#taken });
  }

  #start(line: string): Promise<void> | undefined {
    const { id, attempt, argsAt } = readHead(line);
    const call = { id, attempt, started: Date.now() };
    this.#current = call;
    let args: unknown;
    try {
      args = JSON.parse(line.slice(argsAt, -1));
    } catch (error) {
      this.#fail(call, error);
      return undefined;
    }
    return this.#local
      ? this.#local.run(call, () => this.#call(call, args))
      : this.#call(call, args);
  }

  #call(call: Call, args: unknown): Promise<void> | undefined {
    try {
      const value = dlJobsCall(this.method, args);
      if (isPromise(value)) return this.#settle(call, value);
      this.#succeed(call, value);
    } catch (error) {
      this.#fail(call, error);
    }
    return undefined;
  }

  async #settle(call: Call, value: PromiseLike<unknown>): Promise<void> {
    // What has been answered must not wait for what may take long.
    this.answers.flush();
    try {
      this.#succeed(call, await value);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  async #place(running: Promise<void>): Promise<void> {
    if (this.concurrency === 1) return await running;
    const done = running.then(() => {
      this.#running.delete(done);
      if (this.#running.size === 0) this.idle();
      else this.answers.flush();
    });
    this.#running.add(done);
    if (this.#running.size >= this.concurrency) await Promise.race(this.#running);
  }

  #succeed(call: Call, returned: unknown): void {
    const value = returnedValue(returned, this.method);
    if (isReturnedError(value)) return this.#answerFailure(call, returnedError(value));
    const text = resultText(value);
    this.answers.add(successLine(call.id, call.attempt, Date.now() - call.started, text));
  }

  #fail(call: Call, error: unknown, kind: FailureClass = "error"): void {
    this.#answerFailure(call, toTaskError(error, kind));
  }

  #answerFailure({ id, attempt, started }: Call, error: ReturnType<typeof toTaskError>): void {
    const ms = Date.now() - started;
    this.answers.add(eventLine({ id, attempt, type: "failed", ms, error }));
  }
}

/** Collects lines and writes them so that they arrive whole. */
class Answers {
  #text = "";
  #flushed = Date.now();
  #encoder = new TextEncoder();

  constructor(readonly flushMs: number) {}

  add(line: string): void {
    this.#text += RS + line + "\n";
    if (this.#text.length >= BUFFER_SIZE || Date.now() - this.#flushed >= this.flushMs) {
      this.flush();
    }
  }

  control(message: unknown): void {
    this.add(JSON.stringify(message));
    this.flush();
  }

  flush(): void {
    this.#flushed = Date.now();
    if (this.#text === "") return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    for (let at = 0; at < bytes.length;) at = this.#writeLines(bytes, at);
  }

  /** Writes as many whole lines as a pipe takes as one piece, or one longer line. */
  #writeLines(bytes: Uint8Array, at: number): number {
    if (bytes.length - at <= ATOMIC_WRITE) return this.#writeAll(bytes.subarray(at), bytes.length);
    const last = bytes.lastIndexOf(NEWLINE, at + ATOMIC_WRITE - 1);
    if (last >= at) return this.#writeAll(bytes.subarray(at, last + 1), last + 1);
    const end = bytes.indexOf(NEWLINE, at) + 1;
    // Another writer may get in between, and its length will show that.
    this.#writeAll(this.#encoder.encode(RS + (end - at)), 0);
    return this.#writeAll(bytes.subarray(at, end), end);
  }

  #writeAll(bytes: Uint8Array, end: number): number {
    try {
      for (let at = 0; at < bytes.length;) at += writeStdout(bytes.subarray(at));
    } catch (error) {
      // Without a way to answer there is nothing left to do.
      writeStderr(this.#encoder.encode(`stdout was closed: ${error}\n`));
      exit(1);
    }
    return end;
  }
}

// Several pieces: what is collected is encoded at once.
const BUFFER_SIZE = 4 * ATOMIC_WRITE;

/** Makes what user code writes through JavaScript a line of the task that wrote it. */
function captureOutput(calls: Calls, answers: Answers): void {
  const log = (stream: "stdout" | "stderr") => (text: string) => {
    const { id, attempt } = calls.current ?? { id: -1, attempt: 1 };
    answers.add(JSON.stringify({ id, attempt, stream, text }));
  };
  const out = log("stdout"), err = log("stderr");
  captureConsole(out, err);
  captureDeno(Deno.stdout, out);
  captureDeno(Deno.stderr, err);
  captureProcess("stdout", out);
  captureProcess("stderr", err);
  captureExit(calls);
  captureUncaught(err);
}

type Write = (text: string) => void;

function captureConsole(out: Write, err: Write): void {
  const target = console as unknown as Record<string, (...args: unknown[]) => unknown>;
  let real: typeof target | undefined;
  for (const name of Object.keys(target)) {
    if (typeof target[name] !== "function") continue;
    // Node's console is the one that takes streams; it is loaded when the first line is written.
    target[name] = (...args) => (real ??= newConsole(out, err))[name]?.(...args);
  }
}

function newConsole(out: Write, err: Write): Record<string, (...args: unknown[]) => unknown> {
  const { Console } = builtin("node:console") as {
    Console: new (options: unknown) => Record<string, () => unknown>;
  };
  // All that it asks of a stream; what is missing it would pass over without a word.
  const stream = (write: Write) => ({
    write,
    on() {},
    once() {},
    removeListener() {},
    listenerCount: () => 0,
  });
  return new Console({ stdout: stream(out), stderr: stream(err) });
}

function captureDeno(target: typeof Deno.stdout | typeof Deno.stderr, write: Write): void {
  const decoder = new TextDecoder();
  target.writeSync = (bytes) => {
    write(decoder.decode(bytes));
    return bytes.length;
  };
  target.write = (bytes) => Promise.resolve(target.writeSync(bytes));
  // The answers go the same way, so it stays open whatever a task does.
  target.close = () => {};
}

function captureProcess(name: "stdout" | "stderr", write: Write): void {
  const process = builtin("node:process") as Record<string, unknown>;
  const get = Object.getOwnPropertyDescriptor(process, name)?.get;
  if (!get) return;
  // Only the first use pays for the stream.
  Object.defineProperty(process, name, {
    configurable: true,
    get() {
      const stream = get.call(process) as { write: unknown };
      stream.write = writeLike(write);
      Object.defineProperty(process, name, { value: stream, configurable: true });
      return stream;
    },
  });
}

function writeLike(write: Write): (chunk: string | Uint8Array, ...rest: unknown[]) => boolean {
  return (chunk, ...rest) => {
    write(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
    const done = rest.findLast((one) => typeof one === "function");
    if (done) queueMicrotask(done as () => void);
    return true;
  };
}

function captureExit(calls: Calls): void {
  Deno.exit = (code) => {
    calls.abandon(`the task called exit(${code ?? 0})`, "crash");
    return exit(code);
  };
}

/** What nobody caught belongs to no result any more, but it must be seen. */
function captureUncaught(err: Write): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    err(`Unhandled rejection: ${toTaskError(event.reason).stack ?? event.reason}\n`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    err(`Uncaught: ${toTaskError(event.error).stack ?? event.message}\n`);
  });
}

function builtin(name: string): unknown {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return process.getBuiltinModule(name);
}

function newLocal<T>(): { run<R>(store: T, fn: () => R): R; getStore(): T | undefined } {
  const { AsyncLocalStorage } = builtin("node:async_hooks") as {
    AsyncLocalStorage: new () => ReturnType<typeof newLocal<T>>;
  };
  return new AsyncLocalStorage();
}

/** The keys before the user's own JSON: `{"id":3,"attempt":2,"args":`. */
function readHead(line: string): { id: number; attempt: number; argsAt: number } {
  const comma = line.indexOf(",", 6);
  const id = Number(line.slice(6, comma));
  if (line.charCodeAt(comma + 3) === LETTER_R) return { id, attempt: 1, argsAt: comma + 8 };
  const next = line.indexOf(",", comma + 1);
  return { id, attempt: Number(line.slice(comma + 11, next)), argsAt: next + 8 };
}

const LETTER_R = 114;

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
