/**
 * The parts of a run that all its hosts share.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import type { AckChannel } from "../local/ack_channel.ts";
import type { TaskQueue } from "../local/task_queue.ts";
import type { Slots } from "../shared/slots.ts";
import type { MakeRequest } from "./link.ts";
import type { Mirror } from "./mirror.ts";
import type { HostPlace } from "./place.ts";
import type { Order, Ready } from "./protocol.ts";

/** The parts of a run that all its hosts share. */
export interface HostPool {
  /** The tasks. */
  readonly queue: TaskQueue;
  /** Receives the events of the tasks. */
  readonly events: AckChannel<EventBatch>;
  /** The folder for files that tasks write. */
  readonly files: string;
  /** The number of calls that run at a time in a worker. */
  readonly concurrency: number;
  /** The time in which canceled calls can react, in milliseconds. */
  readonly grace: number;
  /** The time after which the tasks of a host that is away run elsewhere, in milliseconds. */
  readonly lostAfter: number;
  /** Shows a text to the user. */
  readonly warn: (text: string) => void;
  /** Notes that the state of a host has changed. */
  readonly onChange: () => void;
  /** Aborted when no further task may begin. */
  readonly stop: AbortSignal;
  /** Aborted when the run must end at once. */
  readonly signal: AbortSignal;
  /** Returns true when this machine cannot continue. A later controller collects what hosts have. */
  readonly isBroken: () => boolean;
  /** Notes that the list has ended. */
  readonly onDrained: () => void;
  /** Resolves when the tasks of an earlier controller are assigned to their hosts. */
  readonly reattached: Promise<unknown>;
  /** Limits the connections that begin at a time. */
  readonly starts: Slots;
  /** Returns the request for a host. */
  request(
    place: HostPlace,
    ready: Ready,
    mirror: Mirror,
    order: Order | undefined,
  ): ReturnType<MakeRequest>;
}

/** The state of a host in a run. */
export type HostState = "new" | "there" | "away" | "out" | "done";
