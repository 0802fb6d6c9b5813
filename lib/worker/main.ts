/**
 * The far side: reads tasks, calls the function, writes what became of them.
 *
 * This is bundled with the user's code into one program, so it imports as little as it can. What it
 * writes stands between RS bytes (as in RFC 7464): what user code or its children write to the same
 * stdout does not, and so can be told apart.
 *
 * @module
 */

import { eventLine, type FailureClass, successLine, type TaskError } from "../journal/format.ts";
import { isReturnedError, returnedError, toTaskError } from "../journal/task_error.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { argsText, HEAD_MARK } from "../tasks/batch.ts";
import { dlJobsCall, type Method, resultText, returnedValue } from "./invoke.ts";
import { ResponseWriter } from "./response_writer.ts";
import { builtin, captureInput, captureOutput, exit, stdin, writeStderr } from "./stdio.ts";

/** What a worker is told on its command line, as JSON. */
export interface WorkerOptions {
  /** How many calls may be under way at the same time. @default {1} */
  readonly concurrency?: number;
  /** How long an answer may wait for company, in milliseconds. @default {50} */
  readonly flushMs?: number;
  /** Whether lines stand in blocks, for an engine; not when a person runs the program. @default {true} */
  readonly isFramed?: boolean;
  /** One task, for a person: nothing is captured, and the result is the only line on stdout. */
  readonly plain?: boolean;
}

// Among very short tasks the clock is looked at for one in so many: their run has what they took.
const CLOCK_EVERY = 8;
const NEWLINE = 10, ZERO = 48, NINE = 57, HEAD_CODE = HEAD_MARK.charCodeAt(0);

/** Runs tasks from stdin until it ends. */
export async function serve(
  load: () => Promise<{ default: Method }>,
  options: WorkerOptions = JSON.parse(Deno.args[0] ?? '{"isFramed":false}'),
): Promise<void> {
  if (options.plain) return await servePlain(load);
  const answers = new ResponseWriter(options.flushMs ?? 50, options.isFramed ?? true);
  const calls = new Calls(answers, options.concurrency ?? 1);
  captureInput();
  captureOutput({
    onText: (stream, text) => {
      const { id, attempt } = calls.current;
      answers.add(JSON.stringify({ id, attempt, stream, text }));
    },
    onExit: (reason) => calls.abandon(reason, "crash"),
  });
  try {
    calls.method = (await load()).default;
  } catch (error) {
    endBroken(answers, toTaskError(error));
  }
  if (typeof calls.method !== "function") endBroken(answers, NO_FUNCTION);
  calls.idle();
  for await (const block of readBlocks(stdin)) await calls.take(block);
  await calls.end();
  // A timer or a child that a task left behind must not keep the process.
  exit(0);
}

const NO_FUNCTION: TaskError = {
  message: "the export is no function",
  type: "NoFunction",
  class: "error",
};

/** Ends a worker that has no function to call. */
function endBroken(answers: ResponseWriter, error: TaskError): never {
  answers.control({ broken: error });
  // A person who runs the program by hand reads no control lines.
  if (!answers.isFramed) writeStderr(new TextEncoder().encode(`${error.stack ?? error.message}\n`));
  return exit(1);
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

/** A call that is under way. */
interface Call {
  readonly id: number;
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
  #text = "";
  #at = 0;
  #id = -1;
  #attempt = 1;
  #clock = 0;
  /** Whether the last task, or few of them, took no time that a clock shows. */
  #isShort = false;
  #awaited: Promise<void> | undefined;
  #taken = 0;
  #running = new Set<Promise<void>>();
  #local: Local | undefined;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readonly answers: ResponseWriter, readonly concurrency: number) {
    if (concurrency > 1) this.#local = newLocal();
  }

  /** The call that the running code belongs to; between calls, the last one. */
  get current(): Call {
    return this.#local?.getStore() ??
      { id: this.#id, attempt: this.#attempt, started: this.#clock };
  }

  /** Starts each task of some lines, and waits where all places are taken. */
  async take(block: Uint8Array): Promise<void> {
    this.#clock = Date.now();
    const text = this.#decode(block);
    if (text !== undefined) await this.#takeText(text);
    else for (const line of linesOf(block)) await this.#takeLine(line);
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

  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }

  async #takeLine(line: Uint8Array): Promise<void> {
    const text = this.#decode(line);
    if (text !== undefined) return await this.#takeText(text);
    this.#next();
    this.#fail(this.current, NO_TEXT);
  }

  async #takeText(text: string): Promise<void> {
    this.#text = text;
    this.#at = 0;
    while (this.#at < text.length) {
      if (!this.#local) this.#runAtOnce();
      const running = this.#awaited ?? (this.#at < text.length ? this.#start() : undefined);
      this.#awaited = undefined;
      if (running) await this.#place(running);
    }
  }

  /**
   * Runs one task after the other as long as each returns at once, and stops at a line that is no
   * first attempt, or behind a task that is awaited.
   *
   * All that happens for a task that does nothing happens in this loop.
   */
  #runAtOnce(): void {
    const { method, answers } = this, text = this.#text;
    while (this.#at < text.length && this.#attempt === 1) {
      if (text.charCodeAt(this.#at) === HEAD_CODE) break;
      this.#next();
      try {
        const value = dlJobsCall(method, this.#read());
        if (typeof value === "number") {
          const isShort = this.#isShort;
          const now = isShort && this.#id % CLOCK_EVERY > 0 ? this.#clock : this.#look();
          this.#clock = answers.succeedNumber(this.#id, value, now - this.#clock, now, isShort);
        } else if (isPromise(value)) {
          this.#awaited = this.#settle(this.current, value);
          return;
        } else this.#succeed(this.current, value);
      } catch (error) {
        this.#fail(this.current, error);
      }
    }
  }

  /** What time it is. To look costs more than a task that does nothing. */
  #look(): number {
    const now = Date.now();
    this.#isShort = now === this.#clock;
    return now;
  }

  /** Reads the next line. What is only digits needs no parser. */
  #read(): unknown {
    const text = this.#text, start = this.#at;
    let at = start, value = 0, code = text.charCodeAt(at);
    // JSON has no zero before other digits, and a number holds 15 of them.
    if (code !== ZERO) {
      for (const most = start + 15; code >= ZERO && code <= NINE && at < most;) {
        value = 10 * value + code - ZERO;
        code = text.charCodeAt(++at);
      }
    }
    if (code === NEWLINE && at > start) {
      this.#at = at + 1;
      return value;
    }
    const end = text.indexOf("\n", at);
    this.#at = end + 1;
    return JSON.parse(text.slice(start, end));
  }

  /** Starts the task in the next line, if there is one in it. */
  #start(): Promise<void> | undefined {
    if (this.#text.charCodeAt(this.#at) === HEAD_CODE) return this.#readHead();
    this.#next();
    const call = this.current;
    const run = () => this.#call(call);
    return this.#local ? this.#local.run(call, run) : run();
  }

  /** Takes note of which task is in the next line. */
  #readHead(): undefined {
    const end = this.#text.indexOf("\n", this.#at);
    const [id, attempt] = this.#text.slice(this.#at + 1, end).split(" ").map(Number);
    this.#at = end + 1;
    this.#id = id! - 1;
    this.#attempt = attempt!;
  }

  #next(): void {
    this.#id++;
    this.#taken++;
  }

  #call(call: Call): Promise<void> | undefined {
    try {
      const value = dlJobsCall(this.method, this.#read());
      if (isPromise(value)) return this.#settle(call, value);
      this.#succeed(call, value);
    } catch (error) {
      this.#fail(call, error);
    }
    return undefined;
  }

  async #settle(call: Call, value: PromiseLike<unknown>): Promise<void> {
    // What has been answered must not wait for what may take long.
    this.answers.flushSoon();
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
      else this.answers.flushSoon();
    });
    this.#running.add(done);
    if (this.#running.size >= this.concurrency) await Promise.race(this.#running);
  }

  #succeed({ id, attempt, started }: Call, returned: unknown): void {
    const value = returnedValue(returned, this.method);
    if (isReturnedError(value)) {
      return this.#answer({ id, attempt, started }, returnedError(value));
    }
    const text = resultText(value);
    const now = Date.now(), ms = now - started;
    this.#clock = attempt === 1
      ? this.answers.succeed(id, text, ms, now)
      : this.answers.add(successLine(id, attempt, ms, text), now);
  }

  #fail(call: Call, error: unknown, kind: FailureClass = "error"): void {
    this.#answer(call, toTaskError(error, kind));
  }

  #answer({ id, attempt, started }: Call, error: TaskError): void {
    const now = Date.now(), ms = now - started;
    this.#clock = this.answers.add(eventLine({ id, attempt, type: "failed", ms, error }), now);
  }
}

const NO_TEXT = new TypeError("its arguments are no UTF-8, convert the list first");

function linesOf(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0, end; start < block.length; start = end) {
    end = block.indexOf(NEWLINE, start) + 1;
    lines.push(block.subarray(start, end));
  }
  return lines;
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
