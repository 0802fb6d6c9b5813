/**
 * Faults that tests inject into the server.
 *
 * @module
 */

import { randomOf } from "../support/random.ts";

/** The kinds of faults. */
export type FaultKind =
  /**
   * Answers with this status and with `Retry-After` in seconds, before or `after` the request has
   * had its effect.
   */
  | {
    readonly type: "status";
    readonly status: number;
    readonly retryAfter?: number;
    readonly after?: boolean;
  }
  /**
   * Cuts the connection without an answer, before or after the request has had its effect.
   *
   * On a reused connection, `fetch` automatically sends the request a second time, even a POST,
   * unless its body is a stream. A test then sees the answer to the second request.
   */
  | { readonly type: "drop"; readonly when: "before" | "after" }
  /** Delays the answer, in milliseconds. */
  | { readonly type: "slow"; readonly ms: number }
  /** Revokes all tokens. */
  | { readonly type: "expire" }
  /**
   * Shuffles the jobs in the answer to a batch. On `GET /jobs`, shuffles each page of a search
   * without `sort` anew, so that its pages repeat and miss jobs.
   */
  | { readonly type: "shuffle" }
  /** Leaves a field out of the records in an answer, or gives it another value. */
  | { readonly type: "omit"; readonly field: string; readonly value?: unknown }
  /** Hides a job from one page of a search. */
  | { readonly type: "hide" }
  /** Sends the body of an answer slowly. */
  | { readonly type: "pace"; readonly bytesPerSecond: number }
  /** Sends the first bytes of an answer, and then nothing. */
  | { readonly type: "stall"; readonly bytes: number }
  /** Sends a body that never ends. */
  | { readonly type: "flood" }
  /** Refuses a batch whose `reference_id` is known, even when its body is the same. */
  | { readonly type: "conflict" }
  /** Fails a build. */
  | { readonly type: "build" }
  /** Kills a job at its start, as if its machine were lost. */
  | { readonly type: "preempt" }
  /** Discards the result of a job. */
  | { readonly type: "lose" }
  /** Makes the result of a job available some time after the job's end, in milliseconds. */
  | { readonly type: "late"; readonly ms: number }
  /** Cuts the result of a job to its first bytes. */
  | { readonly type: "cut"; readonly bytes: number };

/** A fault and the conditions under which it happens. */
export type Fault = FaultKind & {
  /**
   * The requests that the fault applies to, such as `"POST /jobs/bulk"` or `/^GET /`. For a build,
   * a job or a result, the pattern applies to the name of the function.
   *
   * @default {/(?:)/}
   */
  readonly on?: string | RegExp;
  /**
   * The number of times that the fault happens.
   *
   * @default {Infinity}
   */
  readonly times?: number;
  /**
   * The probability of the fault for each matching request, from 0 to 1.
   *
   * @default {1}
   */
  readonly probability?: number;
};

/** The active faults. */
export class Faults {
  #armed: { readonly fault: Fault; left: number; happened: number }[] = [];
  #random: () => number;

  /** Creates a set without faults. The same seed produces the same random choices. */
  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  /** Switches a fault on. Returns a handle that counts its occurrences and switches it off. */
  add(fault: Fault): { readonly happened: number; off(): void } {
    const armed = { fault, left: fault.times ?? Infinity, happened: 0 };
    this.#armed.push(armed);
    return {
      get happened() {
        return armed.happened;
      },
      off: () => {
        armed.left = 0;
      },
    };
  }

  /** Switches all faults off. */
  clear(): void {
    this.#armed = [];
  }

  /** Returns the faults of one type that happen now, among those that `fits` accepts. */
  take<T extends Fault["type"]>(
    type: T,
    place: string,
    fits: (fault: Extract<Fault, { type: T }>) => boolean = () => true,
  ): Extract<Fault, { type: T }> | undefined {
    const armed = this.#armed.find(({ fault, left }) =>
      fault.type === type && left > 0 && isAbout(fault, place) &&
      fits(fault as Extract<Fault, { type: T }>) && this.#random() < (fault.probability ?? 1)
    );
    if (!armed) return undefined;
    armed.left--;
    armed.happened++;
    return armed.fault as Extract<Fault, { type: T }>;
  }

  /** Returns the values in a random order that differs from the given one. */
  shuffled<T>(values: readonly T[]): T[] {
    const keyed = values.map((value) => ({ value, key: this.#random() }));
    const order = keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
    const isSame = order.every((value, i) => value === values[i]);
    return isSame ? order.reverse() : order;
  }
}

function isAbout({ on = "" }: Fault, place: string): boolean {
  return on instanceof RegExp ? on.test(place) : on === "" || on === place;
}
