/**
 * A cluster of Kubernetes on this machine: the real servers, and two nodes.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { allProcesses, type HostProcess, kill, processesBeside } from "../ssh_hosts/processes.ts";
import { nsenter } from "../ssh_hosts/start.ts";
import { endByStdin, runSync } from "../support/system.ts";
import { memoryGroups, processesOfGroup } from "./cgroups.ts";
import { IMAGE, type NodeName, NODES, type ServerName } from "./config.ts";
import { CLUSTER_DIR, type ClusterRecord, downCluster, readCluster } from "./record.ts";
import { bringClusterUp, kubectl, startNode, startServer, untilReady } from "./start.ts";

/** A cluster. It is taken down on disposal. */
export class KubernetesCluster implements AsyncDisposable {
  /** The path of the administrator's configuration. */
  readonly kubeconfig: string;
  #record: ClusterRecord;
  #process: Deno.ChildProcess | undefined;

  private constructor(record: ClusterRecord, process?: Deno.ChildProcess) {
    this.#record = record;
    this.#process = process;
    this.kubeconfig = `${record.place.dir}/kubeconfig`;
  }

  /**
   * Brings a cluster up and waits until its nodes are ready. It ends with this process, also when
   * that is killed, unless it has to stay.
   *
   * @throws {Error} when a program is missing, or a part does not start
   */
  static async up(
    { dir = CLUSTER_DIR, stays = false }: { dir?: string; stays?: boolean } = {},
  ): Promise<KubernetesCluster> {
    const { process, ...record } = await bringClusterUp(dir, stays);
    return new KubernetesCluster(record, process);
  }

  /**
   * Opens a cluster that another process has brought up.
   *
   * @throws {Error} when the folder has none
   */
  static open(dir: string): KubernetesCluster {
    const record = readCluster(dir);
    if (record === undefined) throw new Error(`Cannot open ${dir}: it has no cluster`);
    return new KubernetesCluster(record);
  }

  /**
   * Runs kubectl as the administrator, and returns its stdout.
   *
   * @throws {Error} when it fails
   */
  kubectl(...args: string[]): string {
    const { code, stdout, stderr } = kubectl(this.#record.place, ...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Kills a server. */
  async kill(name: ServerName): Promise<void> {
    const isServer = ({ command }: HostProcess) => command.split(" ")[0]!.endsWith(name);
    const [found] = processesBeside(this.#record.keeper).filter(isServer);
    if (!found) throw new Error(`Cannot kill ${name}: it does not run`);
    await kill(found.pid);
  }

  /** Starts a server that was killed. */
  start(name: ServerName): Promise<void> {
    return startServer(this.#record.place, this.#record.keeper, name);
  }

  /** Takes the link of a node down. */
  cut(node: NodeName): void {
    this.#setLink(node, "down");
  }

  /** Takes the link of a node up. */
  mend(node: NodeName): void {
    this.#setLink(node, "up");
  }

  /** Ends a node at once, with its pods. */
  async off(node: NodeName): Promise<void> {
    const path = `${this.#record.place.dir}/${node}/pid`;
    await kill(Number(Deno.readTextFileSync(path)));
    Deno.removeSync(path);
  }

  /** Starts a node that is off. */
  async on(node: NodeName): Promise<void> {
    const { place, keeper } = this.#record;
    await startNode(place, keeper, node);
    await untilReady(place, [node]);
  }

  /** Gives the image of the nodes a further name. */
  tagImage(name: string): void {
    const { dir } = this.#record.place;
    for (const node of NODES) {
      const spaces = ["-t", readIfThere(`${dir}/${node}/pid`).trim(), "--mount", "--pid"];
      const tag = ["ctr", "-n", "k8s.io", "images", "tag", IMAGE, name];
      runSync("nsenter", [...spaces, "--", ...tag]);
    }
  }

  /** Returns the groups that limit the memory of the containers of a pod. */
  containerGroups(uid: string): string[] {
    const isContainer = (path: string) => path.includes(`/pod${uid}/`);
    return memoryGroups(this.#record.place.cgroup).filter(isContainer);
  }

  /** Lists the processes of all pods. Those that only hold the sandbox of a pod are left out. */
  podProcesses(): HostProcess[] {
    const pids = new Set(memoryGroups(this.#record.place.cgroup).flatMap(processesOfGroup));
    return allProcesses().filter(({ pid, command }) =>
      pids.has(pid) && command !== "sleep infinity"
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await downCluster(this.#record.place.dir);
    await endByStdin(this.#process);
  }

  #setLink(node: NodeName, state: string): void {
    runSync("nsenter", [...nsenter(this.#record.keeper), "ip", "link", "set", node, state]);
  }
}
