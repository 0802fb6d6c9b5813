/**
 * Turns a system that is submitted to and asked into an engine.
 *
 * @module
 */

import type { Engine } from "../engine.ts";
import type { BatchSystem } from "./backend.ts";
import type { Part } from "./part.ts";
import { Scheduler } from "./scheduler.ts";

/** Returns an engine that runs tasks on a system by the one scheduler. */
export function batchEngine<P extends Part>(system: BatchSystem<P>): Engine {
  return {
    ...system,
    async *run(tasks, context) {
      await using scheduler = await Scheduler.begin(system, tasks, context);
      yield* scheduler.events();
    },
  };
}
