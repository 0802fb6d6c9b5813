/**
 * Splits a session's entries into imports and other code, and finds the names that each piece
 * declares and uses.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { dirname, relative, resolve } from "node:path";
import type { Parsers } from "../lib/bundle/function/function_source.ts";
import { hasNoEffect } from "./effects.ts";
import type { Entry } from "./session.ts";
import type { SyntaxNode } from "./syntax.ts";

/** One import of an entry, or the entry's code without its imports. */
export interface Piece {
  /** The entry that the piece is part of. */
  readonly entry: Entry;
  /** The text of the piece, with import paths relative to the script. */
  readonly source: string;
  /** True when the piece is an import. */
  readonly isImport: boolean;
  /** The names that the piece declares. */
  readonly names: readonly string[];
  /** The names that the piece uses but does not declare. */
  readonly uses: readonly string[];
}

/** The paths needed to rewrite relative imports. */
export interface PieceOptions {
  /** The path of the script to write. */
  readonly path: string;
  /**
   * The session's working directory.
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
}

/**
 * Splits an entry into pieces.
 *
 * @returns the imports, then the other code. The list is empty for an entry that does not parse or
 * has no effect.
 */
export function toPieces(entry: Entry, options: PieceOptions, parsers: Parsers): Piece[] {
  const { source } = entry;
  const parsed = parseEntry(source, parsers);
  // The REPL has already rejected an entry that does not parse.
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

/** Removes syntax nodes from the source text. The nodes must be in source order. */
function without(text: string, nodes: readonly SyntaxNode[]): string {
  return nodes.toReversed().reduce(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
    text,
  );
}

/** An entry as JavaScript, with its syntax tree. */
interface ParsedEntry {
  /** The entry's JavaScript, without types. */
  readonly code: string;
  /** The statements of the code. */
  readonly body: readonly SyntaxNode[];
  /** True when offsets in the code are the same as in the source. */
  readonly keepsOffsets: boolean;
}

function parseEntry(source: string, { parse }: Parsers): ParsedEntry | undefined {
  // Stripping replaces types with spaces and keeps offsets. Enums need a transform.
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

/** Rewrites a relative import path from the session's working directory to the script's folder. */
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
