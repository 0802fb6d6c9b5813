/**
 * The flags of the programs that play random rounds.
 *
 * @module
 */

import { parseArgs } from "node:util";

/**
 * Returns the numbers of flags, such as `--rounds 5`. The seed differs in each run by default.
 *
 * @param defaults the numbers of flags that are not given, by their names
 * @throws {TypeError} on another flag.
 */
export function numbersOf<T extends Readonly<Record<string, number>>>(
  args: readonly string[],
  defaults: T,
): T & { readonly seed: number } {
  const all = { seed: Date.now() % 2 ** 31, ...defaults };
  const options = Object.keys(all).map((name) => [name, { type: "string" as const }]);
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(options) });
  const given = Object.entries(values).map(([name, text]) => [name, Number(text)]);
  return { ...all, ...Object.fromEntries(given) };
}
