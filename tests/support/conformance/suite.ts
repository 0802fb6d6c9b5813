/**
 * The tests of one engine: their names, their limits, and the start of a run.
 *
 * @module
 */

import type { JobFunction } from "../../../lib/bundle/program.ts";
import type { Engine, EngineContext } from "../../../lib/engines/engine.ts";
import type { EventBatch } from "../../../lib/journal/format.ts";
import type { TaskBatch } from "../../../lib/tasks/batch.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assertLess } from "../assert.ts";
import { start } from "../engine_rig.ts";

/** The differences between engines. */
export interface EngineTraits {
  /** True when a worker can have several calls under way. @default {true} */
  readonly overlaps?: boolean;
  /** True when the engine returns the output of tasks as log lines. @default {true} */
  readonly hasLogs?: boolean;
  /** The maximum number of tasks that have been read but have no event yet. @default {100_000} */
  readonly readAhead?: number;
  /** The reason that the engine cannot run on this machine, if it cannot. */
  readonly whyNot?: string | undefined;
  /** The differences in the context of each run. @default {{}} */
  readonly context?: Partial<EngineContext>;
}

/** The functions for testing one engine. */
export interface Suite {
  /** The differences of this engine. */
  readonly traits: Required<Pick<EngineTraits, "overlaps" | "hasLogs" | "readAhead">>;
  /** Registers a test in its own folder. */
  test(
    claim: string,
    fn: (folder: Folder) => Promise<void>,
    options?: Partial<Deno.TestDefinition>,
  ): void;
  /** Starts a run of the engine. */
  begin(
    folder: Folder,
    target: JobFunction,
    tasks: AsyncIterable<TaskBatch>,
    more?: Partial<EngineContext>,
  ): Promise<AsyncIterable<EventBatch>>;
}

/** Creates the functions for testing an engine. */
export function makeSuite(name: string, engine: Engine, traits: EngineTraits): Suite {
  const { overlaps = true, hasLogs = true, readAhead = 100_000, whyNot, context = {} } = traits;
  const skipped = whyNot ? ` (skipped: ${whyNot})` : "";
  return {
    traits: { overlaps, hasLogs, readAhead },
    begin: (folder, target, tasks, more = {}) =>
      start(engine, folder, target, tasks, { ...context, ...more }),
    test: (claim, fn, options = {}) =>
      Deno.test({
        ...options,
        name: `${name}: ${claim}${skipped}`,
        ignore: whyNot !== undefined,
        fn: async () => {
          await using folder = await makeFolder();
          await within(fn(folder), claim);
        },
      }),
  };
}

/** An endless list that counts how far it has been read. */
export class Endless {
  /** The number of arguments that have been read. */
  read = 0;

  constructor(readonly args: (id: number) => unknown = (id) => id) {}

  /** Returns the list as tasks. */
  tasks(): AsyncIterable<TaskBatch> {
    return toTasks(this.#values());
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

  async *#values(): AsyncGenerator<unknown> {
    while (true) yield this.args(this.read++);
  }
}
