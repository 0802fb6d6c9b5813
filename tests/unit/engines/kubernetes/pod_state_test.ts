import {
  type PodObject,
  type PodState,
  podState,
} from "../../../../lib/engines/kubernetes/pod_state.ts";
import { assertEquals } from "../../../support/assert.ts";

type Status = NonNullable<PodObject["status"]>;
const own = (state: object): Status => ({
  phase: "Pending",
  containerStatuses: [{ name: "proxy", state: { running: {} } }, { name: "dl-jobs", state }],
});

const CASES: Readonly<Record<string, readonly [Status, Partial<PodState>]>> = {
  "not scheduled": [{
    phase: "Pending",
    conditions: [{
      ...{ type: "PodScheduled", status: "False", reason: "Unschedulable" },
      message: "0/3 nodes are available:\n 3 Insufficient cpu.",
    }],
  }, { reason: "Unschedulable: 0/3 nodes are available: 3 Insufficient cpu." }],
  "an image that is not there": [
    own({
      waiting: { reason: "ErrImagePull", message: "manifest unknown" },
    }),
    { reason: "ErrImagePull: manifest unknown" },
  ],
  "being created": [own({}), { reason: "it is being started" }],
  "running": [{ ...own({ running: {} }), phase: "Running" }, {
    phase: "running",
    reason: "it is being started",
  }],
  "killed by the kernel": [
    { ...own({ terminated: { reason: "OOMKilled", exitCode: 137 } }), phase: "Failed" },
    {
      ...{ phase: "gone", isOom: true },
      reason: "it used more memory than its pod has (OOMKilled); raise --kubernetes memory=SIZE",
    },
  ],
  "ended with an error": [
    { ...own({ terminated: { reason: "Error", exitCode: 137 } }), phase: "Failed" },
    { phase: "gone", reason: "exit code 137" },
  ],
  "ended with an error and words": [
    {
      ...own({ terminated: { reason: "Error", exitCode: 1, message: "no space" } }),
      phase: "Failed",
    },
    { phase: "gone", reason: "exit code 1: no space" },
  ],
  "evicted": [{ phase: "Failed", reason: "Evicted", message: "The node was low on memory." }, {
    ...{ phase: "gone", reason: "Evicted: The node was low on memory." },
  }],
  "ended, while another container runs": [
    { ...own({ terminated: { exitCode: 3 } }), phase: "Running" },
    { phase: "gone", reason: "exit code 3" },
  ],
};

Deno.test("podState() reads the state of a pod", async (t) => {
  for (const [name, [status, expected]] of Object.entries(CASES)) {
    await t.step(name, () => {
      assertEquals(podState({ metadata: { name: "p" }, status }), {
        ...{ name: "p", phase: "pending", isLeaving: false, isOom: false, reason: "" },
        ...expected,
      });
    });
  }
});
