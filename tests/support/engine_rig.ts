/**
 * Runs tasks on an engine, and collects the events.
 *
 * @module
 */

import { bundleTask } from "../../lib/bundle/build.ts";
import type { JobFunction } from "../../lib/bundle/program/program.ts";
import { programName } from "../../lib/job/program/programs.ts";
import type { Engine, EngineContext } from "../../lib/engines/engine.ts";
import type { EventBatch, FailedAttempt, LogLine, Span } from "../../lib/journal/format.ts";
import type { TaskUpdate } from "../../lib/journal/task_update.ts";
import { parseEvents } from "../../lib/journal/scan.ts";
import type { TaskBatch } from "../../lib/tasks/batch.ts";
import type { Folder } from "../../tools/support/files.ts";
import { assertEquals } from "./assert.ts";

/** Starts an engine's run, with the function's program in a folder. */
export async function start(
  engine: Engine,
  folder: Folder,
  target: JobFunction,
  tasks: AsyncIterable<TaskBatch>,
  context: Partial<EngineContext> = {},
): Promise<AsyncIterable<EventBatch>> {
  const bundle = `${folder.path}/${programName(target)}`;
  await Deno.writeTextFile(bundle, (await bundleTask(target)).code);
  return run(engine, folder, tasks, { bundle, ...context });
}

/** Starts an engine's run of a program, by default `bundle.js`, in a folder. */
export function run(
  engine: Engine,
  folder: Folder,
  tasks: AsyncIterable<TaskBatch>,
  context: Partial<EngineContext> = {},
): AsyncIterable<EventBatch> {
  return engine.run(tasks, { ...contextIn(folder), ...context });
}

/** Returns the context of a run of `bundle.js` in a folder. */
export function contextIn(folder: Folder): EngineContext {
  const never = new AbortController().signal;
  return {
    job: "a job",
    folder: folder.path,
    files: `${folder.path}/files`,
    grace: 0,
    bundle: `${folder.path}/bundle.js`,
    workers: 2,
    concurrency: 1,
    env: {},
    permissions: ["--allow-all"],
    cpus: 1,
    gpus: 0,
    image: "",
    settings: {},
    warn: () => {},
    stop: never,
    signal: never,
  };
}

/** The events of a run. */
export class Outcome {
  /** The results, by task id. */
  readonly results = new Map<number, unknown>();
  /** The number of the attempt that succeeded, by task id. */
  readonly attempts = new Map<number, number>();
  readonly failures: FailedAttempt[] = [];
  readonly logs: LogLine[] = [];
  readonly spans: Span[] = [];
  readonly updates: TaskUpdate[] = [];

  /** Collects all events of a run. */
  static async of(events: AsyncIterable<EventBatch>): Promise<Outcome> {
    const outcome = new Outcome();
    for await (const batch of events) outcome.add(batch);
    return outcome;
  }

  /** Adds one batch, and checks that it is consistent. */
  add({ lines, results, succeeded, failures, logs, updates = [], span }: EventBatch): void {
    const events = parseEvents(new TextDecoder().decode(lines));
    assertEquals(events.length, succeeded, "succeeded is the number of events");
    const returned = split(results).map((line) => JSON.parse(line));
    assertEquals(returned, events.map((event) => event.type === "succeeded" && event.result));
    for (const [i, { id, attempt }] of events.entries()) {
      assertEquals(this.results.has(id), false, `task ${id} has one event`);
      this.results.set(id, returned[i]);
      this.attempts.set(id, attempt);
    }
    this.failures.push(...failures);
    this.logs.push(...logs);
    this.updates.push(...updates);
    if (span) this.spans.push(span);
  }

  /** Returns the results in the order of the list. */
  inOrder(): unknown[] {
    return [...this.results].sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  /** Returns the failures in the order of the list, without their times and stacks. */
  errors(): unknown[] {
    return this.failures.map(({ event: { host: _host, ...event }, args }) => {
      const { stack: _stack, ...error } = event.error;
      return { ...event, ms: 0, error, args: new TextDecoder().decode(args) };
    }).sort((a, b) => a.id - b.id);
  }

  /** Returns the text that a task wrote to one of its streams. */
  logOf(id: number, stream: LogLine["stream"]): string {
    return this.logs.filter((line) => line.id === id && line.stream === stream)
      .map(({ text }) => text).join("");
  }
}

function split(lines: Uint8Array): string[] {
  const text = new TextDecoder().decode(lines);
  return text === "" ? [] : text.slice(0, -1).split("\n");
}
