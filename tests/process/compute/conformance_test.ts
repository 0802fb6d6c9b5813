import { compute } from "../../../lib/engines/compute/compute.ts";
import { usePlatform, whyNot } from "../../support/platform.ts";
import { testEngine } from "../../support/conformance/mod.ts";

usePlatform();

// One request holds many tasks.
testEngine("compute", compute, {
  readAhead: 1_000_000,
  whyNot,
  // An endless list becomes a thousand platform jobs before it is stopped.
  limitMs: 180_000,
  kinds: ["javascript", "python", "program"],
  // The controller reads nothing of a running platform job but its log.
  hasUpdates: false,
  // A running platform job cannot be stopped early: it runs all its tasks.
  context: { chunk: 250, settings: { poll: "0.05", maximum_concurrency: "2" } },
});
