/**
 * Values in error messages.
 *
 * @module
 */

const SHORT: Deno.InspectOptions = {
  depth: 1,
  iterableLimit: 3,
  strAbbreviateSize: 60,
  breakLength: Infinity,
  compact: true,
};

/** Shows a value of any size on one line. */
export function shortInspect(value: unknown): string {
  return Deno.inspect(value, SHORT).replaceAll(/\s+/g, " ");
}
