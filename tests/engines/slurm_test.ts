import { slurm } from "../../lib/engines/slurm.ts";
import { useCluster, whyNot } from "./_cluster.ts";
import { testEngine } from "./conformance.ts";

useCluster();

// An array is one step: it takes many at once.
testEngine("slurm", slurm, { readAhead: 1_000_000, whyNot });
