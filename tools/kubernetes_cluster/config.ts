/**
 * The files of a cluster: its addresses, and the options of its servers.
 *
 * @module
 */

import { runSync } from "../support/system.ts";

/** The image that the nodes have, with Debian, Python and Deno. */
export const IMAGE = "dl-jobs.test/deno:1";

/** The nodes of a cluster. */
export const NODES = ["n1", "n2"] as const;

/** The name of a node. */
export type NodeName = typeof NODES[number];

/** A folder of a cluster, and its place in the network. */
export interface ClusterPlace {
  readonly dir: string;
  /** The folder with the programs. */
  readonly cache: string;
  /** The start of all addresses, such as `10.77.1`. */
  readonly network: string;
  /** The parent of the control groups of its pods. */
  readonly cgroup: string;
}

/** Returns the address of a node. */
export function addressOf({ network }: ClusterPlace, node: NodeName): string {
  return `${network}.${10 + NODES.indexOf(node)}`;
}

/** Returns the address of the API server. */
export function serverOf({ network }: ClusterPlace): string {
  return `${network}.2`;
}

/** Writes the files that the servers and the nodes read. */
export function writeClusterFiles(place: ClusterPlace): void {
  const { dir } = place, token = crypto.randomUUID();
  runSync("openssl", ["genrsa", "-out", `${dir}/accounts.key`, "2048"]);
  Deno.writeTextFileSync(`${dir}/tokens.csv`, `${token},admin,admin,"system:masters"\n`);
  Deno.writeTextFileSync(`${dir}/kubeconfig`, kubeconfig(place, token), { mode: 0o600 });
  for (const node of NODES) {
    const cni = `${dir}/${node}/cni`;
    Deno.mkdirSync(cni, { recursive: true });
    Deno.writeTextFileSync(`${cni}/pods.conflist`, podNetwork(node));
    Deno.writeTextFileSync(`${dir}/${node}/containerd.toml`, CONTAINERD.replace("CNI", cni));
  }
}

function kubeconfig(place: ClusterPlace, token: string): string {
  // The API server signs its own certificate.
  const cluster = { server: `https://${serverOf(place)}:6443`, "insecure-skip-tls-verify": true };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
}

function podNetwork(node: NodeName): string {
  const subnet = `10.88.${1 + NODES.indexOf(node)}.0/24`;
  const ipam = { type: "host-local", ranges: [[{ subnet }]], dataDir: "/run/cni" };
  const plugins = [{ type: "bridge", bridge: "pods", isGateway: true, ipam }, { type: "loopback" }];
  return JSON.stringify({ cniVersion: "0.4.0", name: "pods", plugins });
}

const CONTAINERD = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "CNI"
`;

/** The servers of a cluster, in the order of their start. */
export const SERVERS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
] as const;

/** The name of a server. */
export type ServerName = typeof SERVERS[number];

/** The controllers that Jobs need; the others would only cost. */
const CONTROLLERS = [
  ..."job ttl-after-finished garbagecollector podgc namespace resourcequota".split(" "),
  ..."nodelifecycle disruption".split(" "),
];

const GATES = "--feature-gates=TTLAfterFinished=true";

/** Returns the arguments of a server. */
export function serverArgs(name: ServerName, place: ClusterPlace): readonly string[] {
  const { dir } = place, address = serverOf(place);
  const config = [`--kubeconfig=${dir}/kubeconfig`, "--leader-elect=false"];
  return {
    // The folder is in memory: nothing of a cluster outlives its end.
    etcd: ["--data-dir=/run/etcd"],
    "kube-apiserver": [
      "--etcd-servers=http://127.0.0.1:2379",
      ...[`--bind-address=${address}`, `--advertise-address=${address}`],
      ...[`--cert-dir=${dir}/certificates`, `--token-auth-file=${dir}/tokens.csv`],
      "--authorization-mode=Node,RBAC",
      `--service-account-key-file=${dir}/accounts.key`,
      `--service-account-signing-key-file=${dir}/accounts.key`,
      ...["--service-account-issuer=https://test", "--service-cluster-ip-range=10.96.0.0/16"],
      "--disable-admission-plugins=ServiceAccount",
      "--kubelet-preferred-address-types=InternalIP",
      GATES,
    ],
    "kube-controller-manager": [
      ...config,
      GATES,
      `--controllers=${CONTROLLERS.join(",")}`,
      "--node-monitor-grace-period=16s",
    ],
    "kube-scheduler": config,
  }[name];
}
