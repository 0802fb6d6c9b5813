import { localEngine } from "../../../lib/engines/local/local.ts";
import { testEngine } from "../../support/conformance/mod.ts";
import { processEngine } from "../../support/process_backend.ts";
import { ProcessSystem } from "../../support/process_system.ts";

// A submission holds many tasks.
testEngine("batch", processEngine(new ProcessSystem(localEngine)), {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
});
