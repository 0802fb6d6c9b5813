import {
  jobManifest,
  type ManifestOptions,
} from "../../../../lib/engines/kubernetes/job_manifest.ts";
import { parseKubernetesOptions } from "../../../../lib/engines/kubernetes/options.ts";
import { assertEquals } from "../../../support/assert.ts";

const OPTIONS: ManifestOptions = {
  ...parseKubernetesOptions({
    ...{ pods: "3", cpu: "2", memory: "4Gi", gpu: "1", image: "deno:1" },
    ...{ service_account: "tiles", node_selector: "disk=ssd", tolerations: "spot" },
  }),
  name: "dl-jobs-1",
  grace: 10_000,
};

const LABELS = { "dl-jobs/job": "dl-jobs-1" };
const TOLERATION = { key: "spot", operator: "Exists", value: undefined, effect: undefined };
const RESOURCES = { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" };
const MOUNT = { name: "dl-jobs", mountPath: "/dl_jobs" };

Deno.test("jobManifest() adds its parts to a template", () => {
  const { spec: { template, ...spec }, ...job } = jobManifest(OPTIONS, {
    metadata: { labels: { team: "maps" }, annotations: { a: "b" } },
    spec: {
      priorityClassName: "batch",
      nodeSelector: { zone: "a" },
      volumes: [{ name: "data" }],
      containers: [
        {
          name: "tasks",
          image: "other",
          env: [{ name: "A", value: "1" }],
          resources: { limits: { "ephemeral-storage": "1Gi" } },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
        { name: "proxy" },
      ],
    },
    // deno-lint-ignore no-explicit-any
  }) as any;
  const [{ command, ...own }, ...others] = template.spec.containers;
  assertEquals(job, {
    ...{ apiVersion: "batch/v1", kind: "Job" },
    metadata: { name: "dl-jobs-1", labels: LABELS },
  });
  assertEquals(spec, { parallelism: 3, backoffLimit: 1_000_000, ttlSecondsAfterFinished: 3600 });
  assertEquals(template.metadata, {
    ...{ labels: { team: "maps", ...LABELS }, annotations: { a: "b" } },
  });
  assertEquals({ ...template.spec, containers: [] }, {
    ...{ terminationGracePeriodSeconds: 40, priorityClassName: "batch", restartPolicy: "Never" },
    ...{ serviceAccountName: "tiles", nodeSelector: { zone: "a", disk: "ssd" } },
    tolerations: [TOLERATION],
    volumes: [{ name: "data" }, { name: "dl-jobs", emptyDir: {} }],
    containers: [],
  });
  assertEquals(own, {
    ...{ name: "dl-jobs", image: "deno:1", args: [], env: [{ name: "A", value: "1" }] },
    resources: { requests: RESOURCES, limits: { "ephemeral-storage": "1Gi", ...RESOURCES } },
    volumeMounts: [{ name: "data", mountPath: "/data" }, MOUNT],
  });
  assertEquals([command.slice(0, 2), others], [["sh", "-c"], [{ name: "proxy" }]]);
});

Deno.test("jobManifest() needs no template, and no options", () => {
  const options = { ...parseKubernetesOptions({}), name: "dl-jobs-1", grace: 0 };
  // deno-lint-ignore no-explicit-any
  const { spec: { template: { spec } } } = jobManifest(options) as any;
  const [{ command: _, ...own }] = spec.containers;
  assertEquals(own, {
    ...{ name: "dl-jobs", image: `denoland/deno:${Deno.version.deno}`, args: [] },
    ...{ resources: { requests: {}, limits: {} }, volumeMounts: [MOUNT] },
  });
});
