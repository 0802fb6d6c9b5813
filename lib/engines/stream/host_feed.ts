/**
 * Takes tasks from the queue for one host, as fast as the host completes them.
 *
 * @module
 */

import type { TakenBatch, Taker } from "../local/task_queue.ts";
import { InFlight } from "../shared/in_flight.ts";
import type { HostPool } from "./host_pool.ts";
import { HostWindow } from "./host_window.ts";
import type { Link } from "./link.ts";
import type { Mirror } from "./mirror.ts";
import type { HostPlace } from "./place.ts";
import { tasksPacket } from "./task_packets.ts";

/** The host that receives tasks. */
export interface FedHost {
  /** The record of its tasks. */
  readonly mirror: Mirror;
  readonly pool: Pick<HostPool, "queue" | "stop" | "signal" | "onChange">;
  /** True when it receives nothing more. */
  readonly isOver: boolean;
  readonly place: Pick<HostPlace, "isFormer">;
  /** The number of tasks that run at a time there. */
  readonly places: number;
}

/** Sends tasks to a host. */
export class HostFeed implements Taker {
  /** The tasks on the host that have no response. */
  readonly inFlight = new InFlight();
  /** True when the list has ended, or no further task may begin. */
  isDone = false;
  #link: Link | undefined;
  #window = new HostWindow(() => this.host.pool.queue.pace?.isActive === true);
  /** True while the only task in flight must be alone. */
  #isAlone = false;
  #changed = Promise.withResolvers<void>();

  /** Creates the feed of a host. */
  constructor(readonly host: FedHost) {}

  /** The connection; `undefined` while there is none. */
  get link(): Link | undefined {
    return this.#link;
  }

  set link(link: Link | undefined) {
    if (link) this.#window.begin(this.host.places);
    this.#link = link;
  }

  /** The state that decides whether the queue returns tasks to this host. */
  get state(): Taker["state"] {
    const { pool: { stop, signal }, isOver, place: { isFormer } } = this.host;
    if (stop.aborted || signal.aborted || isOver || isFormer) return "gone";
    return this.#link && this.inFlight.count === 0 ? "idle" : "busy";
  }

  /** Sends tasks until the list ends, or the host receives no more. */
  async run(): Promise<void> {
    while (await this.#untilRoom()) {
      const room = Math.max(1, this.#window.size - this.inFlight.count);
      const taken = await this.host.pool.queue.take(room, this);
      if (!taken) break;
      if (this.#link && this.state !== "gone") await this.#send(taken, this.#link);
      else this.host.pool.queue.putBack(taken);
    }
    this.isDone = true;
  }

  /** Notes responses of the host. */
  answered(responses: number): void {
    if (responses > 0) this.#window.answered(responses);
    // A task that must be alone may run now.
    if (this.inFlight.count === 0) this.host.pool.queue.wake();
  }

  /** Wakes what waits for a change of the host. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #send({ batch, isSuspect }: TakenBatch, link: Link): Promise<void> {
    const { mirror, pool, places } = this.host;
    if (this.inFlight.count === 0) this.#window.begin(places);
    this.#isAlone = isSuspect;
    const [head, payload] = tasksPacket(batch);
    this.inFlight.push(batch);
    this.#window.sent(batch.count, payload.length);
    const raw = mirror.append(head, payload);
    this.wake();
    pool.onChange();
    await link.send(raw);
  }

  /** Waits until the host can receive tasks. Returns false when it receives no more. */
  async #untilRoom(): Promise<boolean> {
    const most = () => this.#isAlone ? 0 : this.#window.refillAt;
    const isReady = () => this.#link && this.inFlight.count <= most();
    while (this.state !== "gone" && !isReady()) {
      if (!this.#link && this.host.pool.queue.isDrained) return false;
      await this.#changed.promise;
    }
    return this.state !== "gone";
  }
}
