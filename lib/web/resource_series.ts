/**
 * The memory and the CPU use of a job's workers over time, in a bounded number of samples.
 *
 * @module
 */

import type { ResourceSample } from "../job_dir/resources.ts";

const MOST = 400;

/**
 * Keeps at most 400 samples. Neighbours are joined as a job continues.
 *
 * @example
 * ```ts
 * import { ResourceSeries } from "./resource_series.ts";
 *
 * const series = new ResourceSeries();
 * for (let at = 0; at < 1000; at++) series.add({ at, memory: at, cpus: 1 });
 * const { length } = series.snapshot()!;
 * if (length < 200 || length > 400) throw new Error(String(length));
 * ```
 */
export class ResourceSeries {
  #samples: ResourceSample[] = [];

  /** Adds the next sample. */
  add(sample: ResourceSample): void {
    this.#samples.push(sample);
    if (this.#samples.length > MOST) this.#samples = joined(this.#samples);
  }

  /** Returns the samples in the order of time; `undefined` when there are none. */
  snapshot(): readonly ResourceSample[] | undefined {
    return this.#samples.length > 0 ? this.#samples : undefined;
  }
}

/** Joins pairs of neighbours, except the last one, which may be alone. */
function joined(samples: readonly ResourceSample[]): ResourceSample[] {
  const half: ResourceSample[] = [];
  for (let i = 0; i < samples.length; i += 2) {
    const [a, b] = [samples[i]!, samples[i + 1]];
    half.push(b ? { at: b.at, memory: Math.max(a.memory, b.memory), cpus: meanOf(a, b) } : a);
  }
  return half;
}

function meanOf(a: ResourceSample, b: ResourceSample): number {
  return Number(((a.cpus + b.cpus) / 2).toFixed(2));
}
