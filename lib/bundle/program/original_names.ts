/**
 * The names of the user's variables in a program, in which the bundler may have renamed them.
 *
 * @module
 */

import { loadMappings } from "../../deps.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { mapOf } from "./worker_part.ts";

/** A name in the user's file. */
export interface OriginalName {
  /** The name, before the bundler renamed it. */
  readonly name: string;
  /** The text that follows the name in the user's file; `undefined` when the file is not readable. */
  readonly after: string | undefined;
}

/**
 * Finds names of a program in the user's files, by its source map.
 *
 * @param program the text of the program, with its source map
 * @param offsets the positions of the names in the text
 * @returns the names by their positions, without those that the source map does not contain.
 */
export async function originalNames(
  program: string,
  offsets: readonly number[],
): Promise<ReadonlyMap<number, OriginalName>> {
  const map = mapOf(program);
  if (!map) return new Map();
  const { decode } = await loadMappings(), lines = decode(map.mappings);
  const found = offsets.map(async (offset) => {
    const before = program.slice(0, offset).split("\n"), column = before.at(-1)!.length;
    const segment = lines[before.length - 1]?.find(([start]) => start === column);
    if (!segment || segment.length === 1) return undefined;
    const [, source, row, from, name] = segment;
    const line = (await linesOf(map.sources[source]!))?.[row]?.slice(from);
    const given = /^[\w$]+/.exec(program.slice(offset))![0];
    const original = name === undefined ? given : map.names[name]!;
    return [offset, { name: original, after: line?.slice(original.length) }] as const;
  });
  return new Map((await Promise.all(found)).filter((entry) => entry !== undefined));
}

async function linesOf(source: string): Promise<readonly string[] | undefined> {
  if (!source.startsWith("file:")) return undefined;
  const text = await Deno.readTextFile(fromFileUrl(source));
  return text.split(/\r\n|[\n\r\u2028\u2029]/);
}
