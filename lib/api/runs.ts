/**
 * Tracks the work that Ctrl-C cancels in a session.
 *
 * @module
 */

/** Work that can be canceled: a run, or a loop that waits for another process's job. */
export interface Cancelable {
  /** True when the work has ended. */
  readonly hasEnded: boolean;
  /** True when the work could not start or complete. A failed task does not count. */
  readonly hasFailed: boolean;
  /** Cancels the work. */
  cancel(): void;
}

let tracked: Cancelable[] = [];
// Only a session takes this list. In a script it would keep each run, with its results, to the end.
let started: Cancelable[] | undefined;

/** Adds work that has just started in this process. */
export function trackRun(run: Cancelable): void {
  tracked = [...runningHere(), run];
  started?.push(run);
}

/**
 * Returns the work that has started since the last call. The first call begins the list.
 *
 * @returns the work, in the order in which it started. Some of it may have ended.
 */
export function takeStarted(): readonly Cancelable[] {
  const taken = started ?? [];
  started = [];
  return taken;
}

/**
 * Lists the unfinished work of this process.
 *
 * @returns the work, in the order in which it started.
 */
export function runningHere(): readonly Cancelable[] {
  return tracked.filter((run) => !run.hasEnded);
}
