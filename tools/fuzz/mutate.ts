/**
 * Random damage of bytes.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../../lib/util/bytes.ts";

/** Damaged bytes, and the kind of the damage. */
export interface Mutation {
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** Damages bytes in one place. Every kind of damage is equally likely. */
export function mutate(bytes: Uint8Array, random: () => number): Mutation {
  const kinds = Object.keys(KINDS), kind = kinds[Math.floor(random() * kinds.length)]!;
  return { kind, bytes: KINDS[kind]!(bytes.slice(), random) };
}

type Mutate = (bytes: Uint8Array, random: () => number) => Uint8Array;

const PAGE = 4096;

const KINDS: Readonly<Record<string, Mutate>> = {
  bit(bytes, random) {
    bytes[pick(bytes.length, random)]! ^= 1 << pick(8, random);
    return bytes;
  },
  byte(bytes, random) {
    bytes[pick(bytes.length, random)] = pick(256, random);
    return bytes;
  },
  digit(bytes, random) {
    let at = pick(bytes.length, random);
    while (at < bytes.length - 1 && !isDigit(bytes[at]!)) at++;
    bytes[at] = 48 + pick(10, random);
    return bytes;
  },
  zeroedPage(bytes, random) {
    const page = pick(Math.ceil(bytes.length / PAGE), random) * PAGE;
    return bytes.fill(0, page, page + PAGE);
  },
  zeroedRange: (bytes, random) => bytes.fill(0, ...rangeIn(bytes, random)),
  end: (bytes, random) => bytes.slice(0, pick(bytes.length, random)),
  endOfLine: (bytes, random) => bytes.slice(0, lineStart(bytes, pick(bytes.length, random))),
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
    concatBytes([bytes, Uint8Array.from({ length: 50 }, () => pick(256, random))]),
};

/** Returns a random range, whose ends are the starts of lines in half of the cases. */
function rangeIn(bytes: Uint8Array, random: () => number): [from: number, to: number] {
  const length = Math.floor(bytes.length ** random());
  const from = pick(bytes.length, random), to = Math.min(bytes.length, from + length);
  return random() < 0.5 ? [from, to] : [lineStart(bytes, from), lineStart(bytes, to)];
}

function lineStart(bytes: Uint8Array, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
}

function pick(length: number, random: () => number): number {
  return Math.floor(random() * length);
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
