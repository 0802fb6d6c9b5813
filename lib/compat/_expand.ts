/**
 * The arguments of a function from the argument of a task.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";

/** A function, and the names of its parameters. */
interface Named {
  readonly fn: { readonly name: string; readonly length: number };
  readonly names: readonly string[];
}

/** Named arguments. */
type Keywords = Readonly<Record<string, unknown>>;

/**
 * Spreads the arguments of a call, as `expandArgs` does.
 *
 * @param args the argument of a task, or the arguments of another call
 * @param named the names of the function's parameters, if an object becomes positional arguments
 * @returns the arguments of the function.
 * @throws {TypeError} when named arguments do not fit the names.
 */
export function expand(args: unknown[], named: Named | undefined): unknown[] {
  const [first, second] = args;
  const join = (args: unknown[], kwargs: Keywords) =>
    named ? fill(named, args, kwargs) : append(args, kwargs);
  if (args.length === 2 && Array.isArray(first) && isDict(second)) return join(first, second);
  if (args.length !== 1) return args;
  if (Array.isArray(first)) return first;
  if (isWrapped(first)) return join(first.args ?? [], first.kwargs ?? {});
  return named && isDict(first) ? fill(named, [], first) : args;
}

// An empty object is omitted: `f(2, {})` would set an optional second parameter, but Python's `f(2,
// **{})` does not.
function append(args: unknown[], kwargs: Keywords): unknown[] {
  return Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
}

interface Wrapped {
  readonly args?: unknown[];
  readonly kwargs?: Keywords;
}

function isWrapped(value: unknown): value is Wrapped {
  if (!isDict(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 &&
    entries.every(([key, part]) =>
      key === "args" ? Array.isArray(part) : key === "kwargs" && isDict(part)
    );
}

/** Adds named arguments at the positions of their names. */
function fill({ fn, names }: Named, args: unknown[], kwargs: Keywords): unknown[] {
  const filled = [...args];
  for (const [key, value] of Object.entries(kwargs)) {
    const index = names.indexOf(key);
    if (index < 0) throw unfit(fn, `"${key}" is not a parameter, they are ${names.join(", ")}`);
    if (index < args.length) throw unfit(fn, `"${key}" is given twice`);
    filled[index] = value;
  }
  // `length` is the number of parameters before the first default.
  const missing = names.slice(0, fn.length).find((name, index) =>
    index >= args.length && !Object.hasOwn(kwargs, name)
  );
  if (missing !== undefined) throw unfit(fn, `"${missing}" has no value`);
  return filled;
}

function unfit({ name }: Named["fn"], problem: string): TypeError {
  return new TypeError(`Cannot call ${name || "the function"}: ${problem}`);
}
