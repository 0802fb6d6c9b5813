/**
 * The state of a pod, in the words of a user.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 *
 * @module
 */

import { CONTAINER } from "./kubectl.ts";

/** The parts of a pod of Kubernetes that are read. */
export interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string | undefined };
  readonly status?: {
    readonly phase?: string | undefined;
    readonly reason?: string | undefined;
    readonly message?: string | undefined;
    readonly conditions?:
      | readonly {
        readonly type: string;
        readonly status: string;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
      }[]
      | undefined;
    readonly containerStatuses?: readonly ContainerStatus[] | undefined;
    readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  } | undefined;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState | undefined;
}

interface ContainerState {
  readonly running?: object | undefined;
  readonly waiting?: Told | undefined;
  readonly terminated?: Told & { readonly exitCode?: number | undefined } | undefined;
}

interface Told {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** The state of a pod. */
export interface PodState {
  /** The name of the pod. */
  readonly name: string;
  /** `gone`: nothing runs there, nor will. */
  readonly phase: "pending" | "running" | "gone";
  /** True when the pod is being deleted. */
  readonly isLeaving: boolean;
  /** The reason why nothing runs there. */
  readonly reason: string;
  /** True when the kernel ended it because it used too much memory. */
  readonly isOom: boolean;
}

/** Returns the state of a pod. */
export function podState(pod: PodObject): PodState {
  const { metadata: { name, deletionTimestamp }, status = {} } = pod;
  const own = status.containerStatuses?.find((one) => one.name === CONTAINER)?.state ?? {};
  const hasEnded = own.terminated !== undefined || status.phase === "Succeeded" ||
    status.phase === "Failed";
  const phase = hasEnded ? "gone" : own.running ? "running" : "pending";
  return {
    name,
    phase,
    isLeaving: deletionTimestamp !== undefined,
    reason: phase === "gone" ? endReason(status, own) : waitReason(status),
    isOom: own.terminated?.reason === "OOMKilled",
  };
}

type Status = NonNullable<PodObject["status"]>;

function endReason({ reason, message }: Status, { terminated }: ContainerState): string {
  if (terminated?.reason === "OOMKilled") {
    return "it used more memory than its pod has (OOMKilled); raise --kubernetes memory=SIZE";
  }
  const code = terminated?.exitCode === undefined ? "" : `exit code ${terminated.exitCode}`;
  // The reason of most ends is the word "Error", which tells less than the code.
  const known = terminated?.reason === "Error" ? { ...terminated, reason: code } : terminated;
  return told({ reason, message }) ?? told(known) ?? (code || "its pod ended");
}

/** Returns the reason why a pod does not run yet. */
function waitReason({ conditions, containerStatuses, initContainerStatuses }: Status): string {
  const scheduled = conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return told(scheduled) ?? "not scheduled";
  const waiting = [...initContainerStatuses ?? [], ...containerStatuses ?? []]
    .flatMap(({ state }) => state?.waiting ?? []);
  const [first] = waiting.filter(({ reason }) => reason !== "PodInitializing");
  return told(first) ?? BEING_STARTED;
}

const BEING_STARTED = "it is being started";

function told({ reason, message }: Told = {}): string | undefined {
  const parts = [reason, message?.trim().replaceAll(/\s+/g, " ").slice(0, 300)];
  return parts.filter(Boolean).join(": ") || undefined;
}

/** Returns true for a reason that does not pass while the options are the same. */
export function isImageError(reason: string): boolean {
  return /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainer\w*Error)/
    .test(reason);
}

/** Returns true for a reason without a cause: the pod has a node, and its containers do not run yet. */
export function isBeingCreated(reason: string): boolean {
  return reason === BEING_STARTED || reason === "ContainerCreating";
}
