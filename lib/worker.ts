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
import { eventLine, type FailureClass, successLine, type TaskError } from "./event.ts";
import { readBlocks } from "./ndjson.ts";
import { argsText } from "./task.ts";

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

// About what a pipe holds.
const BLOCK_SIZE = 48 * 1024;

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
    const line = block.subarray(0, -1);
    const returned = await dlJobsCall(method, JSON.parse(argsText(line)));
    console.log(resultText(returnedValue(returned, method)));
  }
}

// User code may replace or close what is public.
const exit = Deno.exit;
const writeStdout = Deno.stdout.writeSync.bind(Deno.stdout);
const writeStderr = Deno.stderr.writeSync.bind(Deno.stderr);

/** A call that is under way. */
interface Call {
  readonly id: string;
  readonly attempt: number;
  readonly started: number;
}

/** Knows which call the running code belongs to, where there are several. */
interface Local {
  run<R>(call: Call, fn: () => R): R;
  getStore(): Call | undefined;
}

/**
 * Calls the function for each task line, so many at a time.
 *
 * A task that does nothing costs less than a look at the clock, so the path of a call that returns
 * at once makes no objects and asks for the time once.
 */
class Calls {
  method!: Method;
  #id = "-1";
  #attempt = 1;
  #clock = 0;
  #next = 0;
  #taken = 0;
  #running = new Set<Promise<void>>();
  #local: Local | undefined;
  #decoder = new TextDecoder();

  constructor(readonly answers: Answers, readonly concurrency: number) {
    if (concurrency > 1) this.#local = newLocal();
  }

  /** The call that the running code belongs to; between calls, the last one. */
  get current(): Call {
    return this.#local?.getStore() ??
      { id: this.#id, attempt: this.#attempt, started: this.#clock };
  }

  /** Starts each task of some lines, and waits where all places are taken. */
  async take(block: Uint8Array): Promise<void> {
    const text = this.#decoder.decode(block);
    this.#clock = Date.now();
    for (let at = 0; at < text.length; at = this.#next) {
      const running = this.#start(text, at);
      if (running) await this.#place(running);
    }
    if (this.#running.size === 0) this.idle();
    else this.answers.flush();
  }

  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.answers.flush();
  }

  /** Ends the call that is under way because the process is about to. */
  abandon(reason: string, kind: FailureClass): void {
    this.#fail(this.current, new Error(reason), kind);
    this.answers.flush();
  }

  /** Tells that all that was sent is answered: what the other side still misses was torn. */
  idle(): void {
    this.answers.control({ idle: this.#taken });
  }

  /** Starts the task whose line stands at an offset: `{"id":3,"attempt":2,"args":...}`. */
  #start(text: string, at: number): Promise<void> | undefined {
    const comma = text.indexOf(",", at + ID_AT);
    const end = text.indexOf("\n", comma);
    this.#next = end + 1;
    this.#taken++;
    this.#id = text.slice(at + ID_AT, comma);
    const argsAt = this.#readAttempt(text, comma);
    let args: unknown;
    try {
      args = JSON.parse(text.slice(argsAt, end - 1));
    } catch (error) {
      this.#fail(this.current, error);
      return undefined;
    }
    return this.#local ? this.#callAmongOthers(this.#local, args) : this.#call(args);
  }

  #readAttempt(text: string, comma: number): number {
    this.#attempt = 1;
    if (text.charCodeAt(comma + 3) === LETTER_R) return comma + ARGS_KEY;
    const next = text.indexOf(",", comma + 1);
    this.#attempt = Number(text.slice(comma + ATTEMPT_KEY, next));
    return next + ARGS_KEY;
  }

  #call(args: unknown): Promise<void> | undefined {
    try {
      const value = dlJobsCall(this.method, args);
      if (isPromise(value)) return this.#settle(this.current, value);
      this.#succeed(this.#id, this.#attempt, this.#clock, value);
    } catch (error) {
      this.#fail(this.current, error);
    }
    return undefined;
  }

  #callAmongOthers(
    local: Local,
    args: unknown,
  ): Promise<void> | undefined {
    this.#clock = Date.now();
    const call = { id: this.#id, attempt: this.#attempt, started: this.#clock };
    return local.run(call, () => this.#call(args));
  }

  async #settle(call: Call, value: PromiseLike<unknown>): Promise<void> {
    // What has been answered must not wait for what may take long.
    this.answers.flushSoon();
    try {
      this.#succeed(call.id, call.attempt, call.started, await value);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  async #place(running: Promise<void>): Promise<void> {
    if (this.concurrency === 1) return await running;
    const done = running.then(() => {
      this.#running.delete(done);
      if (this.#running.size === 0) this.idle();
      else this.answers.flushSoon();
    });
    this.#running.add(done);
    if (this.#running.size >= this.concurrency) await Promise.race(this.#running);
  }

  #succeed(id: string, attempt: number, started: number, returned: unknown): void {
    const value = returnedValue(returned, this.method);
    const text = isReturnedError(value) ? undefined : resultText(value);
    const now = this.#clock = Date.now();
    this.answers.add(
      text === undefined
        ? failureLine({ id, attempt, started }, now, returnedError(value))
        : successLine(id, attempt, now - started, text),
      now,
    );
  }

  #fail(call: Call, error: unknown, kind: FailureClass = "error"): void {
    const now = this.#clock = Date.now();
    this.answers.add(failureLine(call, now, toTaskError(error, kind)), now);
  }
}

const ID_AT = '{"id":'.length, ARGS_KEY = ',"args":'.length, ATTEMPT_KEY = ',"attempt":'.length;
const LETTER_R = 114;

function failureLine({ id, attempt, started }: Call, now: number, error: TaskError): string {
  return eventLine({ id: Number(id), attempt, type: "failed", ms: now - started, error });
}

/**
 * Collects lines and writes them in blocks.
 *
 * A block is led by a line of its own with its length in bytes and its number of lines. Others may
 * write to the same pipe at the same time, and a large write is no single one: where something got
 * in between, length and number tell.
 */
class Answers {
  #text = "";
  #lines = 0;
  #flushed = Date.now();
  #encoder = new TextEncoder();
  #buffer = new Uint8Array(4 * BLOCK_SIZE);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly flushMs: number) {}

  add(line: string, now = Date.now()): void {
    this.#text += RS + line + "\n";
    this.#lines++;
    if (this.#text.length >= BLOCK_SIZE || now - this.#flushed >= this.flushMs) this.flush(now);
  }

  control(message: unknown): void {
    this.#text += RS + JSON.stringify(message) + "\n";
    this.#lines++;
    this.flush();
  }

  /** Writes what there is before long, together with what comes until then. */
  flushSoon(): void {
    if (this.flushMs === 0) return this.flush();
    if (this.#lines === 0) return;
    this.#timer ??= setTimeout(() => this.flush(), this.flushMs);
  }

  flush(now = Date.now()): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = now;
    if (this.#lines === 0) return;
    const text = this.#text, lines = this.#lines;
    this.#text = "";
    this.#lines = 0;
    this.#writeAll(this.#encode(text, lines));
  }

  #encode(text: string, lines: number): Uint8Array {
    const room = 3 * text.length + HEAD_SIZE;
    const buffer = room > this.#buffer.length ? new Uint8Array(room) : this.#buffer;
    const { written } = this.#encoder.encodeInto(text, buffer.subarray(HEAD_SIZE));
    const head = `${RS}${written} ${lines}\n`;
    const start = HEAD_SIZE - head.length;
    this.#encoder.encodeInto(head, buffer.subarray(start));
    return buffer.subarray(start, HEAD_SIZE + written);
  }

  #writeAll(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeStdout(bytes.subarray(at));
    } catch (error) {
      // Without a way to answer there is nothing left to do.
      writeStderr(this.#encoder.encode(`stdout was closed: ${error}\n`));
      exit(1);
    }
  }
}

// Room in front of a block for the line that leads it.
const HEAD_SIZE = 32;

/** Makes what user code writes through JavaScript a line of the task that wrote it. */
function captureOutput(calls: Calls, answers: Answers): void {
  const log = (stream: "stdout" | "stderr") => (text: string) => {
    const { id, attempt } = calls.current;
    answers.add(JSON.stringify({ id: Number(id), attempt, stream, text }));
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

function newLocal(): Local {
  const { AsyncLocalStorage } = builtin("node:async_hooks") as {
    AsyncLocalStorage: new () => Local;
  };
  return new AsyncLocalStorage();
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
