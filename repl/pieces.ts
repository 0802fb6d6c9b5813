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
  const moves = parsed.keepsOffsets ? movedPaths(source, parsed, options) : [];
  const cuts = imports.map(({ start, end }) => ({ start, end, text: "" }));
  const others = moves.filter(({ start }) => !imports.some((node) => isWithin(start, node)));
  const rest = edited(source, [...cuts, ...others]).trim();
  return [
    ...imports.map((node) => {
      const own = moves.filter(({ start }) => isWithin(start, node));
      const text = edited(source.slice(0, node.end), own).slice(node.start);
      return piece(text, true, parsed.code.slice(node.start, node.end));
    }),
    ...rest === "" ? [] : [piece(rest, false, edited(parsed.code, cuts))],
  ];
}

function isImportNode({ type }: SyntaxNode): boolean {
  return type === "ImportDeclaration";
}

function isWithin(at: number, { start, end }: SyntaxNode): boolean {
  return at >= start && at < end;
}

/** A part of a text, and what replaces it. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces parts of a text that do not overlap. */
function edited(text: string, edits: readonly Edit[]): string {
  return edits.toSorted((a, b) => b.start - a.start).reduce(
    (rest, { start, end, text }) => rest.slice(0, start) + text + rest.slice(end),
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
    const parsed = unlessWrong(() => {
      const code = stripTypeScriptTypes(source, { mode });
      const { body } = parse(code, PARSE) as unknown as { body: SyntaxNode[] };
      return { code, body, keepsOffsets: mode === "strip" };
    });
    if (parsed) return parsed;
  }
  return undefined;
}

/** Tests whether the syntax of an entry is correct for Deno's REPL. */
export function hasSyntax(source: string): boolean {
  // The REPL also accepts an object where JavaScript reads a block.
  const texts = /^\s*\{/.test(source) ? [source, `(${source})`] : [source];
  return texts.some((text) =>
    unlessWrong(() => stripTypeScriptTypes(text, { mode: "transform" })) !== undefined
  );
}

/** Returns what a parser returns, or `undefined` when the syntax of its text is wrong. */
function unlessWrong<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    // Some of Deno's errors have this name only in their message.
    if (/^SyntaxError\b/.test(String(error).replace(/^Error: /, ""))) return undefined;
    throw error;
  }
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

// Types are removed before the code is parsed.
const TYPE_IMPORT = /^\s*import\s+type\s[^"';]*?("[^"\n]*"|'[^'\n]*')/gm;

/** Rewrites relative import paths from the session's working directory to the script's folder. */
function movedPaths(
  source: string,
  { code, body }: ParsedEntry,
  { path, cwd = Deno.cwd() }: PieceOptions,
): Edit[] {
  const ofTypes = [...source.matchAll(TYPE_IMPORT)]
    .filter(({ 0: text, index }) => code.slice(index, index + text.length).trim() === "")
    .map(({ 0: { length }, 1: text = "", index }) => {
      const end = index + length;
      return { start: end - text.length, end, value: text.slice(1, -1) };
    });
  const paths = [...body.flatMap((node) => [...pathsIn(node)]), ...ofTypes];
  return paths.filter(({ value }) => /^\.\.?\//.test(`${value}`)).map(({ start, end, value }) => {
    const moved = relative(dirname(resolve(cwd, path)), resolve(cwd, `${value}`));
    return { start, end, text: JSON.stringify(moved.startsWith(".") ? moved : `./${moved}`) };
  });
}

/**
 * Yields the paths of imports. Those in functions are left out, because a function that becomes a
 * job finds its imports from the working directory.
 */
function* pathsIn(node: SyntaxNode): Generator<SyntaxNode & { readonly value?: unknown }> {
  if (/Function/.test(node.type)) return;
  if (/^Import(?:Declaration|Expression)$/.test(node.type)) yield node.source as SyntaxNode;
  for (const child of Object.values(node).flat()) {
    if (typeof child === "object" && child !== null && "type" in child) {
      yield* pathsIn(child as SyntaxNode);
    }
  }
}
