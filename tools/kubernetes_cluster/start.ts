/**
 * Starts the parts of a cluster: the keeper, the network, the servers, the nodes.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { beginOf } from "../ssh_hosts/processes.ts";
import { writeHosts } from "../ssh_hosts/record.ts";
import {
  emptyFolder,
  inNetwork,
  makeNetwork,
  nsenter,
  startKeeper,
  untilText,
} from "../ssh_hosts/start.ts";
import { output, runSync } from "../support/system.ts";
import { until } from "../support/until.ts";
import { makeCgroup, removeCgroup } from "./cgroups.ts";
import {
  addressOf,
  type ClusterPlace,
  type NodeName,
  NODES,
  serverArgs,
  type ServerName,
  serverOf,
  SERVERS,
  writeClusterFiles,
} from "./config.ts";
import { cacheFolder, whyNoKubernetes } from "./install.ts";
import { type ClusterRecord, downCluster, writeCluster } from "./record.ts";

/** A part starts within this time on a loaded machine, in milliseconds. */
const START_MS = 180_000;

/** A cluster that is up, with the process that it ends with. */
export interface StartedCluster extends ClusterRecord {
  readonly process: Deno.ChildProcess;
}

/**
 * Brings a cluster up, in place of what an earlier process left in the folder.
 *
 * @param stays true for a cluster that stays up when this process ends
 * @throws {Error} when a part does not start, with the end of its log
 */
export async function bringClusterUp(dir: string, stays: boolean): Promise<StartedCluster> {
  const why = whyNoKubernetes();
  if (why) throw new Error(`Cannot bring up a cluster: ${why}`);
  await downCluster(dir);
  dir = await emptyFolder(dir);
  const process = startKeeper(dir, stays);
  try {
    const keeper = Number(await untilText(`${dir}/keeper`, `${dir}/keeper.log`));
    const [link, network] = makeNetwork(keeper);
    writeHosts(dir, { keeper, began: beginOf(keeper), link, places: [] });
    const place = { dir, cache: cacheFolder(), network, cgroup: `/${link.name}` };
    writeCluster({ place, keeper });
    writeClusterFiles(place);
    addAddress(place, keeper);
    for (const name of SERVERS) await startServer(place, keeper, name);
    removeCgroup(place.cgroup);
    await Promise.all(NODES.map((node) => addNode(place, keeper, node)));
    await untilReady(place, NODES);
    return { place, keeper, process };
  } catch (error) {
    await process.stdin.close().catch(() => {});
    await downCluster(dir);
    throw error;
  }
}

function addAddress(place: ClusterPlace, keeper: number): void {
  const address = ["ip", "address", "add", `${serverOf(place)}/24`, "dev", "switch"];
  runSync("nsenter", [...nsenter(keeper), ...address]);
}

/** Starts a server. After etcd and the API server, waits until it answers. */
export async function startServer(
  place: ClusterPlace,
  keeper: number,
  name: ServerName,
): Promise<void> {
  const program = name === "etcd" ? name : `${place.cache}/bin/${name}`;
  const log = `${place.dir}/${name}.log`;
  startAside(log, [...nsenter(keeper), program, ...serverArgs(name, place)]);
  const answers: Partial<Record<ServerName, () => boolean>> = {
    etcd: () => readIfThere(log).includes("ready to serve"),
    "kube-apiserver": () => kubectl(place, "get", "--raw", "/readyz").stdout === "ok",
  };
  await untilSo(place, name, answers[name] ?? (() => true));
}

/** Gives a node its network and its control groups, and starts it. */
async function addNode(place: ClusterPlace, keeper: number, node: NodeName): Promise<void> {
  const peer = ["type", "veth", "peer", "name", "eth0", "netns", node];
  const commands = [
    `netns add ${node}`,
    ["link add", node, ...peer].join(" "),
    `link set ${node} master switch up`,
    `-n ${node} link set lo up`,
    `-n ${node} address add ${addressOf(place, node)}/24 dev eth0`,
    `-n ${node} link set eth0 up`,
  ];
  for (const command of commands) {
    runSync("nsenter", [...nsenter(keeper), "ip", ...command.split(" ")]);
  }
  makeCgroup(`${place.cgroup}/${node}`);
  await startNode(place, keeper, node);
}

/** Starts a node that is off, with what it had. */
export async function startNode(
  place: ClusterPlace,
  keeper: number,
  node: NodeName,
): Promise<void> {
  const { dir, cache, cgroup } = place;
  const spaces = ["--pid", "--fork", "--mount", "--uts", "--ipc", "--kill-child"];
  startAside(`${dir}/${node}/log`, [
    ...[...inNetwork(keeper, node), "unshare", ...spaces, `${import.meta.dirname}/node.sh`],
    ...[dir, node, addressOf(place, node), cache, cgroup],
  ]);
  await untilText(`${dir}/${node}/pid`, `${dir}/${node}/log`);
}

/** Waits until nodes are ready for pods. */
export async function untilReady(place: ClusterPlace, nodes: readonly NodeName[]): Promise<void> {
  const states = '{range .status.conditions[?(@.type=="Ready")]}{.status}{end}';
  for (const node of nodes) {
    const isReady = () =>
      kubectl(place, "get", "node", node, "-o", `jsonpath=${states}`).stdout === "True";
    await untilSo(place, `${node}/kubelet`, isReady);
  }
}

/** Runs kubectl as the administrator of a cluster. */
export function kubectl(place: ClusterPlace, ...args: string[]): ReturnType<typeof output> {
  return output("kubectl", ["--kubeconfig", `${place.dir}/kubeconfig`, ...args], {});
}

async function untilSo(place: ClusterPlace, part: string, isSo: () => boolean): Promise<void> {
  const logEnd = () => readIfThere(`${place.dir}/${part}.log`).slice(-2000);
  await until(isSo, () => `${part} has started, but: ${logEnd()}`, START_MS);
}

/** Starts a program with nsenter that outlives this process. */
function startAside(log: string, args: readonly string[]): void {
  const script = `setsid nsenter "$0" "$@" < /dev/null >> '${log}' 2>&1 &`;
  runSync("sh", ["-c", script, ...args]);
}
