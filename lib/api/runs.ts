/**
 * What goes on in this process: Ctrl-C ends it.
 *
 * @module
 */

/** A run, or somebody who waits for one elsewhere. */
export interface Stoppable {
  /** Whether there is nothing left to stop. */
  readonly hasEnded: boolean;
  /** Whether it could not even run. */
  readonly hasFailed: boolean;
  cancel(): void;
}

let all: Stoppable[] = [], fresh: Stoppable[] = [];

/** Takes note of something that goes on in this process. */
export function noteRun(one: Stoppable): void {
  all = [...runsHere(), one];
  fresh.push(one);
}

/** What has begun since the last time that somebody asked. */
export function takeFresh(): readonly Stoppable[] {
  const taken = fresh;
  fresh = [];
  return taken;
}

/** What goes on in this process. */
export function runsHere(): readonly Stoppable[] {
  return all.filter((one) => !one.hasEnded);
}
