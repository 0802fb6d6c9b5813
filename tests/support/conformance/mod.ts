/**
 * The suite that every engine passes. A new engine adds a file with one line, `testEngine("slurm",
 * slurm)`, and a fake of the system that the engine talks to.
 *
 * @module
 */

import type { Engine } from "../../../lib/engines/engine.ts";
import { testContext } from "./context.ts";
import { testEvents } from "./events.ts";
import { testFlow } from "./flow.ts";
import { type EngineTraits, makeSuite } from "./suite.ts";

export type { EngineTraits };

/** Registers the suite's tests for an engine. */
export function testEngine(name: string, engine: Engine, traits: EngineTraits = {}): void {
  const suite = makeSuite(name, engine, traits);
  testEvents(suite);
  testFlow(suite);
  testContext(suite);
  suite.end();
}
