/**
 * The pods of a Job. Each place of the engine has one, and another one when it is gone.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";
import { MachineGone } from "../stream/machine_gone.ts";
import { JOB_LABEL } from "./job_manifest.ts";
import type { PodJobRecord } from "./job_record.ts";
import { type Kubectl, KubectlError } from "./kubectl.ts";
import { isImageError, type PodObject, type PodState, podState } from "./pod_state.ts";

// A pod that is about to run is asked for often, and one that waits for a node less often.
const LOOK_MS = 1000, MOST_LOOK_MS = 5000;
// A pod that waits for this long has its reason told: a new node takes minutes.
const PATIENCE_MS = 30_000;
// The number of pods that end before one has run, after which the job ends.
const MOST_FAILED = 3;

/** Assigns the pods of a Job to places. */
export class PodPool {
  #looking: Promise<readonly PodState[]> | undefined;
  #asking: Promise<string> | undefined;
  #hasRun: boolean;
  #told = new Set<string>();

  /**
   * Creates the pool of a Job that exists.
   *
   * @param warn shows a text to the user
   */
  constructor(
    readonly kubectl: Kubectl,
    readonly record: PodJobRecord,
    readonly warn: (text: string) => void,
  ) {
    // The Job of an earlier controller also lists the pods that it lost.
    this.#hasRun = Object.keys(record.pods).length > 0;
  }

  /**
   * Waits until a place has a pod that runs.
   *
   * @param tell receives the reason of the wait, and an empty text after it
   * @throws {MachineGone} when its pod is gone.
   * @throws {Error} when the server does not tell whether its pod is there.
   * @throws {UsageError} when no pod can run.
   */
  async waitFor(place: string, signal: AbortSignal, tell: (reason: string) => void): Promise<void> {
    const since = Date.now(), waited = () => Date.now() - since;
    let hasWaited = false;
    for (; !signal.aborted; hasWaited = true) {
      try {
        const reason = this.#assign(place, await this.#look(), waited() > PATIENCE_MS);
        if (reason === undefined) return hasWaited ? tell("") : undefined;
        tell(reason || await this.#whyNone());
      } catch (error) {
        const isFinal = error instanceof MachineGone || error instanceof UsageError;
        if (isFinal || this.podOf(place) !== undefined) throw error;
        tell((error as Error).message);
      }
      await delay(Math.min(LOOK_MS + waited() / 10, MOST_LOOK_MS), [signal]);
    }
  }

  /** The pod of a place; `undefined` when it has none. */
  podOf(place: string): string | undefined {
    return this.record.pods[place];
  }

  /** Deletes the pod of a place at once, so that the Job creates another one. */
  async discard(place: string): Promise<void> {
    const pod = this.podOf(place);
    if (pod === undefined) return;
    const force = ["--force", "--grace-period=0", "--ignore-not-found", "--wait=false"];
    await this.kubectl.run(["delete", "pod", pod, ...force]);
    this.record.setPod(place, undefined);
  }

  /** Assigns a pod, or returns the reason why the place has none yet. */
  #assign(place: string, pods: readonly PodState[], isLate: boolean): string | undefined {
    const own = this.podOf(place);
    if (own !== undefined) return this.#check(place, pods.find(({ name }) => name === own));
    const taken = new Set(Object.values(this.record.pods));
    const free = pods.filter(({ name, isLeaving }) => !taken.has(name) && !isLeaving);
    const next = free.find(({ phase }) => phase === "running");
    if (!next) return this.#explain(free, isLate);
    this.#hasRun = true;
    this.record.setPod(place, next.name);
    return undefined;
  }

  #check(place: string, pod: PodState | undefined): string | undefined {
    if (pod && pod.phase !== "gone") return pod.phase === "running" ? undefined : pod.reason;
    const name = this.podOf(place)!;
    this.record.setPod(place, undefined);
    const reason = pod?.reason ?? "it was deleted";
    throw new MachineGone(`its pod ${name} is gone: ${reason}`, pod?.isOom);
  }

  /** Returns the reason why a place waits, and tells it once when it may not pass. */
  #explain(free: readonly PodState[], isLate: boolean): string {
    const failed = free.filter(({ phase }) => phase === "gone");
    if (!this.#hasRun && failed.length >= MOST_FAILED) {
      throw new UsageError(`its pods end before a task runs: ${failed.at(-1)!.reason}`);
    }
    const reason = free.find(({ phase }) => phase === "pending")?.reason ?? "";
    if (reason && (isLate || isImageError(reason))) this.#tell(`pods wait: ${reason}`);
    return reason;
  }

  /** Returns the reason why the Job has no pods for a place, such as a quota. */
  #whyNone(): Promise<string> {
    return this.#asking ??= this.#ask().finally(() => this.#asking = undefined);
  }

  async #ask(): Promise<string> {
    const selector = `involvedObject.name=${this.record.name},type=Warning`;
    const { items } = await this.kubectl.read<{ items: { message?: string }[] }>(
      ["get", "events", "--field-selector", selector],
    ).catch((error) => {
      // A user who may not list events still learns that the Job is gone.
      if (error instanceof KubectlError && error.isRefused) return { items: [] };
      throw error;
    });
    const message = items.at(-1)?.message;
    if (!message) return await this.#whyNoJob();
    if (!this.#hasRun) throw new UsageError(`Kubernetes creates no pod: ${message}`);
    this.#tell(`Kubernetes creates no more pods: ${message}`);
    return message;
  }

  async #whyNoJob(): Promise<string> {
    const { name } = this.record;
    const found = await this.kubectl.run(["get", "job", name!, "--ignore-not-found"]);
    if (found.includes(name!)) return "its pod is being created";
    throw new UsageError(`the Job ${name} was deleted`);
  }

  #tell(text: string): void {
    // The messages about other nodes differ only in numbers.
    const key = text.replaceAll(/\d+/g, "");
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.warn(text);
  }

  /** Lists the pods. Places that ask at the same time share one answer. */
  #look(): Promise<readonly PodState[]> {
    return this.#looking ??= this.#list().finally(() => this.#looking = undefined);
  }

  async #list(): Promise<readonly PodState[]> {
    const { items } = await this.kubectl.read<{ items: PodObject[] }>(
      ["get", "pods", "-l", `${JOB_LABEL}=${this.record.name}`],
    );
    return items.map(podState);
  }
}
