/**
 * The helper `save`: a session becomes a script.
 *
 * @module
 */

import type { Parsers } from "../lib/bundle/function_source.ts";
import { INSPECT } from "../lib/job/format.ts";
import { UsageError } from "../lib/util/errors.ts";
import { exists } from "../lib/util/fs.ts";
import { toScript } from "./script.ts";
import type { Session } from "./session.ts";
import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";

const LIBRARY = new URL("../mod.ts", import.meta.url).href;

/** A script that was written. */
export class Saved {
  /**
   * @param path where it lies
   * @param kept how many of the entries are in it
   * @param typed how many there were
   * @param mistakes what `deno check` has found, or nothing
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
    if (mistakes === "") return `${head}, deno check finds no mistake: deno run -A ${path}`;
    return `${head}, but deno check finds mistakes there:\n${mistakes}`;
  }
}

/** Makes the helper of a session. */
export function makeSave(
  session: Session,
  parsers: Parsers,
  helpers: readonly string[],
): (path: string) => Saved {
  const written = new Map<string, string>();
  return (path) => {
    checkPath(path, written.get(path));
    // The last entry is the one that saves.
    const { text, kept } = toScript(session.entries, { path, library: LIBRARY, helpers }, parsers);
    if (kept === 0) throw new UsageError("Cannot save: nothing was typed yet that does something");
    write(path, text);
    written.set(path, text);
    return new Saved(path, kept, session.entries.length, check(path));
  };
}

/** What somebody else wrote, or has changed since, stays as it is. */
function checkPath(path: string, before: string | undefined): void {
  if (typeof path !== "string" || !/\.[cm]?ts$/.test(path)) {
    throw new UsageError('Cannot save: give the path of a script, as in save("scripts/tiles.ts")');
  }
  if (exists(path) && Deno.readTextFileSync(path) !== before) {
    throw new UsageError(`Cannot write ${path}: it exists, give another path or remove it`);
  }
}

function write(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text);
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
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
  // What stands behind the mistakes says only that there are some.
  return text.replace(/\nerror: Type checking failed\.[^]*$/, "").trim();
}
