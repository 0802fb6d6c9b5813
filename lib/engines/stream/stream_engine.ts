/**
 * Builds an engine from a system of machines that answer a stream.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import type { Engine } from "../engine.ts";
import { describeHosts } from "./host_report.ts";
import type { StreamSystem } from "./place.ts";
import { givenTasks } from "./mirror.ts";
import { StreamRun } from "./stream_run.ts";

/** Returns an engine that runs tasks on machines. */
export function streamEngine(system: StreamSystem): Engine {
  return {
    ...system,
    async *run(tasks, context) {
      const places = await system.open(context);
      try {
        yield* (await StreamRun.create(system.name, tasks, context, places)).events();
      } finally {
        await places.close?.();
      }
    },
    describe: (folder) =>
      Promise.resolve(describeHosts(folder, system.name).map(({ text }) => text)),
    given: (folder) => Promise.resolve(givenTasks(engineFolder(folder, system.name))),
  };
}
