/**
 * The places of imports in the files of the user, of programs that do not load.
 *
 * @module
 */

import { loadMappings } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { fromFileUrl, shortPath } from "../util/paths.ts";
import { shortenMissing } from "../util/remote.ts";
import { mapOf } from "./program/worker_part.ts";

/** The error of a program with an import that cannot be loaded. */
export class ImportError extends UsageError {
  /**
   * Creates an error.
   *
   * @param place the place of the import in the user's code
   * @param reason the message of Deno
   */
  constructor(place: string, reason: string, cause?: unknown) {
    super(`Cannot load ${place}: ${shortenMissing(reason)}`, { cause });
  }
}

// The place in a program of the import that a message of Deno is about.
const FRAME = /\n +at (file:\/\/\S+):(\d+):(\d+)\s*$/;
// deno-lint-ignore no-control-regex -- Deno colors the places in its messages
const COLORS = /\x1b\[[\d;]*m/g;

/**
 * Splits a message of Deno about an import that cannot be loaded.
 *
 * @param said the message, which ends with the place of the import in a program
 * @returns the message and the place in the user's file, such as `lib/tiles.ts:2:18`; `undefined`
 * when the message names no such place
 */
export async function importPlace(
  said: string,
): Promise<{ readonly message: string; readonly place: string } | undefined> {
  const text = said.replaceAll(COLORS, "");
  const [frame, module, line, column] = FRAME.exec(text) ?? [];
  const place = frame && await originalPlace(module!, Number(line), Number(column));
  return place ? { message: text.slice(0, -frame.length), place } : undefined;
}

async function originalPlace(
  module: string,
  line: number,
  column: number,
): Promise<string | undefined> {
  try {
    const map = mapOf(Deno.readTextFileSync(fromFileUrl(module)));
    if (!map) return undefined;
    const { decode } = await loadMappings();
    const found = decode(map.mappings)[line - 1]?.findLast(([start]) => start < column);
    const source = found && map.sources[found[1] ?? -1];
    return source && `${shortPath(source)}:${found[2]! + 1}:${found[3]! + 1}`;
  } catch {
    // The program is gone, or this machine lacks the package that reads source maps.
    return undefined;
  }
}
