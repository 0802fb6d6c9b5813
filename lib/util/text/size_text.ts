/**
 * Formats sizes.
 *
 * @module
 */

const UNITS = ["kB", "MB", "GB", "TB"];

/**
 * Formats a size with at least two digits: `410 MB`.
 *
 * @example
 * ```ts
 * import { sizeText } from "./size_text.ts";
 *
 * const text = [900, 5_000, 409_600_000, 1_260_000_000].map(sizeText).join(", ");
 * if (text !== "1 kB, 5 kB, 410 MB, 1.3 GB") throw new Error(text);
 * ```
 */
export function sizeText(bytes: number): string {
  let value = bytes / 1000, unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) value /= 1000, unit++;
  return `${unit > 1 && value < 10 ? value.toFixed(1) : Math.ceil(value - 0.5)} ${UNITS[unit]}`;
}
