/**
 * What goes on in this process: Ctrl-C ends it.
 *
 * @module
 */

/** A run, or somebody who waits for one elsewhere. */
export interface Stoppable {
  /** Whether there is nothing left to stop. */
  readonly hasEnded: boolean;
  cancel(): void;
}

let all: Stoppable[] = [];

/** Takes note of something that goes on in this process. */
export function noteRun(one: Stoppable): void {
  all = [...runsHere(), one];
}

/** What goes on in this process. */
export function runsHere(): readonly Stoppable[] {
  return all.filter((one) => !one.hasEnded);
}
