import { compute } from "../../../lib/engines/compute/compute.ts";
import { usePlatform, whyNot } from "../../support/platform.ts";
import { testEngine } from "../../support/conformance/mod.ts";

usePlatform();

// One request holds many tasks.
testEngine("compute", compute, {
  readAhead: 1_000_000,
  whyNot,
  // A platform job that runs cannot be told to stop: it does all its tasks.
  context: { chunk: 250, settings: { poll: "0.05", maximum_concurrency: "2" } },
});
