/**
 * A stand-in for Kubernetes, for tests: a program `kubectl` whose pods are processes here.
 *
 * It has no images, no limits and no isolation: a pod is a folder and the processes in it. Requires
 * Linux.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { processIds } from "../support/system.ts";
import { ClusterFiles, type Faults, type Pod } from "./cluster.ts";
import { deletePod, endPod, processesOf, reconcile, signalPod } from "./pods.ts";

/** A cluster of the stand-in. It is removed on disposal. */
export class KubectlStandIn implements AsyncDisposable {
  #files: ClusterFiles;

  private constructor(readonly dir: string) {
    this.#files = new ClusterFiles(dir);
  }

  /** Creates a cluster in a new folder. */
  static async create(): Promise<KubectlStandIn> {
    const dir = await Deno.makeTempDir({ prefix: "kubectl_stand_in_" });
    const cluster = new KubectlStandIn(dir), main = new URL("main.ts", import.meta.url).pathname;
    cluster.#files.init();
    const flags = "run -A --no-check --no-lock --no-config --quiet";
    const script = `#!/bin/sh\nexport KUBECTL_STAND_IN='${dir}'\n` +
      `exec '${Deno.execPath()}' ${flags} '${main}' "$@"\n`;
    await Deno.writeTextFile(cluster.command, script, { mode: 0o700 });
    return cluster;
  }

  /** The path of its `kubectl`. */
  get command(): string {
    return `${this.dir}/kubectl`;
  }

  /** The options of the engine that its pods need. */
  readonly settings: Readonly<Record<string, string>> = {};

  /** Sets faults, besides those that are set. */
  fail(faults: Faults): void {
    this.#files.faults = { ...this.#files.faults, ...faults };
    if (faults.isDown) this.cutExecs();
  }

  /** Returns the pods. */
  pods(): Pod[] {
    return this.#files.change((objects) => {
      reconcile(this.#files, objects);
      return Object.values(objects.pods);
    });
  }

  /** Returns the names of the Jobs. */
  jobs(): string[] {
    return this.#files.change(({ jobs }) => Object.keys(jobs));
  }

  /** Returns the processes of all pods that there have been, with a text in their command. */
  processes(text = ""): number[] {
    const all = this.#marks().flatMap((mark) => processesOf({ mark }));
    const commandOf = (pid: number) => readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    return all.filter((pid) => commandOf(pid).includes(text));
  }

  /** Kills all processes of a pod. */
  kill(name: string, reason = "Error"): void {
    this.#change(name, (pod) => endPod(pod, { reason, exitCode: 137 }));
  }

  /** Deletes a pod, as a drained node does: its first process receives SIGTERM. */
  evict(name: string, graceMs = 30_000): void {
    this.#files.change((objects) => deletePod(this.#files, objects, objects.pods[name]!, graceMs));
  }

  /** Deletes all Jobs with their pods. */
  removeJobs(): void {
    this.#files.change((objects) => {
      objects.jobs = {};
      for (const pod of Object.values(objects.pods)) deletePod(this.#files, objects, pod, 0);
    });
  }

  /** Makes the node of a pod silent. */
  freeze(name: string): void {
    this.#change(name, (pod) => {
      pod.isFrozen = true;
      signalPod(pod, "SIGSTOP");
    });
  }

  /** Lets silent nodes answer: they end the pods that have been deleted meanwhile. */
  thaw(): void {
    this.#files.change(({ pods, marks }) => {
      const known = new Set(Object.values(pods).map(({ mark }) => mark));
      for (const pod of Object.values(pods)) {
        pod.isFrozen = false;
        signalPod(pod, "SIGCONT");
      }
      for (const mark of marks) if (!known.has(mark)) signalPod({ mark }, "SIGKILL");
    });
  }

  /** Kills the connections to pods, and returns their number. */
  cutExecs(): number {
    const pids = processIds().filter((pid) =>
      readIfThere(`/proc/${pid}/environ`).includes(`KUBECTL_STAND_IN=${this.dir}`) &&
      readIfThere(`/proc/${pid}/cmdline`).split("\0").includes("exec")
    );
    for (const pid of pids) Deno.kill(pid, "SIGKILL");
    return pids.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mark of this.#marks()) signalPod({ mark }, "SIGKILL");
    await Deno.remove(this.dir, { recursive: true });
  }

  #marks(): string[] {
    return this.#files.change(({ marks }) => marks);
  }

  #change(name: string, fn: (pod: Pod) => void): void {
    this.#files.change(({ pods }) => fn(pods[name]!));
  }
}
