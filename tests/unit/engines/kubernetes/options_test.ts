import { parseKubernetesOptions } from "../../../../lib/engines/kubernetes/options.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("parseKubernetesOptions() reads quantities, labels and taints", () => {
  const settings = parseKubernetesOptions({
    ...{ pods: "20", cpu: "500m", memory: "8GiB", gpu: "1", image: "python:3.12" },
    ...{ namespace: "batch", context: "lab", service_account: "tiles", lost_after: "30s" },
    node_selector: "disk=ssd;cloud.example.com/zone=a",
    tolerations: "spot=true:NoSchedule;old",
    command: "microk8s kubectl",
  });
  assertEquals(settings, {
    ...{ image: "python:3.12", pods: 20, cpu: "500m", memory: "8Gi", gpu: 1 },
    ...{ namespace: "batch", context: "lab", serviceAccount: "tiles", template: undefined },
    nodeSelector: { disk: "ssd", "cloud.example.com/zone": "a" },
    tolerations: [
      { key: "spot", operator: "Equal", value: "true", effect: "NoSchedule" },
      { key: "old", operator: "Exists", value: undefined, effect: undefined },
    ],
    ...{ lostAfter: 30_000, lease: 43_200_000, ttl: 3_600_000 },
    command: ["microk8s", "kubectl"],
  });
});

const QUANTITIES: Readonly<Record<string, string>> = {
  "8Gi": "8Gi",
  "8GB": "8G",
  "512MB": "512M",
  "1.5Gi": "1.5Gi",
  "64Ki": "64Ki",
  "1000000": "1000000",
};

Deno.test("parseKubernetesOptions() writes sizes as Kubernetes does", () => {
  const found = Object.keys(QUANTITIES).map((memory) => [
    memory,
    parseKubernetesOptions({ memory }).memory,
  ]);
  assertEquals(Object.fromEntries(found), QUANTITIES);
});

const WRONG: Readonly<Record<string, readonly [Record<string, string>, string]>> = {
  "an unknown name": [{ pod: "3" }, "Cannot use pod in the option kubernetes: its names are image"],
  "no pods": [{ pods: "0" }, 'Cannot use "0" as pods in the option kubernetes: write a whole'],
  "a size as cpu": [{ cpu: "4Gi" }, 'Cannot use "4Gi" as cpu in the option kubernetes: write a n'],
  "milli bytes": [{ memory: "8m" }, 'Cannot use "8m" as memory in the option kubernetes: write a'],
  "no label": [{ node_selector: "ssd" }, 'Cannot use "ssd" as node_selector in the option kub'],
  "an unknown effect": [{ tolerations: "a:No" }, 'Cannot use "a:No" as tolerations in the opt'],
};

Deno.test("parseKubernetesOptions() refuses what Kubernetes would not take", async (t) => {
  for (const [name, [given, message]] of Object.entries(WRONG)) {
    await t.step(name, () => {
      assertThrows(() => parseKubernetesOptions(given), Error, message);
    });
  }
});
