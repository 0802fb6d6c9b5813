/**
 * Checks of the options of reading and writing. Code that is not type-checked may pass any value.
 *
 * @module
 */

/** The values of each option: a list of them, or the type of all of them. */
export type OptionValues<Options> = {
  readonly [Name in keyof Required<Options>]: readonly unknown[] | "function";
};

/**
 * Refuses an option that does not exist, which would be ignored, and a value that has no meaning.
 *
 * @param owner the function, such as `ndjson.write`
 * @throws {TypeError} with the options, or the values, that exist.
 */
export function checkKnownOptions<Options>(
  given: Options,
  known: OptionValues<Options>,
  owner: string,
): void {
  if (typeof given !== "object" || given === null) {
    const [name] = Object.keys(known);
    throw new TypeError(
      `Cannot use ${Deno.inspect(given)} as the options of ${owner}: write an object such ` +
        `as { ${name} }`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const values = Object.hasOwn(known, name) ? known[name as keyof Options] : undefined;
    if (values === undefined) {
      const names = Object.keys(known).join(", ");
      throw new TypeError(`Cannot use option "${name}" of ${owner}: the options are ${names}`);
    }
    if (values === "function" ? typeof value === "function" : values.includes(value)) continue;
    const text = values === "function" ? "a function" : values.map(inspected).join(" or ");
    throw new TypeError(`Cannot use ${Deno.inspect(value)} as ${name} of ${owner}: write ${text}`);
  }
}

function inspected(value: unknown): string {
  return Deno.inspect(value);
}
