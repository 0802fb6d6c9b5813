/**
 * The contexts that a worker passes to the user's functions.
 *
 * @module
 */

import { CONTEXT } from "../compat/decorators.ts";
import type { LogLine } from "../journal/format.ts";
import { withoutOurFrames } from "../journal/task_error.ts";
import type { TaskUpdate } from "../journal/task_update.ts";
import { asText, keysOf, newDict, round } from "../util/builtins.ts";
import { isDict } from "../util/is_dict.ts";
import { parseArguments } from "../values/big_numbers.ts";
import { plainCopy } from "../values/plain_copy.ts";
import type { ValueChange, ValuePolicy } from "../values/policy.ts";
import { stringify } from "../values/stringify.ts";
import { boundedText, inspectValue, unlessThrown } from "../values/thrown.ts";
import type { SetupContext, TaskCheckpoint, TaskContext } from "./context.ts";
import { LimitedUpdates } from "./limited_updates.ts";

/** The worker that contexts belong to. */
export interface ContextHost {
  /** The id of the job. */
  readonly job: string;
  /** The folder for the files of the job. */
  readonly files: FilesFolder;
  /** The treatment of values that cannot be represented exactly. */
  readonly policy: ValuePolicy;
  /** Sends an update at once. */
  update(update: TaskUpdate): void;
  /** Adds a log line. */
  log(line: LogLine): void;
  /** Counts a value that changed. */
  change(change: ValueChange, place: string): void;
  /** Called when a call reads its signal. A call that waits for it must not end the process. */
  keepAlive(): void;
}

/** The id and the attempt of a call. */
export interface CallId {
  /** The task's id, from 0. */
  readonly id: number;
  /** The attempt, from 1. */
  readonly attempt: number;
}

// The contexts of `setup` and `teardown` belong to no task.
const NO_TASK: CallId = { id: -1, attempt: 1 };
const { makeTempDirSync, mkdirSync } = Deno;

/** The folder for the files of a job. */
export class FilesFolder {
  #made: string | undefined;

  /**
   * Creates an object that does not create the folder.
   *
   * @param given the absolute path. @default {a temporary folder}
   */
  constructor(readonly given: string | undefined) {}

  /** The path of the folder, which exists. */
  get path(): string {
    return this.#made ??= this.#make();
  }

  #make(): string {
    if (this.given === undefined) return makeTempDirSync({ prefix: "dl_jobs_" });
    mkdirSync(this.given, { recursive: true, mode: 0o700 });
    return this.given;
  }
}

/** The context of `setup` and `teardown`. The methods need no `this`. */
export class LiveContext implements SetupContext {
  /** Marks a context among the arguments of a function. */
  readonly [CONTEXT] = true;
  readonly job: string;
  readonly #host: ContextHost;
  readonly #call: CallId;
  #abort: AbortController | undefined;
  #reason: Error | undefined;

  /** Creates the context of a call, or of `setup` and `teardown`. */
  constructor(host: ContextHost, call: CallId = NO_TASK) {
    this.#host = host;
    this.job = host.job;
    this.#call = call;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      this.#host.keepAlive();
      if (this.#reason) this.#abort.abort(this.#reason);
    }
    return this.#abort.signal;
  }

  get dir(): string {
    return this.#host.files.path;
  }

  readonly log = (text: string, fields?: Readonly<Record<string, unknown>>): void => {
    const { id, attempt } = this.#call;
    const line = typeof text === "string" ? text : shown(text);
    const own = fields === undefined || fields === null ? undefined : toFields(fields);
    this.#host.log({ id, attempt, stream: "log", text: line, fields: own });
  };

  /** True when the call has been asked to end. */
  get isAborted(): boolean {
    return this.#reason !== undefined;
  }

  /** Aborts the signal. */
  abort(reason: Error): void {
    this.#reason = reason;
    this.#abort?.abort(reason);
  }
}

/**
 * Returns fields that JSON can represent, with a text for each other value, such as an error. A line
 * of the log never fails its task.
 */
function toFields(fields: unknown): Record<string, unknown> {
  const copy = unlessThrown(() => plainCopy(fields, "fields", () => {}));
  if (isDict(copy)) return copy;
  const own = newDict();
  if (copy !== undefined || !isDict(fields)) own.value = copy ?? shown(fields);
  else for (const key of keysOf(fields)) own[key] = fieldOf(fields, key);
  return own;
}

function fieldOf(fields: Record<string, unknown>, key: string): unknown {
  const value = unlessThrown(() => fields[key]);
  if (value === undefined || value === null) return value;
  return unlessThrown(() => plainCopy(value, key, () => {})) ?? unlessThrown(() => shown(value));
}

/** Returns the text of a value, as the console prints it. */
function shown(value: unknown): string {
  return withoutOurFrames(inspectValue(value));
}

/** The longest JSON text of a checkpoint, in characters. */
const MAX_CHECKPOINT = 1_000_000;
/** The longest text of a progress, in characters. */
const MAX_TEXT = 200;

/** The context of one call. */
export class LiveTaskContext extends LiveContext implements TaskContext {
  readonly task: number;
  readonly attempt: number;
  readonly state: unknown;
  readonly checkpoint: TaskCheckpoint;
  readonly #host: ContextHost;
  readonly #call: CallId;
  #saved: string | undefined;
  #isEnded = false;
  #checkpoints = new LimitedUpdates<string>((value) =>
    this.#host.update({ ...this.#call, type: "checkpoint", value })
  );
  #progress = new LimitedUpdates<Progress>((progress) => this.#sendProgress(progress));

  /**
   * Creates the context of a call.
   *
   * @param state the value that `setup` returned
   * @param saved the last checkpoint of the task as JSON text, if any
   */
  constructor(host: ContextHost, call: CallId, state: unknown, saved: string | undefined) {
    super(host, call);
    this.#host = host;
    this.#call = { id: call.id, attempt: call.attempt };
    this.task = call.id;
    this.attempt = call.attempt;
    this.state = state;
    this.#saved = saved;
    const last = () => this.#last();
    this.checkpoint = {
      get last() {
        return last();
      },
      save: (value) => this.#save(value),
    };
  }

  readonly progress = (fraction: number, text?: string): void => {
    if (this.#isEnded) return;
    // A fraction such as 0 / 0 is not worth a failure.
    this.#progress.add({ fraction: fraction > 0 ? fraction < 1 ? fraction : 1 : 0, text });
  };

  /** Notes that the call has ended. Its last checkpoint is sent when another attempt may follow. */
  end(hasFailed: boolean): void {
    this.#isEnded = true;
    this.#progress.drop();
    // A task that returns after its time limit fails.
    if (hasFailed || this.isAborted) this.#checkpoints.flush();
    else this.#checkpoints.drop();
  }

  #last(): unknown {
    const { policy } = this.#host, onChange = this.#host.change.bind(this.#host);
    return this.#saved === undefined ? undefined : parseArguments(this.#saved, policy, onChange);
  }

  #save(value: unknown): void {
    if (this.#isEnded) throw cannotSave(this.task, "the task has ended");
    const onNonFinite = (path: string) => this.#host.change("nonFinite", path);
    const text = value === undefined ? "null" : stringify(value, "checkpoint", onNonFinite);
    if (text.length > MAX_CHECKPOINT) throw cannotSave(this.task, tooLong(text.length));
    this.#saved = text;
    this.#checkpoints.add(text);
  }

  #sendProgress({ fraction, text }: Progress): void {
    const shown = text === undefined ? undefined : boundedText(asText(text), MAX_TEXT);
    const rounded = round(fraction * 1e4) / 1e4;
    this.#host.update({ ...this.#call, type: "progress", fraction: rounded, text: shown });
  }
}

/** The arguments of `ctx.progress`. */
interface Progress {
  readonly fraction: number;
  readonly text?: string | undefined;
}

function cannotSave(task: number, why: string): RangeError {
  return new RangeError(`Cannot save a checkpoint of task ${task}: ${why}`);
}

function tooLong(length: number): string {
  return `its JSON has ${length} characters, more than ${MAX_CHECKPOINT}; write a file in ctx.dir ` +
    "and save its path";
}
