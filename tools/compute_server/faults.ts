/**
 * What goes wrong on purpose.
 *
 * @module
 */

/** What can go wrong. */
export type FaultKind =
  /** An answer with this status, and with `Retry-After` in seconds; `after` the effect if so asked. */
  | {
    readonly type: "status";
    readonly status: number;
    readonly retryAfter?: number;
    readonly after?: boolean;
  }
  /**
   * The connection is cut without an answer, before or after the request has had its effect.
   *
   * Where a connection was used before, `fetch` then sends the request once more by itself, POST
   * too, unless its body is a stream: what shows is the second answer.
   */
  | { readonly type: "drop"; readonly when: "before" | "after" }
  /** The answer takes this much longer, in milliseconds. */
  | { readonly type: "slow"; readonly ms: number }
  /** All tokens that were given out stop to be good. */
  | { readonly type: "expire" }
  /** A bulk answer has its jobs in another order. */
  | { readonly type: "shuffle" }
  /** A build fails. */
  | { readonly type: "build" }
  /** A job is killed when it begins, as when its machine is taken away. */
  | { readonly type: "preempt" }
  /** What a job returned is not kept. */
  | { readonly type: "lose" };

/** A fault, and when it happens. */
export type Fault = FaultKind & {
  /**
   * Requests that it is about, such as `"POST /jobs/bulk"` or `/^GET /`; about a build, a job or a
   * result it is the function's name.
   *
   * @default {/(?:)/}
   */
  readonly on?: string | RegExp;
  /**
   * How many more times.
   *
   * @default {Infinity}
   */
  readonly times?: number;
  /**
   * How likely each time.
   *
   * @default {1}
   */
  readonly probability?: number;
};

/** The switches: what goes wrong from now on. */
export class Faults {
  #armed: { readonly fault: Fault; left: number; happened: number }[] = [];
  #random: () => number;

  /** Starts with none; the same seed repeats the same failures. */
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Switches one on, and gives a way to ask how often it happened and to switch it off. */
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

  /** Switches all off. */
  clear(): void {
    this.#armed = [];
  }

  /** The faults of one type that happen here and now; `fits` says which can. */
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

  /** The same values in another order. */
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

/** Numbers in [0, 1) that come again with the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
