import { compute } from "../../../lib/engines/compute/compute.ts";
import { usePlatform, whyNot } from "../../support/platform.ts";
import { testEngine } from "../../support/conformance.ts";

usePlatform();

// A request is one step: it takes many tasks at once.
testEngine("compute", compute, {
  readAhead: 1_000_000,
  whyNot,
  // What runs there cannot be told to stop: it does all that it has.
  context: { chunk: 250, settings: { poll: "0.05", maximum_concurrency: "2" } },
});
