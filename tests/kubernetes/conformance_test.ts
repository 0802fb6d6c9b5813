import { kubernetesEngine } from "../../lib/engines/kubernetes/kubernetes.ts";
import { KubectlStandIn } from "../../tools/kubectl_stand_in/stand_in.ts";
import { testEngine } from "../support/conformance/mod.ts";

const isLinux = Deno.build.os === "linux";
const cluster = isLinux ? await KubectlStandIn.create() : undefined;
Deno.test.afterAll(() => cluster?.[Symbol.asyncDispose]());

testEngine("kubernetes", kubernetesEngine, {
  kinds: ["javascript", "python", "program"],
  readAhead: 1_000_000,
  whyNot: isLinux ? undefined : "the stand-in for kubectl needs Linux",
  context: { settings: { pods: "2", command: cluster?.command ?? "" } },
});
