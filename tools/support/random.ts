/**
 * Random numbers that can be repeated.
 *
 * @module
 */

/**
 * Returns a generator of numbers from 0 to 1. The same seed produces the same numbers.
 *
 * @see https://en.wikipedia.org/wiki/Linear_congruential_generator
 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
