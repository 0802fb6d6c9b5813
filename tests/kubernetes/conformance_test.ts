import { kubernetesEngine } from "../../lib/engines/kubernetes/kubernetes.ts";
import { testEngine } from "../support/conformance/mod.ts";
import { createCluster, LANES, whyNot } from "./clusters.ts";

const cluster = whyNot === undefined ? await createCluster() : undefined;
Deno.test.afterAll(async () => await cluster?.[Symbol.asyncDispose]());

testEngine("kubernetes", kubernetesEngine, {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
  whyNot,
  lanes: LANES,
  limitMs: 180_000,
  context: { settings: { ...cluster?.settings, pods: "2", command: cluster?.command ?? "" } },
});
