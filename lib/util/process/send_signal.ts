/**
 * Signals to processes that may have ended.
 *
 * @module
 */

/**
 * Sends a signal to a process. Does nothing when the process has ended, or may not be signalled.
 *
 * @param process a child, the id of a process, or the negative id of a process group
 *
 * @example
 * ```ts
 * import { sendSignal } from "./send_signal.ts";
 *
 * const child = new Deno.Command("true").spawn();
 * await child.status;
 * sendSignal(child, "SIGKILL");
 * ```
 */
export function sendSignal(process: number | Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    if (typeof process === "number") Deno.kill(process, signal);
    else process.kill(signal);
  } catch {
    // The process has ended, or belongs to another user.
  }
}
