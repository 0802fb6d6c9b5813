/**
 * The source text of a function from a script or a session, which can run in another process.
 *
 * @module
 */

import { WRAPPED } from "../../compat/decorators.ts";
import { loadAcorn, loadPeriscopic } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";

/**
 * Returns the source of a function as an expression that evaluates to the same function elsewhere.
 *
 * @example
 * ```ts
 * import { functionSource } from "./function_source.ts";
 *
 * const source = await functionSource((x: number) => x * 2);
 * if (source !== "((x)=>x * 2)") throw new Error(source);
 * ```
 *
 * @throws {UsageError} when the function uses a name from the scope around it or is a class, or
 * when its source is not available, as for native functions.
 */
export async function functionSource(fn: AnyFunction): Promise<string> {
  return sourceOf(fn, await loadParsers());
}

/** The parser and the scope analyzer for JavaScript. */
export type Parsers =
  & Awaited<ReturnType<typeof loadAcorn>>
  & Awaited<ReturnType<typeof loadPeriscopic>>;

/** Loads the parsers for {@linkcode sourceOf}. */
export async function loadParsers(): Promise<Parsers> {
  const [acorn, periscopic] = await Promise.all([loadAcorn(), loadPeriscopic()]);
  return { ...acorn, ...periscopic };
}

/**
 * Returns the source of a function like {@linkcode functionSource}, but synchronously.
 *
 * @param parsers from {@linkcode loadParsers}
 * @throws {UsageError} in the same cases as {@linkcode functionSource}.
 */
export function sourceOf(fn: AnyFunction, parsers: Parsers): string {
  if (WRAPPED in fn) throw cannotTravel(fn, "it is wrapped in expandArgs, attempt or asJson");
  const parsed = parseFunction(fn.toString(), parsers);
  if (!parsed) throw cannotTravel(fn, "its source is not available", builtinHint(fn));
  if (parsed.fn.type === "ClassExpression") throw cannotTravel(fn, "it is a class");
  const names = namesFromAround(parsed, parsers);
  if (names.length === 0) return parsed.source;
  if (names.some((name) => isBundled(name, names))) {
    throw cannotTravel(fn, "it imports a module, which is a part of its run method by now");
  }
  const [name = ""] = names,
    global = TAKEN.test(name) ? `, write globalThis.${name} for the global` : "";
  throw cannotTravel(
    fn,
    `it uses ${names.map((name) => `"${name}"`).join(", ")} from the scope around it`,
    `${wayOut(name, fn.name)}${global}, or put the function in a module and name it`,
  );
}

/** Returns true for a name of the bundler for an `import()`: `part_exports` beside `init_part`. */
function isBundled(name: string, names: readonly string[]): boolean {
  const [, module] = /^(.+)_exports$/.exec(name) ?? [];
  return /^(?:globImport_|__toESM\d*$)/.test(name) || names.includes(`init_${module}`);
}

/** Returns the way out for a built-in function, such as `Math.sqrt`. */
function builtinHint(fn: AnyFunction): string | undefined {
  const globals = globalThis as unknown as Record<string, Record<string, unknown>>;
  const owner = OWNERS.find((name) => globals[name]![fn.name] === fn);
  if (owner === undefined) return undefined;
  return `write (x) => ${owner === "globalThis" ? "" : `${owner}.`}${fn.name}(x)`;
}

type AnyFunction = (...args: never[]) => unknown;

const OWNERS = ["globalThis", "Math", "JSON", "Number", "Object", "String", "Date", "Array"];

/** The words of the language that no argument can replace under their own name. */
const WORDS = ["this", "super", "arguments", "import.meta", "new.target"];

/**
 * Returns the way out for a name. A function or a class cannot be an argument, and a function that
 * calls itself cannot define itself.
 */
function wayOut(name: string, own: string): string {
  if (WORDS.includes(name)) return `write it without ${name}`;
  return name === own
    ? `write it as function ${name}(...) { ... }`
    : `pass ${name} in the arguments or define it in the function`;
}

function cannotTravel(fn: { name: string }, why: string, hint?: string): UsageError {
  const name = fn.name.trim() ? `function ${fn.name.trim()}` : "the function";
  return new UsageError(
    `Cannot send ${name} to a worker: ${why}; ` +
      (hint ?? "put it in a module and name it as module.method"),
  );
}

/** A node of a syntax tree (ESTree). */
export type TreeNode = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The source of a function as an expression, and the syntax tree of the expression. */
export interface ParsedFunction {
  readonly source: string;
  readonly tree: TreeNode;
  /** The node of the function in the tree. */
  readonly fn: TreeNode;
}

/**
 * Parses the source of a function. The source of a method, `f(x) { ... }`, must be wrapped in an
 * object.
 *
 * @returns the function; `undefined` when the text is not the source of a function.
 */
export function parseFunction(
  text: string,
  { parse }: Pick<Parsers, "parse">,
): ParsedFunction | undefined {
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

function findFunction(node: TreeNode): TreeNode | undefined {
  if (/Function|^Class/.test(node.type)) return node;
  for (const child of childrenOf(node)) {
    const found = findFunction(child);
    if (found) return found;
  }
  return undefined;
}

function childrenOf(node: TreeNode): TreeNode[] {
  return Object.values(node).flat().filter((value): value is TreeNode =>
    typeof value === "object" && value !== null && "type" in value
  );
}

// Scripts give these names to their own variables, and a worker has no use for most of the globals.
const TAKEN = /^(?:name|closed?|location|alert|confirm|prompt|(?:un)?escape|on[a-z]+)$/;

/** The global names that every process has, read before a script adds its own. */
const GLOBALS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(globalThis).filter((name) => !TAKEN.test(name)),
  "addEventListener",
  "dispatchEvent",
  "removeEventListener",
]);

/** Returns true for a name that a function finds in any process. */
function isGlobal(name: string): boolean {
  return GLOBALS.has(name) && !isRedeclared(name);
}

/** Returns true when a session has declared a variable or a function with the name of a global. */
function isRedeclared(name: string): boolean {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  // No global is so from the start, but a declared function is.
  if (own?.enumerable && !own.configurable) return true;
  try {
    // An indirect eval sees the variables of a session, but `globalThis` does not have them.
    // deno-lint-ignore no-eval -- the text is the name of a global
    return (0, eval)(`!Object.is(${name}, globalThis.${name})`);
  } catch {
    // Some globals, such as localStorage, refuse to be read.
    return false;
  }
}

// The analysis reports `new.target` and `import.meta` as names.
const KEYWORDS = ["new", "import"];

function namesFromAround({ tree, fn }: ParsedFunction, { analyze }: Parsers): string[] {
  scopeClassNames(tree);
  const names = [...analyze(tree as never).globals as unknown as Map<string, { start: number }>]
    .filter(([name]) => !isGlobal(name) && !KEYWORDS.includes(name))
    .sort(([, a], [, b]) => a.start - b.start).map(([name]) => name);
  const words = new Set(childrenOf(fn).flatMap((child) => [...wordsFromAround(child)]));
  const isArrow = fn.type === "ArrowFunctionExpression";
  return [
    ...names.filter((name) => name !== "arguments" || (isArrow && words.has(name))),
    ...[...words].filter((word) => word !== "arguments"),
  ];
}

/**
 * Turns each class expression with a name into a block that declares the class, because the analysis
 * does not know that such a name exists in the class only.
 */
function scopeClassNames(node: TreeNode): void {
  childrenOf(node).forEach(scopeClassNames);
  if (node.type !== "ClassExpression" || !node.id) return;
  const body = [{ ...node, type: "ClassDeclaration" }];
  Object.assign(node, { type: "BlockStatement", id: null, superClass: null, body });
}

/** The types of nodes that define their own `this`, `super` and `arguments`. */
const OWN_WORDS = [
  "FunctionExpression",
  "FunctionDeclaration",
  "PropertyDefinition",
  "StaticBlock",
];

/**
 * Yields the keywords that refer to the scope around a function. `arguments` may also be a property
 * name.
 */
function* wordsFromAround(node: TreeNode, isOwn = false): Generator<string> {
  const { type, name, meta } = node as TreeNode & { meta?: TreeNode };
  if (type === "MetaProperty" && meta?.name === "import") yield "import.meta";
  if (!isOwn && type === "ThisExpression") yield "this";
  if (!isOwn && type === "Super") yield "super";
  if (!isOwn && name === "arguments") yield "arguments";
  for (const child of childrenOf(node)) {
    yield* wordsFromAround(child, isOwn || OWN_WORDS.includes(type));
  }
}
