/**
 * A place for tasks, in a pod that may be replaced by another one.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { HostPlace, Pipes } from "../stream/place.ts";
import type { FarProgram } from "../stream/shell.ts";
import { connectShell } from "../stream/shell_place.ts";
import type { PodPool } from "./pod_pool.ts";

/** A place in one pod at a time. */
export class PodPlace implements HostPlace {
  #hasConnected = false;

  /** Creates a place. It has no pod yet. */
  constructor(
    readonly name: string,
    readonly workers: number | undefined,
    readonly pool: PodPool,
    readonly far: FarProgram,
  ) {}

  get advice(): string {
    return this.far.advice;
  }

  ready(signal: AbortSignal, tell: (reason: string) => void): Promise<void> {
    return this.pool.waitFor(this.name, signal, tell);
  }

  discard(): Promise<void> {
    return this.pool.discard(this.name);
  }

  async connect(signal: AbortSignal): Promise<Pipes> {
    const pod = this.pool.podOf(this.name);
    if (pod === undefined) throw new Error("it has no pod");
    const start = (script: string) => this.pool.kubectl.exec(pod, script);
    const reason = (code: number | undefined, words: string) =>
      `${pod}: ${words || `kubectl exec ended with ${code}`}`;
    try {
      const pipes = await connectShell(start, this.far, signal, reason);
      this.#hasConnected = true;
      return pipes;
    } catch (error) {
      const { message } = error as Error;
      // A server that has just started refuses all until it has read the roles.
      const isFinal = /\(Forbidden\)|executable file not found/.test(message);
      if (!isFinal || this.#hasConnected) throw error;
      throw new UsageError(message, { cause: error });
    }
  }
}
