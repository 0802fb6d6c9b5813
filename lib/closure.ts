/**
 * A function that travels as its source, because it was typed into a script or a session.
 *
 * @module
 */

import { loadAcorn, loadPeriscopic } from "./deps.ts";
import { UsageError } from "./errors.ts";

/**
 * The source of a function, as an expression that makes the same function elsewhere.
 *
 * @throws {UsageError} when it takes a name from around itself: that cannot travel.
 */
export async function functionSource(fn: (...args: never[]) => unknown): Promise<string> {
  const text = fn.toString();
  const source = await asExpression(text);
  if (source === undefined) throw cannotTravel(fn, "it has no source of its own");
  const names = await freeNames(source);
  if (names.length === 0) return source;
  const [first] = names;
  throw cannotTravel(
    fn,
    `it takes ${names.map((name) => `"${name}"`).join(", ")} from around itself`,
    `pass ${first} in the arguments, or put the function in a module and name it`,
  );
}

function cannotTravel(fn: { name: string }, why: string, hint?: string): UsageError {
  const name = fn.name ? `function ${fn.name}` : "the function";
  return new UsageError(
    `Cannot send ${name} to a worker: ${why}, ${
      hint ?? "put it in a module and name it as module.method"
    }`,
  );
}

/** A method's source is no expression by itself: `f(x) { ... }` is one inside an object. */
async function asExpression(text: string): Promise<string | undefined> {
  for (const source of [`(${text})`, `Object.values({${text}})[0]`]) {
    if (await parses(source)) return source;
  }
  return undefined;
}

async function parses(source: string): Promise<boolean> {
  const { parse } = await loadAcorn();
  try {
    parse(source, { ecmaVersion: "latest", sourceType: "module" });
    return true;
  } catch {
    return false;
  }
}

async function freeNames(source: string): Promise<string[]> {
  const [{ parse }, { analyze }] = await Promise.all([loadAcorn(), loadPeriscopic()]);
  const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const { globals } = analyze(tree as never);
  return [...globals.keys()].filter((name) => !(name in globalThis) && name !== "arguments");
}
