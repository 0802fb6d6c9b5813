/**
 * Tracks the work of this process that Ctrl-C ends in a session.
 *
 * @module
 */

/** Work that can be canceled: a run, or a loop that waits for a job in another process. */
export interface Cancelable {
  /** True when the work is over. */
  readonly hasEnded: boolean;
  /** True when the work could not run at all. */
  readonly hasFailed: boolean;
  /** Ends the work. */
  cancel(): void;
}

let tracked: Cancelable[] = [], started: Cancelable[] = [];

/** Tracks work that has started in this process. */
export function trackRun(run: Cancelable): void {
  tracked = [...runningHere(), run];
  started.push(run);
}

/**
 * Takes the work that has started since the last call.
 *
 * @returns The work, in the order of its start; it may be over.
 */
export function takeStarted(): readonly Cancelable[] {
  const taken = started;
  started = [];
  return taken;
}

/**
 * Lists the work of this process that is not over.
 *
 * @returns The work, in the order of its start.
 */
export function runningHere(): readonly Cancelable[] {
  return tracked.filter((run) => !run.hasEnded);
}
