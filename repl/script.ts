/**
 * Turns the entries of a session into a script. Omits entries that failed, had no effect or were
 * replaced by later entries.
 *
 * @module
 */

import type { Parsers } from "../lib/bundle/function/function_source.ts";
import { shellWord } from "../lib/util/shell.ts";
import { type Piece, type PieceOptions, toPieces } from "./pieces.ts";
import type { Entry } from "./session.ts";

/** The path of a script, and the helpers that it can import. */
export interface ScriptOptions extends PieceOptions {
  /** The URL of the module that exports the helpers. */
  readonly library: string;
  /** The names of the helpers that the module exports. */
  readonly helpers: readonly string[];
}

/** A script made from a session. */
export interface Script {
  /** The text of the script. */
  readonly text: string;
  /** The number of entries in the script. */
  readonly kept: number;
}

/**
 * Writes the entries of a session as a script.
 *
 * When a name was declared several times, only the last declaration is kept. Entries that use a
 * dropped declaration and declare nothing are dropped too.
 *
 * @param entries the entries, oldest first.
 * @param options the script's path, and the helpers that it can import.
 * @param parsers the parsers for the entries.
 * @returns the script, and the number of entries in it.
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
  const parts = [
    `// From a session of dl_jobs. Run it: deno run -A ${shellWord(options.path)}`,
    [...helperImport(kept, options), ...new Set(imports)].join("\n"),
    joinPieces(rest),
  ];
  return {
    text: parts.filter((part, i) => part !== "" || i === 2).join("\n\n") + "\n",
    kept: new Set(kept.map(({ entry }) => entry)).size,
  };
}

function withoutReplaced(pieces: readonly Piece[]): Piece[] {
  const replaced = findReplaced(pieces);
  const inForce = new Map<string, Piece>();
  return pieces.filter((piece) => {
    for (const name of piece.names) inForce.set(name, piece);
    if (replaced.has(piece)) return false;
    return piece.names.length > 0 || !piece.uses.some((name) => replaced.has(inForce.get(name)!));
  });
}

/** Finds the pieces whose names are all redeclared later. */
function findReplaced(pieces: readonly Piece[]): ReadonlySet<Piece> {
  const later = new Set<string>();
  const replaced = new Set<Piece>();
  for (const piece of pieces.toReversed()) {
    if (piece.names.length > 0 && piece.names.every((name) => later.has(name))) replaced.add(piece);
    else for (const name of piece.names) later.add(name);
  }
  return replaced;
}

function helperImport(kept: readonly Piece[], { library, helpers }: ScriptOptions): string[] {
  const declared = new Set(kept.flatMap(({ names }) => names));
  const used = new Set(kept.flatMap(({ uses }) => uses));
  const names = helpers.filter((name) => used.has(name) && !declared.has(name));
  return names.length === 0 ? [] : [`import { ${names.join(", ")} } from "${library}";`];
}

// A line that starts so continues the line before it, unless that one ends with a semicolon.
const CONTINUES = /^(?:\s|\/\/.*\n|\/\*[^]*?\*\/)*(?!\/[/*])[(\[`/+-]/;

/** Joins pieces with newlines, and adds blank lines around multi-line pieces. */
function joinPieces(sources: readonly string[]): string {
  return sources.map((source, i) => {
    const before = sources[i - 1] ?? ";";
    const isApart = [source, before].some((one) => one.includes("\n"));
    const text = !before.endsWith(";") && CONTINUES.test(source) ? `;${source}` : source;
    return i > 0 && isApart ? `\n${text}` : text;
  }).join("\n");
}
