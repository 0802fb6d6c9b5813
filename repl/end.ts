/**
 * The end of a session whose entries come from a pipe. The session then waits for the runs that its
 * entries have started, as a script does.
 *
 * @module
 */

import { runningHere } from "../lib/api/runs.ts";
import { delay } from "../lib/util/time/delay.ts";

/** The entry that follows the last one of the pipe. */
export const END_ENTRY = 'await globalThis[Symbol.for("dl_jobs.end")]()\n';

/** The exit status of a session whose last entry is incomplete, and contains that of the end. */
export const INCOMPLETE = 99;

const POLL_MS = 20;

/**
 * Defines the function that the entry of the end calls.
 *
 * @returns a function to call when the session was closed, which needs no such entry.
 */
export function expectEnd(): () => void {
  const onEnd = () => {
    // An entry may have set another one.
    if (Deno.exitCode === INCOMPLETE) Deno.exitCode = 0;
  };
  Deno.exitCode = INCOMPLETE;
  // `Deno.exit()` without an argument exits with this status.
  addEventListener("unload", onEnd);
  Object.defineProperty(globalThis, Symbol.for("dl_jobs.end"), {
    value: async () => {
      do await delay(POLL_MS); while (runningHere().length > 0);
      Deno.exit();
    },
  });
  return onEnd;
}
