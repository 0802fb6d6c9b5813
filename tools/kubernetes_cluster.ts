/**
 * Kubernetes on this machine, for the tests and for trying the engine kubernetes:
 * `deno run -A tools/kubernetes_cluster.ts install|up|down|run [--dir DIR]`
 *
 * A cluster has the real servers and two nodes, each with kubelet, containerd and runc in namespaces
 * of its own, and an image with Deno and Python. `install` builds it all from Debian's packages, once
 * a machine, in up to half an hour. `run -- COMMAND` brings a cluster up, runs the command with the
 * cluster in `KUBECONFIG`, and takes it down. Requires root on Linux.
 *
 * @module
 */

import { KubernetesCluster } from "./kubernetes_cluster/cluster.ts";
import { install } from "./kubernetes_cluster/install.ts";
import { CLUSTER_DIR, downCluster } from "./kubernetes_cluster/record.ts";
import { runWithEnv } from "./support/run_with_env.ts";
import { runTool, type Values } from "./support/tool.ts";

const USAGE = `usage: kubernetes_cluster.ts install
       kubernetes_cluster.ts up [--dir DIR]
       kubernetes_cluster.ts down [--dir DIR]
       kubernetes_cluster.ts run [--dir DIR] [-- COMMAND [ARGUMENT...]]

install builds the programs, once a machine. up starts a cluster on this machine, down ends it, and
run has one for one command. DIR is ${CLUSTER_DIR} by default.`;

const OPTIONS = { dir: { type: "string", default: CLUSTER_DIR } } as const;

async function main(
  [verb, ...rest]: string[],
  { dir }: Values<typeof OPTIONS>,
): Promise<number | undefined> {
  if (verb === "install") await install();
  else if (verb === "up") await up(dir);
  else if (verb === "down") await downCluster(dir);
  else if (verb === "run") return await run(dir, rest);
  else return undefined;
  return 0;
}

async function up(dir: string): Promise<void> {
  const { kubeconfig } = await KubernetesCluster.up({ dir, stays: true });
  console.log(`export KUBECONFIG=${kubeconfig}`);
}

/** Runs a command with a cluster, and returns its exit status. */
async function run(dir: string, command: string[]): Promise<number> {
  await using cluster = await KubernetesCluster.up({ dir });
  return await runWithEnv(command, { KUBECONFIG: cluster.kubeconfig, KUBERNETES_CLUSTER: dir });
}

if (import.meta.main) await runTool(USAGE, OPTIONS, main);
