import { ENDS, OPEN, type Platform, type PlatformJob } from "./platform.ts";
import type { Slice } from "./slice.ts";

const MOST_MS = 60_000, GROWTH = 1.5;
// How often one that is not heard of is looked for.
const MISSING_POLLS = 5;

/** A slice whose platform job has ended, or is gone. */
export interface Ended {
  readonly slice: Slice;
  readonly job: PlatformJob | undefined;
}

/** Asks the platform which of its jobs have ended: less and less often while none does. */
export class Poll {
  #ms: number;
  #at = 0;
  #idle = 0;

  /** @param least how often to ask while things move, in milliseconds */
  constructor(readonly platform: Platform, readonly least: number) {
    this.#ms = least;
  }

  /** How long there is nothing to ask, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Asks often again: something has happened. */
  soon(): void {
    this.#ms = this.least;
    this.#at = Math.min(this.#at, performance.now() + this.#ms);
  }

  /** The slices whose platform jobs have ended, or are gone. */
  async ask(slices: ReadonlyMap<string, Slice>): Promise<Ended[]> {
    const isLookingFor = this.#idle >= MISSING_POLLS;
    const states = isLookingFor ? [...ENDS, ...OPEN] : ENDS;
    const jobs = await this.platform.jobs([...slices.keys()], states);
    const ended: Ended[] = jobs.filter(({ status }) => ENDS.includes(status))
      .map((job) => ({ slice: slices.get(job.id)!, job }));
    if (isLookingFor) ended.push(...missing(slices, jobs));
    this.#idle = isLookingFor || ended.length > 0 ? 0 : this.#idle + 1;
    this.#ms = ended.length > 0 ? this.least : Math.min(this.#ms * GROWTH, MOST_MS);
    this.#at = performance.now() + this.#ms;
    return ended;
  }
}

/** The slices whose platform jobs the platform does not know. */
function missing(slices: ReadonlyMap<string, Slice>, jobs: readonly PlatformJob[]): Ended[] {
  const known = new Set(jobs.map(({ id }) => id));
  return [...slices.values()].filter(({ job }) => !known.has(job))
    .map((slice) => ({ slice, job: undefined }));
}
