/**
 * The files that configure Deno: where they are, and their values.
 *
 * @module
 */

import { loadJsonc } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { isFile } from "../../util/files/fs.ts";
import { fromFileUrl, shortPath } from "../../util/paths.ts";
import { isDict } from "../../util/is_dict.ts";
import { checkTrusted } from "../../util/files/trust.ts";

/** The names of Deno's configuration file. */
export const DENO_CONFIGS = ["deno.json", "deno.jsonc"] as const;

/** Returns the URLs of files with some names in the folder of a module and in all folders above. */
export function filesAbove(start: string, names: readonly string[]): URL[] {
  return foldersAbove(start).flatMap((folder) => names.map((name) => new URL(name, folder)));
}

/** Returns the URLs of the folder of a module and of all folders above, the nearest first. */
export function foldersAbove(start: string): URL[] {
  const found = [new URL(".", start)];
  while (found.at(-1)!.pathname !== "/") found.push(new URL("..", found.at(-1)));
  return found;
}

/**
 * Reads a configuration file. Returns undefined when it does not exist.
 *
 * @throws {UsageError} when the file cannot be parsed, or when another user could have written it.
 */
export async function readConfig(url: URL): Promise<Record<string, unknown> | undefined> {
  const { parse } = await loadJsonc();
  try {
    if (url.protocol === "file:") checkTrusted(fromFileUrl(url.href));
    const text = url.protocol === "file:"
      ? await Deno.readTextFile(url)
      : await (await fetch(url)).text();
    return parse(text) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`Cannot read ${shortPath(url.href)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** A configuration file and its values. */
export interface DenoConfig {
  readonly url: URL;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The configuration of a workspace. */
export interface Workspace extends DenoConfig {
  /** The folders of the members, relative to that of the configuration. */
  readonly members: readonly string[];
}

/** Returns the nearest workspace above a module. */
export async function workspaceAbove(module: string): Promise<Workspace | undefined> {
  for (const url of filesAbove(module, DENO_CONFIGS).filter(isFile)) {
    const values = await readConfig(url) ?? {}, { workspace } = values;
    const members = isDict(workspace) ? workspace.members : workspace;
    if (Array.isArray(members)) return { url, values, members };
  }
  return undefined;
}
