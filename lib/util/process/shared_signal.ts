/**
 * Signals that reach this process and its children, such as that of Ctrl-C in a terminal.
 *
 * @module
 */

import { delay } from "../time/delay.ts";

// The longest time between the end of a child by a signal and the arrival of the signal here.
const SIGNAL_MS = 500;

/**
 * Waits until a signal that may have ended a child has arrived here, too. The command then ends as
 * interrupted, and not with the failure of the child.
 *
 * @param arrived aborted when the signal has arrived, which ends the wait
 */
export async function awaitSharedSignal(arrived?: AbortSignal): Promise<void> {
  await delay(SIGNAL_MS, arrived && [arrived]);
}
