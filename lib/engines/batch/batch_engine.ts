/**
 * Builds an engine from a system that accepts submissions and is polled for their state.
 *
 * @module
 */

import type { Engine } from "../engine.ts";
import type { BatchSystem } from "./backend.ts";
import type { Part } from "./part.ts";
import { Scheduler } from "./scheduler.ts";

/** Returns an engine that runs tasks on a system through a {@linkcode Scheduler}. */
export function batchEngine<P extends Part>(system: BatchSystem<P>): Engine {
  return {
    ...system,
    followsCancel: true,
    async *run(tasks, context) {
      await using scheduler = await Scheduler.begin(system, tasks, context);
      yield* scheduler.events();
    },
  };
}
