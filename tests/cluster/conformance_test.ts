import { slurm } from "../../lib/engines/slurm/slurm.ts";
import { useCluster, whyNot } from "../support/cluster.ts";
import { testEngine } from "../support/conformance/mod.ts";

useCluster();

// One array holds many tasks.
testEngine("slurm", slurm, {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
  whyNot,
});
