/**
 * An in-process system that accepts submissions and can be polled. It runs slices of tasks with an
 * engine, and keeps their events for controllers.
 *
 * @module
 */

import type { Refusal } from "../../lib/engines/batch/backend.ts";
import type { Engine, EngineContext } from "../../lib/engines/engine.ts";
import { type EventBatch, eventLine } from "../../lib/journal/format.ts";
import type { TaskBatch } from "../../lib/tasks/batch.ts";
import { updateLine } from "../../lib/journal/task_update.ts";
import { concatBytes } from "../../lib/util/bytes/bytes.ts";

/** One slice in the system. */
export class ProcessRun {
  /** The event lines, in one piece per batch. */
  readonly events: Uint8Array[] = [];
  /** The state that the system reports. */
  state: "running" | "ended" | "killed" = "running";
  /** The error of a function that cannot be called. */
  loadError: string | undefined;
  /** Settles when the run has ended. */
  readonly done: Promise<void>;
  #stop = new AbortController();
  #end = new AbortController();

  /**
   * Starts a slice.
   *
   * @param name the name of the run, and the prefix of the names of its workers
   */
  constructor(
    engine: Engine,
    readonly name: string,
    slice: readonly TaskBatch[],
    context: EngineContext,
  ) {
    const signals = { stop: this.#stop.signal, signal: this.#end.signal };
    this.done = this.#run(engine.run(listOf(slice), { ...context, ...signals }));
  }

  /** The number of pieces in `events`. */
  get count(): number {
    return this.events.length;
  }

  /** True when the run starts no more calls. */
  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Stops the run from starting calls. Running calls finish. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends the run immediately. */
  async kill(): Promise<void> {
    this.#end.abort();
    await this.done;
    this.state = "killed";
  }

  async #run(batches: AsyncIterable<EventBatch>): Promise<void> {
    try {
      for await (const batch of batches) this.events.push(this.#linesOf(batch));
    } catch (error) {
      this.loadError = (error as Error).message;
    }
    this.state = "ended";
  }

  /** Returns the lines of a batch, as the far side of a backend writes them to a file. */
  #linesOf({ lines, failures, logs, updates = [], span }: EventBatch): Uint8Array {
    const own = span && { span: { ...span, worker: `${this.name}.${span.worker}` } };
    const others = [
      ...failures.map(({ event }) => eventLine(event)),
      ...[...logs, ...own ? [own] : []].map((line) => JSON.stringify(line)),
    ];
    const text = others.map((line) => `${line}\n`).join("");
    const before = updates.map((update) => `${updateLine(update)}\n`).join("");
    return concatBytes([encode(before), lines, encode(text)]);
  }
}

/** The system. Its runs survive their controllers. */
export class ProcessSystem {
  /** The runs by their names, in the order of their start. */
  readonly runs = new Map<string, ProcessRun>();
  /** The answers to the next submissions; all others are accepted. */
  readonly refusals: Refusal[] = [];
  /** Delays the answers to polls until it resolves. Events do not need these answers then. */
  slowAnswer: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Delays the answers to all submissions after the first until it resolves. */
  slowSubmission: (() => Promise<void>) | undefined;
  /** Delays the changes of parts under way until it resolves. */
  slowChange: (() => Promise<void>) | undefined;
  /** Delays the answers to stops, which have their effect at once, until it resolves. */
  slowStop: (() => Promise<void>) | undefined;

  /**
   * Creates a system without runs.
   *
   * @param engine the engine that runs the slices
   */
  constructor(readonly engine: Engine) {}

  /** Starts a slice. */
  start(name: string, slice: readonly TaskBatch[], context: EngineContext): ProcessRun {
    const run = new ProcessRun(this.engine, name, slice, context);
    this.runs.set(name, run);
    return run;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function* listOf(slice: readonly TaskBatch[]): AsyncGenerator<TaskBatch> {
  yield* slice;
}
