/**
 * The tests of one engine: their names, their limits, and the start of a run.
 *
 * @module
 */

import type { Engine, EngineContext } from "../../../lib/engines/engine.ts";
import type { EventBatch } from "../../../lib/journal/format.ts";
import { Attempts } from "../../../lib/tasks/attempts.ts";
import type { TaskBatch } from "../../../lib/tasks/batch.ts";
import { parsePolicy } from "../../../lib/tasks/retry.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assertEquals, assertLess } from "../assert.ts";
import { besides } from "../besides.ts";
import { Outcome, start } from "../engine_rig.ts";
import { skipSuffix } from "../programs.ts";
import { functionOf, type Functions, type Kind, KIND_NAMES } from "./kinds.ts";

/** The differences between engines. */
export interface EngineTraits {
  /** The kinds of functions that the engine runs. @default {["javascript"]} */
  readonly kinds?: readonly Kind[];
  /** True when a worker can have several calls under way. @default {true} */
  readonly overlaps?: boolean;
  /** True when the engine returns the output of tasks as log lines. @default {true} */
  readonly hasLogs?: boolean;
  /** True when the engine returns the progress of tasks while they run. @default {true} */
  readonly hasUpdates?: boolean;
  /** True when the engine limits the time of tasks. @default {true} */
  readonly hasTimeout?: boolean;
  /** The maximum number of tasks that have been read but have no event yet. @default {100_000} */
  readonly readAhead?: number;
  /** The time limit of a test, in milliseconds. @default {the usual limit} */
  readonly limitMs?: number;
  /**
   * The number of tests at a time, for an engine that makes its tests wait: they are then the steps
   * of one test. @default {each test by itself}
   */
  readonly lanes?: number | undefined;
  /** The reason that the engine cannot run on this machine, if it cannot. */
  readonly whyNot?: string | undefined;
  /** The differences in the context of each run. @default {{}} */
  readonly context?: Partial<EngineContext>;
}

/** The place and the function of one test. */
export interface Trial {
  /** The kind of the function. */
  readonly kind: Kind;
  /** The folder of the test. */
  readonly folder: Folder;
  /** Starts a run of the function. */
  begin(
    tasks: AsyncIterable<TaskBatch>,
    more?: Partial<EngineContext>,
  ): Promise<AsyncIterable<EventBatch>>;
}

/** The functions for testing one engine. */
export interface Suite {
  /** The differences of this engine. */
  readonly traits: Required<
    Pick<EngineTraits, "overlaps" | "hasLogs" | "hasUpdates" | "hasTimeout" | "readAhead">
  >;
  /** Registers a test for each kind of function, in its own folder. */
  test(
    claim: string,
    functions: Functions,
    fn: (trial: Trial) => Promise<void>,
    options?: Partial<Deno.TestDefinition>,
  ): void;
  /** Registers the tests that run several at a time. */
  end(): void;
}

/** Creates the functions for testing an engine. */
export function makeSuite(name: string, engine: Engine, traits: EngineTraits): Suite {
  const { overlaps = true, hasLogs = true, readAhead = 100_000, whyNot, context = {} } = traits;
  const { kinds = ["javascript"], hasUpdates = true, hasTimeout = true, lanes } = traits;
  const steps: (readonly [name: string, fn: () => Promise<void>])[] = [];
  const skippable = (name: string) => ({
    name: `${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
  });
  return {
    traits: { overlaps, hasLogs, hasUpdates, hasTimeout, readAhead },
    test(claim, functions, fn, options = {}) {
      for (const kind of kinds.filter((kind) => functions[kind] !== undefined)) {
        const begin = async (folder: Folder, tasks: AsyncIterable<TaskBatch>, more = {}) => {
          const target = await functionOf(folder, functions, kind);
          return await start(engine, folder, target, tasks, { ...context, ...more });
        };
        const play = async () => {
          await using folder = await makeFolder();
          const trial = { kind, folder, begin: begin.bind(undefined, folder) };
          await within(fn(trial), claim, traits.limitMs);
        };
        const title = `${name}, ${KIND_NAMES[kind]}: ${claim}`;
        if (lanes !== undefined) steps.push([title, play]);
        else Deno.test({ ...options, ...skippable(title), fn: play });
      }
    },
    end() {
      if (lanes === undefined) return;
      const fn = (t: Deno.TestContext) => besides(t, steps, lanes);
      Deno.test({ ...skippable(`${name}: the suite of engines`), fn });
    },
  };
}

/** Runs tasks, and runs failed tasks once more. */
export async function runTwice({ begin }: Trial, list: readonly unknown[]): Promise<Outcome> {
  const attempts = new Attempts(toTasks(list), {
    ...{ policy: parsePolicy({}, 2), limits: {}, backoff: 1 },
  });
  const outcome = new Outcome();
  for await (const batch of await begin(attempts)) {
    outcome.add(batch);
    const ended = batch.failures.filter((failure) => !attempts.retry(failure));
    assertEquals(ended, []);
    attempts.end(batch.succeeded, batch.lines, []);
  }
  return outcome;
}

const NO_QUEUE = { highWaterMark: 0 };

/** An endless list that counts how far it has been read. */
export class Endless {
  /** The number of arguments that have been read. */
  read = 0;

  constructor(readonly args: (id: number) => unknown = (id) => id) {}

  /** Returns the list as tasks. */
  tasks(): AsyncIterable<TaskBatch> {
    // Lines are read much faster than values, and some engines read a million tasks ahead.
    return toTasks(new ReadableStream({ pull: (out) => out.enqueue(this.#lines()) }, NO_QUEUE));
  }

  /**
   * Waits until the list is no longer read. Fails when `limit` or more further arguments are read.
   */
  async untilStill(limit: number): Promise<void> {
    const from = this.read;
    for (let quiet = 0; quiet < 20; quiet++) {
      const before = this.read;
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (this.read !== before) quiet = 0;
      assertLess(this.read - from, limit);
    }
  }

  #lines(): Uint8Array<ArrayBuffer> {
    const lines = Array.from({ length: 100 }, () => JSON.stringify(this.args(this.read++)) + "\n");
    return new TextEncoder().encode(lines.join(""));
  }
}
