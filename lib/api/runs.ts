/**
 * Tracks the work that Ctrl-C cancels in a session.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

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

let isStopped = false;

/**
 * Cancels the unfinished work of this process. Runs that the same entry of a session or cell of a
 * notebook would start next, as in a loop, are refused.
 *
 * @returns the work that was canceled.
 */
export function stopEntry(): readonly Cancelable[] {
  const work = runningHere();
  isStopped ||= work.length > 0;
  for (const one of work) one.cancel();
  return work;
}

/** Lets the next entry of a session, or the next cell of a notebook, start runs. */
export function endEntry(): void {
  isStopped = false;
}

/** @throws {UsageError} when the user has stopped the entry that starts a run. */
export function assertNotStopped(): void {
  if (isStopped) {
    throw new UsageError("Cannot start the run: the entry or the cell that starts it was stopped");
  }
}
