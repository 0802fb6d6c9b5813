/**
 * The helper `save`, which writes a session as a script.
 *
 * @module
 */

import type { Parsers } from "../lib/bundle/function/function_source.ts";
import { INSPECT } from "../lib/util/text/custom_inspect.ts";
import { UsageError } from "../lib/util/errors.ts";
import { exists } from "../lib/util/files/fs.ts";
import { cannotWrite, writeNamed } from "../lib/util/files/named_file.ts";
import { shellWord } from "../lib/util/shell.ts";
import { toScript } from "./script.ts";
import type { Session } from "./session.ts";
import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";

const LIBRARY = new URL("../mod.ts", import.meta.url).href;

/** The outcome of `save`, which a session displays. */
export class SavedScript {
  /**
   * Creates the outcome of saving a script.
   *
   * @param path the path of the script.
   * @param kept the number of entries in the script.
   * @param typed the number of entries in the session.
   * @param mistakes the errors that `deno check` found, or an empty string.
   */
  constructor(
    readonly path: string,
    readonly kept: number,
    readonly typed: number,
    readonly mistakes: string,
  ) {}

  /** @ignore */
  [INSPECT](): string {
    const { path, kept, typed, mistakes } = this;
    const head = `Saved ${kept} of ${typed} entries to ${path}`;
    if (mistakes === "") {
      return `${head}, deno check finds no errors: run it with deno run -A ${shellWord(path)}`;
    }
    return `${head}, but deno check finds errors in it:\n${mistakes}`;
  }
}

/**
 * Creates the helper `save` for a session.
 *
 * @param session the session to save.
 * @param parsers the parsers for the session's entries.
 * @param helpers the names that the script may import from the library.
 * @returns the helper. It throws a `UsageError` when the path does not end in `.ts`, `.mts` or
 * `.cts`, when the file exists but this session did not write its current content, or when no entry
 * has an effect.
 */
export function createSave(
  session: Session,
  parsers: Parsers,
  helpers: readonly string[],
): (path: string) => SavedScript {
  const written = new Map<string, string>();
  return (path) => {
    checkPath(path, written.get(path));
    const { text, kept } = toScript(session.entries, { path, library: LIBRARY, helpers }, parsers);
    if (kept === 0) throw new UsageError("Cannot save: no entry of this session has an effect yet");
    write(path, text);
    written.set(path, text);
    return new SavedScript(path, kept, session.entries.length, check(path));
  };
}

/**
 * Throws unless the path is that of a TypeScript file that does not exist or that this session
 * wrote and that was not edited since.
 */
function checkPath(path: string, before: string | undefined): void {
  if (typeof path !== "string" || !/\.[cm]?ts$/.test(path)) {
    throw new UsageError(
      'Cannot save: pass the path of a TypeScript file, as in save("scripts/tiles.ts")',
    );
  }
  if (exists(path) && Deno.readTextFileSync(path) !== before) {
    throw new UsageError(
      `Cannot write ${path}: the file exists, choose another path or remove the file`,
    );
  }
}

function write(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause as Error);
  }
  writeNamed(path, text);
}

function check(path: string): string {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--allow-import", "--no-lock", "--node-modules-dir=none", path],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (success) return "";
  const text = stripVTControlCharacters(new TextDecoder().decode(stderr));
  // The last line only says that type checking failed.
  return text.replace(/\nerror: Type checking failed\.[^]*$/, "").trim();
}
