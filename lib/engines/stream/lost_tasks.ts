/**
 * The tasks of a machine that is lost.
 *
 * @module
 */

import type { TaskError } from "../../journal/format.ts";
import { type Blame, charge } from "../local/worker_death.ts";
import type { InFlight } from "../shared/in_flight.ts";
import type { MachineGone } from "./machine_gone.ts";

/**
 * Removes all tasks in flight on a machine, and decides which are charged.
 *
 * @param most the number of tasks that run at a time there
 */
export function takeLost(inFlight: InFlight, most: number, gone: MachineGone): Blame {
  const ids = inFlight.running(most);
  return charge(inFlight.takeAll(), { ids, error: errorOf(gone), isShared: gone.isOom });
}

function errorOf({ message, isOom }: MachineGone): TaskError {
  return isOom
    ? { message, type: "OutOfMemory", class: "oom" }
    : { message, type: "HostLost", class: "lost" };
}
