/**
 * Random numbers that a seed determines.
 *
 * @module
 */

/**
 * Returns a generator of numbers in [0, 1) (mulberry32). The same seed produces the same numbers.
 *
 * @see https://github.com/cprosche/mulberry32
 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a whole number from 0 to `limit` - 1. */
export function randomBelow(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** Returns one of some items. */
export function randomItem<T>(random: () => number, items: readonly T[]): T {
  return items[randomBelow(random, items.length)]!;
}
