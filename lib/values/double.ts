/**
 * Numbers of JSON that a double represents.
 *
 * @module
 */

// Each number with at most 15 digits and this size has a double of its own.
const SHORT = 16;
// The limit of `toPrecision()`.
const MOST_DIGITS = 100;

/**
 * Returns true when a double has all digits of a number, so that the number can be written again.
 * That is so for the digits of a double, however many a program printed.
 *
 * @example
 * ```ts
 * import { isDouble } from "./double.ts";
 *
 * const texts = ["1.50", "0.1000000000000000055511151231257827", "3.14159265358979323846", "1e-400"];
 * const found = texts.map((text) => isDouble(text));
 * if (found.join() !== "true,true,false,false") throw new Error(found.join());
 * ```
 *
 * @param json the number, as JSON text
 * @param value the double that is nearest to the number
 */
export function isDouble(json: string, value: number = Number(json)): boolean {
  if (json.length <= SHORT && !/e/i.test(json) || String(value) === json) return true;
  const digits = digitsOf(json);
  if (digits === "") return true;
  if (!Number.isFinite(value) || value === 0 || digits.length > MOST_DIGITS) return false;
  return digitsOf(value.toPrecision(digits.length)) === digits;
}

/** Returns the digits of a number without the zeros around them. */
function digitsOf(text: string): string {
  return text.replace(/e.*$/i, "").replaceAll(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "");
}
