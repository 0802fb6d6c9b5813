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
import {
  isBeingCreated,
  isImageError,
  type PodObject,
  type PodState,
  podState,
} from "./pod_state.ts";

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
  #warnings = new Map<string, Promise<string | undefined>>();
  #hasRun: boolean;
  #told = new Set<string>();

  /**
   * Creates the pool of a Job that exists.
   *
   * @param warn shows a text to the user
   * @param patienceMs the time after which the reason of a wait is told, in milliseconds
   */
  constructor(
    readonly kubectl: Kubectl,
    readonly record: PodJobRecord,
    readonly warn: (text: string) => void,
    readonly patienceMs: number = PATIENCE_MS,
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
    const since = performance.now(), waited = () => performance.now() - since;
    const isLate = () => waited() >= this.patienceMs;
    let hasWaited = false;
    for (; !signal.aborted; hasWaited = true) {
      try {
        const pods = await this.#look(), reason = this.#assign(place, pods);
        if (reason === undefined) return hasWaited ? tell("") : undefined;
        tell(reason ? await this.#explain(reason, pods, isLate()) : await this.#whyNone());
      } catch (error) {
        const isFinal = error instanceof MachineGone || error instanceof UsageError;
        if (isFinal || this.podOf(place) !== undefined) throw error;
        const { message } = error as Error;
        if (isLate()) this.#tell(`pods wait: ${message}`);
        tell(message);
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
  #assign(place: string, pods: readonly PodState[]): string | undefined {
    const own = this.podOf(place);
    if (own !== undefined) return this.#check(place, pods.find(({ name }) => name === own));
    const taken = new Set(Object.values(this.record.pods));
    const free = pods.filter(({ name, isLeaving }) => !taken.has(name) && !isLeaving);
    const next = free.find(({ phase }) => phase === "running");
    if (!next) return this.#reasonOf(free);
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

  /** Returns the reason why none of the pods runs; an empty text without a pod. */
  #reasonOf(free: readonly PodState[]): string {
    const failed = free.filter(({ phase }) => phase === "gone");
    if (!this.#hasRun && failed.length >= MOST_FAILED) {
      throw new UsageError(`its pods end before a task runs: ${failed.at(-1)!.reason}`);
    }
    return free.find(({ phase }) => phase === "pending")?.reason ?? "";
  }

  /** Returns the whole reason of a wait, and tells it once when the wait may not pass. */
  async #explain(reason: string, pods: readonly PodState[], isLate: boolean): Promise<string> {
    // Kubernetes tells what is missing in a pod that is being created, such as a volume, elsewhere.
    const pod = isLate && isBeingCreated(reason) && pods.find((one) => one.reason === reason);
    // The pods were just listed, so a place keeps its pod when the question about events fails.
    const warning = pod && await this.#lastWarning(pod.name).catch(() => undefined);
    const whole = warning ? `${reason}: ${warning}` : reason;
    if (isLate || isImageError(reason)) this.#tell(`pods wait: ${whole}`);
    return whole;
  }

  /** Returns the reason why the Job has no pods for a place, such as a quota. */
  #whyNone(): Promise<string> {
    return this.#asking ??= this.#ask().finally(() => this.#asking = undefined);
  }

  async #ask(): Promise<string> {
    const message = await this.#lastWarning(this.record.name!);
    if (!message) return await this.#whyNoJob();
    const text = withAdvice(message);
    if (!this.#hasRun) throw new UsageError(`Kubernetes creates no pod: ${text}`);
    this.#tell(`Kubernetes creates no more pods: ${text}`);
    return message;
  }

  /** Returns the last warning about an object. Places that ask at the same time share one answer. */
  #lastWarning(name: string): Promise<string | undefined> {
    const known = this.#warnings.get(name);
    if (known) return known;
    const asked = this.#readWarning(name).finally(() => this.#warnings.delete(name));
    this.#warnings.set(name, asked);
    return asked;
  }

  /** Returns the last warning about an object; `undefined` for none. */
  async #readWarning(name: string): Promise<string | undefined> {
    const selector = `involvedObject.name=${name},type=Warning`;
    const { items } = await this.kubectl.read<{ items: { message?: string }[] }>(
      ["get", "events", "--field-selector", selector],
    ).catch((error) => {
      // A user who may not list events still learns that the Job is gone.
      if (error instanceof KubectlError && error.isRefused) return { items: [] };
      throw error;
    });
    return items.at(-1)?.message;
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

// What to do when a namespace does not accept the pods, by words of its messages.
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/must specify/, "set what it names, as --kubernetes cpu=N,memory=SIZE"],
  [
    /exceeded quota|maximum (cpu|memory)/,
    "ask for less with --kubernetes pods=N,cpu=N,memory=SIZE",
  ],
  [/violates PodSecurity|security context/i, "set a securityContext in --kubernetes template=FILE"],
];

function withAdvice(message: string): string {
  const advice = ADVICE.find(([words]) => words.test(message))?.[1];
  return advice === undefined ? message : `${message}, ${advice}`;
}
