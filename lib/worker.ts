/**
 * The far side: reads task lines, calls the function, writes event lines.
 *
 * This is bundled with the user's code into one program, so it imports as little as it can. What it
 * writes stands between RS bytes (as in RFC 7464): what user code or its children write to the same
 * stdout does not, and so can be told apart.
 *
 * @module
 */

import { Answers } from "./answers.ts";
import {
  dlJobsCall,
  isReturnedError,
  type Method,
  resultText,
  returnedError,
  returnedValue,
  toTaskError,
} from "./call.ts";
import { builtin, captureInput, captureOutput, exit, writeStderr } from "./capture.ts";
import { eventLine, type FailureClass, successLine, type TaskError } from "./event.ts";
import { numberText } from "./helpers.ts";
import { readBlocks } from "./ndjson.ts";
import { argsText } from "./task.ts";

/** What a worker is told on its command line, as JSON. */
export interface WorkerOptions {
  /** How many calls may be under way at the same time. @default {1} */
  readonly concurrency?: number;
  /** How long an answer may wait for company, in milliseconds. @default {10} */
  readonly flushMs?: number;
  /** Whether lines stand in blocks, for an engine; not when a person runs the program. @default {true} */
  readonly isFramed?: boolean;
  /** One task, for a person: nothing is captured, and the result is the only line on stdout. */
  readonly plain?: boolean;
}

// How long the other side may wait for an answer that was torn.
const IDLE_MS = 500;
const NEWLINE = 10;

/** Runs tasks from stdin until it ends. */
export async function serve(
  load: () => Promise<{ default: Method }>,
  options: WorkerOptions = JSON.parse(Deno.args[0] ?? '{"isFramed":false}'),
): Promise<void> {
  if (options.plain) return await servePlain(load);
  const answers = new Answers(options.flushMs ?? 10, options.isFramed ?? true);
  const calls = new Calls(answers, options.concurrency ?? 1);
  const tasks = readBlocks(Deno.stdin.readable);
  captureInput();
  captureOutput({
    onText: (stream, text) => {
      const { id, attempt } = calls.current;
      answers.add(JSON.stringify({ id: Number(id), attempt, stream, text }));
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
  for await (const block of tasks) await calls.take(block);
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
function endBroken(answers: Answers, error: TaskError): never {
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
  #text = "";
  #at = 0;
  #next = 0;
  #clock = 0;
  #awaited: Promise<void> | undefined;
  #taken = 0;
  #repeat: ReturnType<typeof setTimeout> | undefined;
  #running = new Set<Promise<void>>();
  #local: Local | undefined;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readonly answers: Answers, readonly concurrency: number) {
    if (concurrency > 1) this.#local = newLocal();
  }

  /** The call that the running code belongs to; between calls, the last one. */
  get current(): Call {
    return this.#local?.getStore() ?? { ...readHead(this.#text, this.#at), started: this.#clock };
  }

  /** Starts each task of some lines, and waits where all places are taken. */
  async take(block: Uint8Array): Promise<void> {
    clearTimeout(this.#repeat);
    const text = this.#decode(block);
    this.#text = text;
    this.#clock = Date.now();
    for (let at = 0; at < text.length;) {
      if (!this.#local) at = this.#runAtOnce(text, at);
      const running = this.#awaited ?? (at < text.length ? this.#start(text, at) : undefined);
      this.#awaited = undefined;
      if (running) await this.#place(running);
      at = this.#next;
    }
    if (this.#running.size === 0) this.idle();
    else this.answers.flush();
  }

  /**
   * Runs one task after the other as long as each returns at once, and gives where it stopped: at a
   * task that is not begun, or behind one that is awaited.
   *
   * All that happens for a task that does nothing happens in this loop.
   */
  #runAtOnce(text: string, from: number): number {
    const { method, answers } = this;
    let at = from;
    while (at < text.length) {
      const comma = text.indexOf(",", at + ID_AT);
      // A later attempt is rare.
      if (text.charCodeAt(comma + 3) !== LETTER_R) break;
      const end = text.indexOf("\n", comma);
      this.#at = at;
      this.#next = at = end + 1;
      this.#taken++;
      try {
        const value = dlJobsCall(method, JSON.parse(text.slice(comma + ARGS_KEY, end - 1)));
        if (typeof value === "number") {
          const result = numberText(value);
          const started = this.#clock, now = this.#clock = Date.now();
          const id = text.slice(this.#at + ID_AT, comma);
          answers.succeed(successLine(id, 1, now - started, result), result, now);
        } else if (isPromise(value)) {
          this.#awaited = this.#settle(this.current, value);
          return at;
        } else this.#succeed(this.current, value);
      } catch (error) {
        this.#fail(this.current, error);
      }
    }
    this.#next = at;
    return at;
  }

  #decode(block: Uint8Array): string {
    try {
      return this.#decoder.decode(block);
    } catch {
      return this.#decodeLines(block);
    }
  }

  /** The lines of a block that are text; the tasks of the others fail. */
  #decodeLines(block: Uint8Array): string {
    let lines = "";
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start) + 1, line = block.subarray(start, end);
      start = end;
      try {
        lines += this.#decoder.decode(line);
      } catch {
        this.#text = new TextDecoder().decode(line);
        this.#at = 0;
        this.#taken++;
        this.#fail(
          this.current,
          new TypeError("its arguments are no UTF-8, convert the list first"),
        );
      }
    }
    return lines;
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
    // That may be torn too.
    clearTimeout(this.#repeat);
    const repeat = this.#repeat = setTimeout(() => this.idle(), IDLE_MS);
    Deno.unrefTimer(repeat);
  }

  /** Starts the task whose line stands at an offset: `{"id":3,"attempt":2,"args":...}`. */
  #start(text: string, at: number): Promise<void> | undefined {
    const end = text.indexOf("\n", at);
    this.#at = at;
    this.#next = end + 1;
    this.#taken++;
    const call = this.current;
    const run = () => this.#call(call, text.slice(at, end));
    return this.#local ? this.#local.run(call, run) : run();
  }

  #call(call: Call, line: string): Promise<void> | undefined {
    try {
      const value = dlJobsCall(this.method, JSON.parse(argsOf(line)));
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

  #succeed(call: Call, returned: unknown): void {
    const value = returnedValue(returned, this.method);
    if (isReturnedError(value)) return this.#answer(call, returnedError(value));
    const text = resultText(value);
    const now = this.#clock = Date.now();
    const { id, attempt, started } = call;
    this.answers.succeed(successLine(id, attempt, now - started, text), text, now);
  }

  #fail(call: Call, error: unknown, kind: FailureClass = "error"): void {
    this.#answer(call, toTaskError(error, kind));
  }

  #answer({ id, attempt, started }: Call, error: TaskError): void {
    const now = this.#clock = Date.now();
    const ms = now - started;
    this.answers.add(eventLine({ id: Number(id), attempt, type: "failed", ms, error }), now);
  }
}

const ID_AT = '{"id":'.length, ARGS_KEY = ',"args":'.length, ATTEMPT_KEY = ',"attempt":'.length;
const LETTER_R = 114;

/** What stands before the arguments of the task whose line stands at an offset. */
function readHead(text: string, at: number): { id: string; attempt: number } {
  if (text === "") return { id: "-1", attempt: 1 };
  const comma = text.indexOf(",", at);
  const id = text.slice(at + ID_AT, comma);
  if (text.charCodeAt(comma + 3) === LETTER_R) return { id, attempt: 1 };
  return { id, attempt: Number(text.slice(comma + ATTEMPT_KEY, text.indexOf(",", comma + 1))) };
}

function argsOf(line: string): string {
  return line.slice(line.indexOf('"args":') + ARGS_KEY - 1, -1);
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
