/**
 * The clusters that the tests run on: the stand-in for kubectl, or the real one.
 *
 * The real one is taken under `deno run -A tools/kubernetes_cluster.ts run -- COMMAND`, which puts
 * its folder in `KUBERNETES_CLUSTER`.
 *
 * @module
 */

import type { Faults } from "../../tools/kubectl_stand_in/cluster.ts";
import { KubectlStandIn } from "../../tools/kubectl_stand_in/stand_in.ts";
import { KubernetesCluster } from "../../tools/kubernetes_cluster/cluster.ts";
import { ClusterNamespace } from "../../tools/kubernetes_cluster/namespace.ts";

const real = Deno.env.get("KUBERNETES_CLUSTER");

/** True for the real cluster. */
export const isReal = real !== undefined;

/** The reason why this machine cannot run these tests. */
export const whyNot = Deno.build.os === "linux"
  ? undefined
  : "the stand-in for kubectl needs Linux";

/** The number of jobs at a time: those on the real cluster share its servers and nodes. */
export const LANES = isReal ? 1 : 3;

type Later<T> = T | Promise<T>;

/** A pod. */
export interface TestPod {
  readonly name: string;
  readonly phase: string;
  readonly killAt?: number | undefined;
}

/** A cluster without other jobs. It is removed on disposal. */
export interface TestCluster extends AsyncDisposable {
  /** The program `kubectl` of its user. */
  readonly command: string;
  /** The options of the engine that its pods need. */
  readonly settings: Readonly<Record<string, string>>;
  /** Causes faults, besides those that there are. */
  fail(faults: Faults): Later<void>;
  pods(): TestPod[];
  jobs(): string[];
  /** Returns the processes in pods with a text in their command. */
  processes(text?: string): number[];
  /** Kills all processes of a pod. */
  kill(name: string, reason?: string): Later<void>;
  /** Deletes a pod as a drained node does, or by force with a grace period of 0. */
  evict(name: string, graceMs?: number): void;
  removeJobs(): void;
  /** Makes the node of a pod silent. */
  freeze(name: string): void;
  /** Lets silent nodes answer. */
  thaw(): void;
  /** Kills the connections to pods, and returns their number. */
  cutExecs(): number;
}

/** Creates a cluster. */
export function createCluster(): Promise<TestCluster> {
  if (real !== undefined) return ClusterNamespace.create(KubernetesCluster.open(real));
  return KubectlStandIn.create();
}
