/**
 * A session as a script: what was typed, without what failed, was only looked at, or was typed anew.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { dirname, relative, resolve } from "node:path";
import type { Parsers } from "../lib/bundle/function_source.ts";
import type { Entry } from "./session.ts";

/** Where a script lies and what it may import. */
export interface ScriptOptions {
  /** The script's path. */
  readonly path: string;
  /** The folder that the session was in. @default {the working directory} */
  readonly cwd?: string;
  /** The URL of the module that exports the helpers. */
  readonly library: string;
  /** The names of the helpers that it exports. */
  readonly helpers: readonly string[];
}

/** A script, and how much of the session is in it. */
export interface Script {
  readonly text: string;
  /** How many entries are in it. */
  readonly kept: number;
}

/** A statement in a syntax tree. */
type Node =
  & { readonly type: string; readonly start: number; readonly end: number }
  & Readonly<
    Record<string, unknown>
  >;

/** One entry, or an import in it. */
interface Piece {
  readonly entry: Entry;
  readonly source: string;
  readonly isImport: boolean;
  /** The names that it declares. */
  readonly names: readonly string[];
  /** The names that it takes from around itself. */
  readonly uses: readonly string[];
}

/**
 * Writes a script of what was typed.
 *
 * Of a name that was declared several times the last declaration stays, and no line stays that did
 * something with another one.
 */
export function toScript(
  entries: readonly Entry[],
  options: ScriptOptions,
  parsers: Parsers,
): Script {
  const pieces = entries.filter(({ hasFailed }) => !hasFailed)
    .flatMap((entry) => toPieces(entry, options, parsers));
  const kept = withoutReplaced(pieces);
  const imports = kept.filter(({ isImport }) => isImport).map(({ source }) => source);
  const rest = kept.filter(({ isImport }) => !isImport).map(({ source }) => source);
  const head = [...helperImport(kept, options), ...new Set(imports)].join("\n");
  return {
    text: [
      `// From a session of dl_jobs. Run it: deno run -A ${options.path}`,
      ...head === "" ? [] : [head],
      joinPieces(rest),
    ].join("\n\n") + "\n",
    kept: new Set(kept.map(({ entry }) => entry)).size,
  };
}

function toPieces(entry: Entry, options: ScriptOptions, parsers: Parsers): Piece[] {
  const { source } = entry;
  const parsed = parseEntry(source, parsers);
  // What does not even parse was refused by the REPL, too.
  if (!parsed || isOnlyLooking(parsed.body)) return [];
  const piece = (source: string, isImport: boolean, code: string): Piece => ({
    entry,
    source,
    isImport,
    ...namesOf(code, source, parsers),
  });
  const imports = parsed.keepsPlaces
    ? parsed.body.filter(({ type }) => type === "ImportDeclaration")
    : [];
  let rest = source, code = parsed.code;
  for (const { start, end } of imports.toReversed()) {
    rest = rest.slice(0, start) + rest.slice(end);
    code = code.slice(0, start) + code.slice(end);
  }
  return [
    ...imports.map((node) =>
      piece(movedImport(source, node, options), true, parsed.code.slice(node.start, node.end))
    ),
    ...rest.trim() === "" ? [] : [piece(rest.trim(), false, code)],
  ];
}

interface Parsed {
  readonly code: string;
  readonly body: readonly Node[];
  /** Whether everything stands where it does in the source. */
  readonly keepsPlaces: boolean;
}

function parseEntry(source: string, { parse }: Parsers): Parsed | undefined {
  // An enum cannot be stripped.
  for (const mode of ["strip", "transform"] as const) {
    try {
      const code = stripTypeScriptTypes(source, { mode });
      const { body } = parse(code, PARSE) as unknown as { body: Node[] };
      return { code, body, keepsPlaces: mode === "strip" };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

const PARSE = { ecmaVersion: "latest", sourceType: "module" } as const;

function namesOf(
  code: string,
  source: string,
  { parse, analyze }: Parsers,
): Pick<Piece, "names" | "uses"> {
  const { scope, globals } = analyze(parse(code, PARSE) as never);
  const types = [...source.matchAll(/^(?:interface|type)\s+(\w+)/gm)].map(([, name]) => name!);
  return { names: [...scope.declarations.keys(), ...types], uses: [...globals.keys()] };
}

/** What a path in an import is from the script's folder. */
function movedImport(
  source: string,
  node: Node,
  { path, cwd = Deno.cwd() }: ScriptOptions,
): string {
  const text = source.slice(node.start, node.end);
  const { value, start, end } = node.source as Node & { value: string };
  if (!/^\.\.?\//.test(value)) return text;
  const moved = relative(dirname(resolve(cwd, path)), resolve(cwd, value));
  const specifier = JSON.stringify(moved.startsWith(".") ? moved : `./${moved}`);
  return text.slice(0, start - node.start) + specifier + text.slice(end - node.start);
}

/** Helpers that only show something, or make what nobody keeps. */
const LOOKING = ["help", "status", "jobs", "logs", "results", "save", "config", "job", "clear"];

function isOnlyLooking(body: readonly Node[]): boolean {
  return body.length > 0 && body.every((node) =>
    node.type === "EmptyStatement" ||
    (node.type === "ExpressionStatement" && isLook(node.expression as Node))
  );
}

function isLook(node: Node): boolean {
  const of = (key: string) => isLook(node[key] as Node);
  switch (node.type) {
    case "Identifier":
    case "Literal":
    case "ThisExpression":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return true;
    case "MemberExpression":
      return of("object") && (node.computed !== true || of("property"));
    case "BinaryExpression":
    case "LogicalExpression":
      return of("left") && of("right");
    case "UnaryExpression":
      return node.operator !== "delete" && of("argument");
    case "ChainExpression":
    case "ParenthesizedExpression":
      return of("expression");
    case "TemplateLiteral":
      return (node.expressions as Node[]).every(isLook);
    case "ArrayExpression":
      return (node.elements as Node[]).every(isLook);
    // Waiting for a run is more than looking, waiting for what a helper shows is not.
    case "AwaitExpression":
      return (node.argument as Node).type === "CallExpression" && of("argument");
    case "CallExpression":
      return LOOKING.includes((node.callee as Node & { name?: string }).name ?? "");
    default:
      return false;
  }
}

function withoutReplaced(pieces: readonly Piece[]): Piece[] {
  const later = new Set<string>();
  const replaced = new Set<Piece>();
  for (const piece of pieces.toReversed()) {
    if (piece.names.length > 0 && piece.names.every((name) => later.has(name))) replaced.add(piece);
    else for (const name of piece.names) later.add(name);
  }
  const inForce = new Map<string, Piece>();
  return pieces.filter((piece) => {
    for (const name of piece.names) inForce.set(name, piece);
    if (replaced.has(piece)) return false;
    return piece.names.length > 0 || !piece.uses.some((name) => replaced.has(inForce.get(name)!));
  });
}

function helperImport(kept: readonly Piece[], { library, helpers }: ScriptOptions): string[] {
  const declared = new Set(kept.flatMap(({ names }) => names));
  const used = new Set(kept.flatMap(({ uses }) => uses));
  const names = helpers.filter((name) => used.has(name) && !declared.has(name));
  return names.length === 0 ? [] : [`import { ${names.join(", ")} } from "${library}";`];
}

/** An entry of several lines stands apart. */
function joinPieces(sources: readonly string[]): string {
  return sources.map((source, i) => {
    const isApart = [source, sources[i - 1] ?? ""].some((one) => one.includes("\n"));
    return i > 0 && isApart ? `\n${source}` : source;
  }).join("\n");
}
