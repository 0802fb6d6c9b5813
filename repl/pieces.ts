/**
 * Cuts an entry of a session into its imports and the rest, and finds the names in them.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { dirname, relative, resolve } from "node:path";
import type { Parsers } from "../lib/bundle/function_source.ts";
import { hasNoEffect } from "./effects.ts";
import type { Entry } from "./session.ts";
import type { SyntaxNode } from "./syntax.ts";

/** An import of an entry, or the rest of it. */
export interface Piece {
  /** The entry. */
  readonly entry: Entry;
  /** The text of the piece, with import paths relative to the script. */
  readonly source: string;
  /** True when it is an import. */
  readonly isImport: boolean;
  /** The names that it declares. */
  readonly names: readonly string[];
  /** The names that it uses and does not declare. */
  readonly uses: readonly string[];
}

/** The place of the script that the pieces are for. */
export interface PieceOptions {
  /** The path of the script. */
  readonly path: string;
  /**
   * The folder of the session.
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
}

/**
 * Cuts an entry into pieces.
 *
 * @returns The imports, then the rest; nothing for an entry that does not parse or has no effect.
 */
export function toPieces(entry: Entry, options: PieceOptions, parsers: Parsers): Piece[] {
  const { source } = entry;
  const parsed = parseEntry(source, parsers);
  // The REPL has refused an entry that does not parse.
  if (!parsed || hasNoEffect(parsed.body)) return [];
  const piece = (text: string, isImport: boolean, code: string): Piece => {
    const { names, uses } = namesOf(code, source, parsers);
    return { entry, source: text, isImport, names, uses };
  };
  const imports = parsed.keepsOffsets ? parsed.body.filter(isImportNode) : [];
  const rest = without(source, imports).trim();
  return [
    ...imports.map((node) =>
      piece(moveImport(source, node, options), true, parsed.code.slice(node.start, node.end))
    ),
    ...rest === "" ? [] : [piece(rest, false, without(parsed.code, imports))],
  ];
}

function isImportNode({ type }: SyntaxNode): boolean {
  return type === "ImportDeclaration";
}

/** Removes some nodes from a text. */
function without(text: string, nodes: readonly SyntaxNode[]): string {
  return nodes.toReversed().reduce(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
    text,
  );
}

/** A parsed entry. */
interface ParsedEntry {
  /** The JavaScript of the entry. */
  readonly code: string;
  /** The statements in it. */
  readonly body: readonly SyntaxNode[];
  /** True when each offset in the code is the same in the source. */
  readonly keepsOffsets: boolean;
}

function parseEntry(source: string, { parse }: Parsers): ParsedEntry | undefined {
  // Types are replaced by blanks, which keeps offsets. An enum has to be transformed.
  for (const mode of ["strip", "transform"] as const) {
    try {
      const code = stripTypeScriptTypes(source, { mode });
      const { body } = parse(code, PARSE) as unknown as { body: SyntaxNode[] };
      return { code, body, keepsOffsets: mode === "strip" };
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

/** Rewrites the path of an import, which is relative to the session's folder, for the script. */
function moveImport(
  source: string,
  node: SyntaxNode,
  { path, cwd = Deno.cwd() }: PieceOptions,
): string {
  const text = source.slice(node.start, node.end);
  const { value, start, end } = node.source as SyntaxNode & { value: string };
  if (!/^\.\.?\//.test(value)) return text;
  const moved = relative(dirname(resolve(cwd, path)), resolve(cwd, value));
  const specifier = JSON.stringify(moved.startsWith(".") ? moved : `./${moved}`);
  return text.slice(0, start - node.start) + specifier + text.slice(end - node.start);
}
