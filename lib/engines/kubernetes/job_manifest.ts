/**
 * The Job of Kubernetes whose pods run tasks.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 *
 * @module
 */

import { isDict } from "../../util/is_dict.ts";
import { CONTAINER } from "./kubectl.ts";
import type { KubernetesSettings } from "./options.ts";

/** The folder of dl_jobs in a pod, which is a volume of the pod. */
export const POD_FOLDER = "/dl_jobs";

/** The label of the pods and the Job, with the Job's name as value. */
export const JOB_LABEL = "dl-jobs/job";

const VOLUME = "dl-jobs";
// The margin of a pod that is being deleted for the last events, after `grace`.
const FAREWELL_S = 30;
// A pod that ends is replaced for as long as the job runs.
const MOST_FAILURES = 1_000_000;

/** The parts of a Job that come from the settings of the job. */
export interface ManifestOptions extends
  Pick<
    KubernetesSettings,
    | "image"
    | "pods"
    | "cpu"
    | "memory"
    | "gpu"
    | "serviceAccount"
    | "nodeSelector"
    | "tolerations"
    | "lease"
    | "ttl"
  > {
  /** The name of the Job. */
  readonly name: string;
  /** The time in which canceled calls can react, in milliseconds. */
  readonly grace: number;
}

/** An object of Kubernetes. */
type Dict = Readonly<Record<string, unknown>>;

/**
 * Returns the Job.
 *
 * @param template the user's PodTemplate, whose first container is the one that runs tasks
 */
export function jobManifest(options: ManifestOptions, template: Dict = {}): Dict {
  const { name, pods, ttl } = options, labels = { [JOB_LABEL]: name };
  const given = dict(template.metadata);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels },
    spec: {
      parallelism: pods,
      backoffLimit: MOST_FAILURES,
      ttlSecondsAfterFinished: seconds(ttl),
      template: {
        metadata: { ...given, labels: { ...dict(given.labels), ...labels } },
        spec: podSpec(options, dict(template.spec)),
      },
    },
  };
}

function podSpec(options: ManifestOptions, given: Dict): Dict {
  const { serviceAccount, nodeSelector, tolerations, grace } = options;
  const [first, ...others] = list(given.containers);
  return {
    terminationGracePeriodSeconds: seconds(grace) + FAREWELL_S,
    ...given,
    ...serviceAccount && { serviceAccountName: serviceAccount },
    restartPolicy: "Never",
    nodeSelector: { ...dict(given.nodeSelector), ...nodeSelector },
    tolerations: [...list(given.tolerations), ...tolerations],
    volumes: [...list(given.volumes), { name: VOLUME, emptyDir: {} }],
    containers: [container(options, dict(first)), ...others],
  };
}

function container(options: ManifestOptions, given: Dict): Dict {
  const resources = dict(given.resources), own = resourcesOf(options);
  return {
    ...given,
    image: options.image ?? given.image ?? `denoland/deno:${Deno.version.deno}`,
    name: CONTAINER,
    command: ["sh", "-c", podScript(options.lease)],
    args: [],
    resources: {
      ...resources,
      requests: { ...dict(resources.requests), ...own },
      limits: { ...dict(resources.limits), ...own },
    },
    volumeMounts: [...list(given.volumeMounts), { name: VOLUME, mountPath: POD_FOLDER }],
  };
}

function resourcesOf({ cpu, memory, gpu }: ManifestOptions): Record<string, string> {
  return {
    ...cpu && { cpu },
    ...memory && { memory },
    ...gpu > 0 && { "nvidia.com/gpu": String(gpu) },
  };
}

/**
 * Returns the first process of a pod, which waits. When the pod is deleted or evicted, the tasks that
 * run may end, and their events reach the controller, which then removes the folder of the job.
 */
function podScript(lease: number): string {
  const R = POD_FOLDER;
  return [
    `mkdir -p ${R}/jobs`,
    `leave() { for d in ${R}/jobs/*/; do test -d "$d" && : > "$d/leave"; done; ` +
    // A pod that ends with 0 would end the Job.
    `while test -n "$(ls -A ${R}/jobs)"; do sleep 0.2; done; exit 143; }`,
    "trap leave TERM INT",
    `old() { command -v find >/dev/null && ` +
    `test -z "$(find ${R} -mmin -${Math.ceil(lease / 60_000) + 1} | head -n 1)"; }`,
    "until old; do sleep 5 & wait $!; done",
  ].join("\n");
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function dict(value: unknown): Dict {
  return isDict(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
