/**
 * Random numbers that depend only on a seed and a position, so that every run has the same ones.
 *
 * @module
 */

const { imul } = Math;
const GOLDEN = 0x9e3779b9;

/**
 * Returns a random number from 0 to below 1.
 *
 * @param seed any whole number
 * @param index the position, below 2^32
 *
 * @example
 * ```ts
 * import { randomAt } from "./random.ts";
 *
 * if (randomAt(7, 3) !== randomAt(7, 3) || randomAt(7, 3) === randomAt(8, 3)) throw new Error();
 * ```
 */
export function randomAt(seed: number, index: number): number {
  const start = mix(seed ^ mix(Math.floor(seed / 2 ** 32) + GOLDEN));
  const high = mix(start ^ mix(index + GOLDEN)), low = mix(high ^ imul(start, GOLDEN));
  return ((high >>> 0) * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

/**
 * Mixes the bits of an integer: the last step of MurmurHash3.
 *
 * @see {@link https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp}
 */
function mix(bits: number): number {
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
