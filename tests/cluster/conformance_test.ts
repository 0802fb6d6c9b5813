import { slurm } from "../../lib/engines/slurm/slurm.ts";
import { useCluster, whyNot } from "../support/cluster.ts";
import { testEngine } from "../support/conformance/mod.ts";

// Several jobs at a time have room, each with two array tasks.
useCluster({ places: 6 });

// One array holds many tasks.
testEngine("slurm", slurm, {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
  whyNot,
  // A job mostly waits for Slurm.
  lanes: 8,
  limitMs: 180_000,
});
