/**
 * A namespace of a cluster, with a user who has the rights of the documentation and no others.
 *
 * It has the faults of the stand-in for kubectl, so that the same tests use both.
 *
 * @module
 */

import { sendSignal } from "../../lib/util/process/send_signal.ts";
import type { Faults } from "../kubectl_stand_in/cluster.ts";
import { allProcesses } from "../ssh_hosts/processes.ts";
import { type Folder, makeFolder } from "../support/files.ts";
import { output, runSync } from "../support/system.ts";
import { until } from "../support/until.ts";
import type { KubernetesCluster } from "./cluster.ts";
import { IMAGE, type NodeName, NODES } from "./config.ts";
import { processesOfGroup } from "./cgroups.ts";

/** A pod, as far as tests look at it. */
export interface RealPod {
  readonly name: string;
  readonly uid: string;
  readonly node: NodeName;
  readonly phase: string;
  /** The time at which its processes are killed, once it is being deleted. */
  readonly killAt?: number | undefined;
}

/** An image that the nodes do not have. */
const LATER = "dl-jobs.test/later:1";

/** The rights of the user, each as `verbs resource`. */
const RIGHTS = [
  "create,get,list,delete jobs",
  "list,get,delete pods",
  "create pods/exec",
  "list events",
];

/** A namespace in use. It is removed on disposal, and its faults with it. */
export class ClusterNamespace implements AsyncDisposable {
  #faults: Faults = {};
  #silent = new Set<NodeName>();

  private constructor(
    readonly cluster: KubernetesCluster,
    readonly name: string,
    readonly folder: Folder,
  ) {}

  /** Creates a namespace, its user, and the `kubectl` of that user. */
  static async create(cluster: KubernetesCluster): Promise<ClusterNamespace> {
    const name = `test-${crypto.randomUUID().slice(0, 8)}`, temporary = tempDir();
    const folder = await makeFolder({
      cuts: "0",
      kubectl: kubectlScript(cluster.kubeconfig, name),
      "template.json": JSON.stringify(template(temporary)),
    });
    await Deno.chmod(`${folder.path}/kubectl`, 0o700);
    cluster.kubectl("create", "namespace", name);
    const namespace = new ClusterNamespace(cluster, name, folder);
    namespace.#setRights([]);
    namespace.#own("create", "rolebinding", "user", "--role=user", `--user=${name}`);
    return namespace;
  }

  /** The path of the user's `kubectl`. */
  get command(): string {
    return `${this.folder.path}/kubectl`;
  }

  /** The options of the engine that its pods need. */
  get settings(): Record<string, string> {
    const image = this.#faults.waiting ? LATER : IMAGE;
    // The pods see the temporary files of this machine, in which tests record what ran.
    return { image, template: `${this.folder.path}/template.json` };
  }

  /** Causes faults, besides those that there are, and ends those that are undefined. */
  async fail(faults: Faults): Promise<void> {
    const before = this.#faults, after = this.#faults = { ...before, ...faults };
    if (!before.isDown && after.isDown) await this.cluster.kill("kube-apiserver");
    if (before.isDown && !after.isDown) await this.cluster.start("kube-apiserver");
    if (faults.forbidden) this.#setRights(faults.forbidden);
    if (faults.quota !== undefined) await this.#setQuota(faults.quota);
    if (faults.cutUploads) await this.folder.write("cuts", String(faults.cutUploads));
    if (!before.pending && after.pending) this.cluster.kubectl("cordon", ...NODES);
    if (before.pending && !after.pending) this.cluster.kubectl("uncordon", ...NODES);
    if (before.waiting && !after.waiting) this.cluster.tagImage(LATER);
  }

  /** Returns the pods. */
  pods(): RealPod[] {
    const { items } = JSON.parse(this.#own("get", "pods", "-o", "json")) as { items: PodItem[] };
    return items.map(({ metadata: { name, uid, deletionTimestamp: killAt }, spec, status }) => ({
      name,
      uid,
      node: spec.nodeName,
      phase: status.phase,
      killAt: killAt === undefined ? undefined : Date.parse(killAt),
    }));
  }

  /** Returns the names of the Jobs. */
  jobs(): string[] {
    const names = this.#own("get", "jobs", "-o", "jsonpath={.items[*].metadata.name}");
    return names.split(" ").filter(Boolean);
  }

  /** Returns the processes of the cluster's pods with a text in their command. */
  processes(text = ""): number[] {
    const found = this.cluster.podProcesses().filter(({ command }) => command.includes(text));
    return found.map(({ pid }) => pid);
  }

  /** Kills all processes of a pod, after its memory was used up for `OOMKilled`. */
  async kill(name: string, reason = "Error"): Promise<void> {
    const { uid } = this.pods().find((pod) => pod.name === name)!;
    if (reason === "OOMKilled") this.#useUpMemory(name, uid);
    const isOver = () => this.pods().every((pod) => pod.name !== name || pod.phase !== "Running");
    await until(() => {
      this.#processesOf(uid).forEach((pid) => sendSignal(pid, "SIGKILL"));
      return isOver();
    }, `${name} ends`);
  }

  /** Deletes a pod by the eviction that a drained node asks for, or by force. */
  evict(name: string, graceMs?: number): void {
    if (graceMs === 0) {
      return void this.#own("delete", "pod", name, "--force", "--grace-period=0", "--wait=false");
    }
    const path = `/api/v1/namespaces/${this.name}/pods/${name}/eviction`;
    const body = { apiVersion: "policy/v1beta1", kind: "Eviction", metadata: { name } };
    runSync("sh", [
      ...["-c", `echo "$1" | kubectl --kubeconfig "$0" create --raw "$2" -f -`],
      ...[this.cluster.kubeconfig, JSON.stringify(body), path],
    ]);
  }

  /** Deletes all Jobs with their pods. */
  removeJobs(): void {
    this.#own("delete", "jobs", "--all", "--wait=false");
  }

  /** Makes the node of a pod silent. */
  freeze(name: string): void {
    const { node } = this.pods().find((pod) => pod.name === name)!;
    this.cluster.cut(node);
    this.#silent.add(node);
  }

  /** Lets silent nodes answer. */
  thaw(): void {
    for (const node of this.#silent) this.cluster.mend(node);
    this.#silent.clear();
  }

  /** Kills the user's connections to pods, and returns their number. */
  cutExecs(): number {
    const isExec = ({ command }: { command: string }) =>
      command.includes(`--namespace ${this.name} `) && command.includes(" exec ");
    const found = allProcesses().filter(isExec);
    for (const { pid } of found) sendSignal(pid, "SIGKILL");
    return found.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.fail({ isDown: false, pending: undefined });
    this.cluster.kubectl("delete", "namespace", this.name, "--wait=false");
    await this.folder[Symbol.asyncDispose]();
  }

  #own(...args: string[]): string {
    return this.cluster.kubectl("--namespace", this.name, ...args);
  }

  /** Sets the user's rights, without those that are forbidden, each as `create pods/exec`. */
  #setRights(forbidden: readonly string[]): void {
    const rules = RIGHTS.map((right) => {
      const [verbs = "", resource = ""] = right.split(" ");
      const allowed = verbs.split(",").filter((verb) => !forbidden.includes(`${verb} ${resource}`));
      const apiGroups = [resource === "jobs" ? "batch" : ""];
      return { apiGroups, resources: [resource], verbs: allowed };
    }).filter(({ verbs }) => verbs.length > 0);
    this.#apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "user" },
      rules,
    });
  }

  /** Limits the number of pods, and waits until the server knows it. */
  async #setQuota(pods: number): Promise<void> {
    const spec = { hard: { pods: String(pods) } };
    this.#apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "small" }, spec });
    const state = ["get", "quota", "small", "-o", "jsonpath={.status.hard.pods}"];
    await until(() => this.#own(...state) === String(pods), "the quota is known");
  }

  #apply(object: object): void {
    const script = `echo "$1" | kubectl --kubeconfig "$0" --namespace "$2" apply -f -`;
    runSync("sh", ["-c", script, this.cluster.kubeconfig, JSON.stringify(object), this.name]);
  }

  /** Lets the kernel kill a process of a pod that uses more memory than the pod may have. */
  #useUpMemory(name: string, uid: string): void {
    for (const group of this.cluster.containerGroups(uid)) {
      const used = Number(Deno.readTextFileSync(`${group}/memory.usage_in_bytes`));
      Deno.writeTextFileSync(`${group}/memory.limit_in_bytes`, String(used + 50_000_000));
    }
    const args = ["--kubeconfig", this.cluster.kubeconfig, "--namespace", this.name, "exec", name];
    output("kubectl", [...args, "--", "tail", "/dev/zero"], {});
  }

  #processesOf(uid: string): number[] {
    const own = new Set(this.cluster.containerGroups(uid).flatMap(processesOfGroup));
    return this.processes().filter((pid) => own.has(pid));
  }
}

interface PodItem {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string | undefined;
  };
  readonly spec: { readonly nodeName: NodeName };
  readonly status: { readonly phase: string };
}

/** Returns the user's `kubectl`, which cuts the end of as many uploads as the file `cuts` says. */
function kubectlScript(kubeconfig: string, namespace: string): string {
  return `#!/bin/sh
dir=\${0%/*}
kubectl() {
  exec kubectl --kubeconfig '${kubeconfig}' --namespace ${namespace} --as ${namespace} "$@"
}
read -r cuts < "$dir/cuts"
case "$cuts $*" in
  0\\ *) ;;
  *cat\\ \\>*)
    echo $((cuts - 1)) > "$dir/cuts"
    head -c 40000 | (kubectl "$@")
    exit ;;
esac
kubectl "$@"
`;
}

function template(temporary: string): object {
  const name = "files";
  return {
    spec: {
      containers: [{ volumeMounts: [{ name, mountPath: temporary }] }],
      volumes: [{ name, hostPath: { path: temporary } }],
    },
  };
}

function tempDir(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}
