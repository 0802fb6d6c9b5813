/**
 * A function that travels as its source, because it was typed into a script or a session.
 *
 * @module
 */

import { loadAcorn, loadPeriscopic } from "../deps.ts";
import { UsageError } from "../util/errors.ts";

/**
 * The source of a function, as an expression that makes the same function elsewhere.
 *
 * @example
 * ```ts
 * import { functionSource } from "./function_source.ts";
 *
 * const source = await functionSource((x: number) => x * 2);
 * if (source !== "((x)=>x * 2)") throw new Error(source);
 * ```
 *
 * @throws {UsageError} when it takes a name from around itself: that cannot travel.
 */
export async function functionSource(fn: (...args: never[]) => unknown): Promise<string> {
  return sourceOf(fn, await loadParsers());
}

/** What reads JavaScript. */
export type Parsers =
  & Awaited<ReturnType<typeof loadAcorn>>
  & Awaited<ReturnType<typeof loadPeriscopic>>;

/** Loads what {@linkcode sourceOf} needs. */
export async function loadParsers(): Promise<Parsers> {
  const [acorn, periscopic] = await Promise.all([loadAcorn(), loadPeriscopic()]);
  return { ...acorn, ...periscopic };
}

/** What {@linkcode functionSource} gives, where nobody can wait for it. */
export function sourceOf(fn: (...args: never[]) => unknown, parsers: Parsers): string {
  const parsed = parseFunction(fn.toString(), parsers);
  if (!parsed) throw cannotTravel(fn, "it has no source of its own");
  if (parsed.fn.type === "ClassExpression") throw cannotTravel(fn, "it is a class");
  const names = namesFromAround(parsed, parsers);
  if (names.length === 0) return parsed.source;
  throw cannotTravel(
    fn,
    `it takes ${names.map((name) => `"${name}"`).join(", ")} from around itself`,
    `pass ${names[0]} in the arguments, or put the function in a module and name it`,
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

/** A piece of a syntax tree. */
type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A function as an expression, and what the expression consists of. */
interface ParsedFunction {
  readonly source: string;
  readonly tree: Node;
  /** The function itself. */
  readonly fn: Node;
}

/** A method's source is no expression by itself: `f(x) { ... }` is one inside an object. */
function parseFunction(text: string, { parse }: Parsers): ParsedFunction | undefined {
  for (const source of [`(${text})`, `Object.values({${text}})[0]`]) {
    try {
      const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
      return { source, tree: tree as never, fn: findFunction(tree as never)! };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

function findFunction(node: Node): Node | undefined {
  if (/Function|^Class/.test(node.type)) return node;
  for (const child of childrenOf(node)) {
    const found = findFunction(child);
    if (found) return found;
  }
  return undefined;
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter((value): value is Node =>
    typeof value === "object" && value !== null && "type" in value
  );
}

/** The names that are on every machine. What a script adds to them later is not. */
const GLOBALS: ReadonlySet<string> = new Set(function* () {
  for (let object = globalThis; object; object = Object.getPrototypeOf(object)) {
    yield* Object.getOwnPropertyNames(object);
  }
}());

// The parser takes `new.target` and `import.meta` for names.
const KEYWORDS = ["new", "import"];

function namesFromAround({ tree, fn }: ParsedFunction, { analyze }: Parsers): string[] {
  const names = [...analyze(tree as never).globals as unknown as Map<string, { start: number }>]
    .filter(([name]) => !GLOBALS.has(name) && !KEYWORDS.includes(name))
    .sort(([, a], [, b]) => a.start - b.start).map(([name]) => name);
  const words = new Set(childrenOf(fn).flatMap((child) => [...wordsFromAround(child)]));
  const isArrow = fn.type === "ArrowFunctionExpression";
  return [
    ...names.filter((name) => name !== "arguments" || (isArrow && words.has(name))),
    ...[...words].filter((word) => word !== "arguments"),
  ];
}

/** The nodes inside which `this`, `super` and `arguments` have a meaning of their own. */
const OWN_WORDS = [
  "FunctionExpression",
  "FunctionDeclaration",
  "PropertyDefinition",
  "StaticBlock",
];

/** The words whose meaning comes from around a function; `arguments` may be a property, too. */
function* wordsFromAround(node: Node, isOwn = false): Generator<string> {
  const { type, name, meta } = node as Node & { meta?: Node };
  if (type === "MetaProperty" && meta?.name === "import") yield "import.meta";
  if (!isOwn && type === "ThisExpression") yield "this";
  if (!isOwn && type === "Super") yield "super";
  if (!isOwn && name === "arguments") yield "arguments";
  for (const child of childrenOf(node)) {
    yield* wordsFromAround(child, isOwn || OWN_WORDS.includes(type));
  }
}
