/**
 * Converts plain values of options to text.
 *
 * @module
 */

/**
 * Converts a plain value to text. Returns `undefined` for a list, a map, and a number that has lost
 * digits: code that writes `12345678901234567890` passes another number.
 */
export function toText(value: unknown): string | undefined {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return undefined;
  const isPlain = value === null ||
    ["string", "number", "bigint", "boolean"].includes(typeof value);
  return isPlain ? String(value) : undefined;
}

/** Converts values to texts, and returns `undefined` when one is a list, a map or `null`. */
export function toTexts(values: readonly unknown[]): string[] | undefined {
  const texts = values.map((value) => value === null ? undefined : toText(value));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Converts a value, or the values of a list with commas between them, to one text. */
export function toOneText(value: unknown): string | undefined {
  return toTexts([value].flat())?.join();
}
