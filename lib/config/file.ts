/**
 * The config file.
 *
 * @module
 */

import { loadYaml } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";

/** The name of the config file: the nearest one in the working directory or above it counts. */
export const CONFIG_FILE = "dl_jobs.config.yaml";

/** Keys of old config files that do nothing any more. */
export const RETIRED: ReadonlySet<string> = new Set(["dls_root"]);

/** One value for one option, from one place. */
export interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly where: string;
}

export async function findFile(cwd: string): Promise<{ path: string; text: string } | undefined> {
  for (const dir of upward(cwd)) {
    const path = `${dir}/${CONFIG_FILE}`;
    const text = await readIfThere(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** The directory and all those above it. By hand, since `node:path` adds some ms to every start. */
function upward(dir: string): string[] {
  const parts = dir.split(Deno.build.os === "windows" ? /[\\/]/ : "/");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((_, above) => parts.slice(0, parts.length - above).join("/"));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

export async function fileSettings(
  { path, text }: { path: string; text: string },
): Promise<Setting[]> {
  const data = await parseYaml(path, text);
  // An empty file, or one with comments only, is null.
  if (data === null) return [];
  if (!isDict(data)) {
    throw new UsageError(
      `Cannot read ${path}: it is no map of options, write lines like workers: 4`,
    );
  }
  return Object.entries(data).map(([name, value]) => {
    const line = lineOf(text, name);
    return { name, value, where: line === 0 ? path : `${path}:${line}` };
  });
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await loadYaml();
  try {
    return parse(text, { schema: "core" });
  } catch (cause) {
    const message = (cause as Error).message;
    const [, reason, line] = /^(.*) at line (\d+)/s.exec(message) ?? [undefined, message, "1"];
    throw new UsageError(`Cannot read ${path}:${line} as YAML: ${reason}`, { cause });
  }
}

/** The line of a top-level key, from 1; 0 when the key is not at the start of a line. */
function lineOf(text: string, key: string): number {
  const start = /^\uFEFF?["']?(.+?)["']?\s*:(?:\s|$)/;
  return text.split("\n").findIndex((line) => start.exec(line)?.[1] === key) + 1;
}

export function retiredWarning({ name, where }: Setting): string {
  return `${name} (${where}) is retired and does nothing: remove it`;
}
