/**
 * Random damage of bytes.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../../lib/util/bytes/bytes.ts";
import { randomBelow, randomItem } from "../support/random.ts";

/** Damaged bytes, and the kind of the damage. */
export interface Mutation {
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** Damages bytes in one place. Every kind of damage is equally likely. */
export function mutate(bytes: Uint8Array, random: () => number): Mutation {
  const kind = randomItem(random, Object.keys(KINDS));
  return { kind, bytes: KINDS[kind]!(bytes.slice(), random) };
}

type Mutate = (bytes: Uint8Array, random: () => number) => Uint8Array;

const PAGE = 4096;

const KINDS: Readonly<Record<string, Mutate>> = {
  bit(bytes, random) {
    bytes[randomBelow(random, bytes.length)]! ^= 1 << randomBelow(random, 8);
    return bytes;
  },
  byte(bytes, random) {
    bytes[randomBelow(random, bytes.length)] = randomBelow(random, 256);
    return bytes;
  },
  digit(bytes, random) {
    let at = randomBelow(random, bytes.length);
    while (at < bytes.length - 1 && !isDigit(bytes[at]!)) at++;
    bytes[at] = 48 + randomBelow(random, 10);
    return bytes;
  },
  zeroedPage(bytes, random) {
    const page = randomBelow(random, Math.ceil(bytes.length / PAGE)) * PAGE;
    return bytes.fill(0, page, page + PAGE);
  },
  zeroedRange: (bytes, random) => bytes.fill(0, ...rangeIn(bytes, random)),
  end: (bytes, random) => bytes.slice(0, randomBelow(random, bytes.length)),
  endOfLine: (bytes, random) => bytes.slice(0, lineStart(bytes, randomBelow(random, bytes.length))),
  cut(bytes, random) {
    const [from, to] = rangeIn(bytes, random);
    return concatBytes([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  duplicate(bytes, random) {
    const [from, to] = rangeIn(bytes, random), [at] = rangeIn(bytes, random);
    return concatBytes([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
  },
  overwrite(bytes, random) {
    const [from, to] = rangeIn(bytes, random), [at] = rangeIn(bytes, random);
    return bytes.copyWithin(at, from, to);
  },
  swap(bytes, random) {
    const [a, b] = rangeIn(bytes, random), [c, d] = rangeIn(bytes.subarray(b), random);
    return concatBytes([
      bytes.subarray(0, a),
      bytes.subarray(b + c, b + d),
      bytes.subarray(b, b + c),
      bytes.subarray(a, b),
      bytes.subarray(b + d),
    ]);
  },
  carriageReturns: (bytes) =>
    new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll("\n", "\r\n")),
  garbage: (bytes, random) =>
    concatBytes([bytes, Uint8Array.from({ length: 50 }, () => randomBelow(random, 256))]),
};

/** Returns a random range, whose ends are the starts of lines in half of the cases. */
function rangeIn(bytes: Uint8Array, random: () => number): [from: number, to: number] {
  const length = Math.floor(bytes.length ** random());
  const from = randomBelow(random, bytes.length), to = Math.min(bytes.length, from + length);
  return random() < 0.5 ? [from, to] : [lineStart(bytes, from), lineStart(bytes, to)];
}

function lineStart(bytes: Uint8Array, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
