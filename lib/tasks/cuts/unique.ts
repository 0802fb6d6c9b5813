/**
 * The first of equal elements.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { LargeSet } from "../../util/large_set.ts";
import { canonicalJson } from "../../values/canonical_json.ts";
import { parseDigits } from "../../values/digits.ts";
import { valueAt } from "../../values/value_at.ts";
import { argsText, joinTasks, type TaskBatch } from "../batch.ts";

/**
 * Yields the first task of all with equal elements. JSON that differs only in blanks, in the order
 * of keys or in the notation of numbers is equal. About 100 bytes of memory remember an element.
 *
 * A line that is not JSON, and an element without the key, are kept: they are equal to no other.
 *
 * @param key the key whose values are compared, or true to compare whole elements
 * @throws {UsageError} when no element of the first batch has the key.
 */
export async function* uniqueTasks(
  tasks: AsyncIterable<TaskBatch>,
  key: true | string,
): AsyncGenerator<TaskBatch> {
  const seen = new LargeSet();
  const isFirst = (args: Uint8Array) => {
    const text = canonicalText(argsText(args), key);
    return text === undefined || seen.add(fingerprint(text));
  };
  let isChecked = key === true;
  for await (const batch of tasks) {
    const kept = [...batch].filter(({ args }) => isFirst(args));
    if (!isChecked && seen.isEmpty) throw noKey(String(key));
    isChecked = true;
    yield* joinTasks(kept);
  }
}

function noKey(key: string): UsageError {
  return new UsageError(`Cannot use --unique=${key}: none of the first elements has this key`);
}

// A shorter text takes no more memory than its hash.
const HASH_LENGTH = 24;
const { imul } = Math;

/** Returns a short text that differs for different texts. */
function fingerprint(text: string): string {
  if (text.length < HASH_LENGTH) return text;
  return String.fromCharCode(...hash128(text).flatMap((bits) => [bits & 0xffff, bits >>> 16]));
}

/**
 * Returns a hash of 128 bits, cyrb128. That two of 10^9 texts have the same hash is less likely than
 * an error of the hardware.
 *
 * @see {@link https://github.com/bryc/code/blob/master/jshash/PRNGs.md#addendum-a-seed-generating-functions}
 */
function hash128(text: string): number[] {
  let a = 0x6a09e667, b = 0xbb67ae85, c = 0x3c6ef372, d = 0xa54ff53a;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    a = b ^ imul(a ^ char, 597399067);
    b = c ^ imul(b ^ char, 2869860233);
    c = d ^ imul(c ^ char, 951274213);
    d = a ^ imul(d ^ char, 2716044179);
  }
  return [
    imul(c ^ (a >>> 18), 597399067),
    imul(d ^ (b >>> 22), 2869860233),
    imul(a ^ (c >>> 17), 951274213),
    imul(b ^ (d >>> 19), 2716044179),
  ];
}

/** Returns the same text for equal values; `undefined` for a value that is not there. */
function canonicalText(json: string, key: true | string): string | undefined {
  try {
    const element = parseDigits(json);
    const value = key === true ? element : valueAt(element, key);
    return value === undefined ? undefined : canonicalJson(value);
  } catch {
    return undefined;
  }
}
