/**
 * Finds and parses the config file.
 *
 * @module
 * @see https://yaml.org/spec/1.2.2/
 */

import { loadYaml } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { exists } from "../util/files/fs.ts";
import { isDict } from "../util/is_dict.ts";
import { checkTrusted } from "../util/files/trust.ts";
import { fileText } from "../util/text/file_text.ts";

/**
 * The name of the config file. The search starts in the working directory and ends in the root of
 * its project.
 */
export const CONFIG_FILE = "dl_jobs.config.yaml";

/** Names that users give to the config file by mistake. */
const SIMILAR_NAMES = [
  ...["dl_jobs.config.yml", "dl-jobs.config.yaml", "dl-jobs.config.yml", "dl_jobs.yaml"],
  ...["dl_jobs.yml", "dl_jobs.config.json", "dl_jobs.config.toml", "dl_jobs.config"],
];

/**
 * Keys of old config files that no longer have an effect, with the values that the Python package
 * wrote into each file.
 */
export const RETIRED_KEYS: ReadonlyMap<string, string> = new Map([["dls_root", "dl_jobs"]]);

/** A value of an option, and the source of that value. */
export interface GivenValue {
  /** The name of the option, as the user wrote it. */
  readonly name: string;
  /** The value, as the user wrote it. */
  readonly value: unknown;
  /** The source, for messages: `/p/dl_jobs.config.yaml:7`, `DL_JOBS_LOG`, `--log`. */
  readonly where: string;
}

/** A config file that has not been parsed. */
export interface ConfigFile {
  /** Its absolute path. */
  readonly path: string;
  /** Its content. */
  readonly text: string;
}

/** Names of files and folders that are in the root of a project. */
const ROOT_MARKS = [".git", "deno.json", "deno.jsonc"];

/**
 * Finds the nearest config file in the {@linkcode searchedFolders} of a directory. Files in other
 * folders, such as `/tmp`, are not the user's.
 *
 * @returns the file, or `undefined` when there is none.
 * @throws {UsageError} when a config file exists but cannot be read, or when another user could
 * have written it.
 */
export async function findConfigFile(cwd: string): Promise<ConfigFile | undefined> {
  const path = searchedFolders(cwd).map((dir) => `${dir}/${CONFIG_FILE}`).find(exists);
  if (path === undefined) return undefined;
  checkTrusted(path);
  return { path, text: await readConfig(path) };
}

/** Returns the warning about a file of a directory whose name is almost that of the config file. */
export function nameWarning(cwd: string): string | undefined {
  const name = SIMILAR_NAMES.find((name) => exists(`${cwd}/${name}`));
  return name && `${name} has no effect: the config file is ${CONFIG_FILE}, rename it`;
}

/**
 * Lists a directory and the folders above it, nearest first, up to the root of the project or the
 * home folder. Without both, the list is the directory itself.
 */
export function searchedFolders(cwd: string): string[] {
  const folders = upward(cwd), home = homeFolder();
  const isRoot = (dir: string) =>
    dir === home || ROOT_MARKS.some((name) => exists(`${dir}/${name}`));
  return folders.slice(0, Math.max(0, folders.findIndex(isRoot)) + 1);
}

/** Returns the home folder without links, as in the path of the working directory. */
function homeFolder(): string | undefined {
  const home = Deno.env.get("HOME");
  return home && exists(home) ? Deno.realPathSync(home) : undefined;
}

/**
 * Lists a directory and its ancestors, nearest first. Does not use `node:path`, because loading it
 * would add a few milliseconds to every start.
 */
function upward(dir: string): string[] {
  const parts = dir.split(Deno.build.os === "windows" ? /[\\/]/ : "/");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((_, above) => parts.slice(0, parts.length - above).join("/"));
}

async function readConfig(path: string): Promise<string> {
  let bytes;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return fileText(bytes, `Cannot read ${path}`);
}

/**
 * Parses a config file.
 *
 * @returns the values, each with the file and the line of its key.
 * @throws {UsageError} when the file is invalid YAML, or its top level is not a map.
 */
export async function parseConfigFile({ path, text }: ConfigFile): Promise<GivenValue[]> {
  const data = await parseYaml(path, text);
  // A file that is empty or contains only comments parses as null.
  if (data === null) return [];
  if (!isDict(data)) {
    throw new UsageError(
      `Cannot read ${path}: its top level is not a map of options, write lines like workers: 4`,
    );
  }
  return Object.entries(data).map(([name, value]) => {
    const line = lineOf(text, name);
    return { name, value, where: line === 0 ? path : `${path}:${line}` };
  });
}

/**
 * Parses a file whose plain values stay as the user wrote them: `1.10`, `0123` and `yes` are texts,
 * and the type of an option decides on their meaning. Only an absent value, such as `null`, is not a
 * text.
 */
async function parseYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await loadYaml();
  try {
    return asTexts(parse(text, { schema: "failsafe" }), parse(text, { schema: "core" }));
  } catch (cause) {
    const message = (cause as Error).message;
    const found = message === NO_MERGE ? mergeLine(text) : 1;
    const [, reason, line] = /^(.*) at line (\d+)/s.exec(message) ?? [undefined, message, found];
    throw new UsageError(`Cannot read ${path}:${line} as YAML: ${reason}`, { cause });
  }
}

const NO_MERGE = "merge keys (<<) are not supported, write the entries themselves";

function mergeLine(text: string): number {
  return text.split("\n").findIndex((line) => /(?:^|[\s{,])<<["']?\s*:/.test(line)) + 1;
}

/**
 * Replaces the texts of a document by `null` where YAML reads them as absent.
 *
 * @param texts the document with all plain values as texts
 * @param typed the same document with typed values
 * @param depth the number of levels to enter, because aliases may form a cycle
 */
function asTexts(texts: unknown, typed: unknown, depth = 4): unknown {
  if (typed === null) return null;
  if (typeof texts !== "object" || texts === null || depth === 0) return texts;
  const inner = Object.values(typed as object);
  if ("<<" in texts) throw new SyntaxError(NO_MERGE);
  const entries = Object.entries(texts).map(([key, value], index) =>
    [key, asTexts(value, inner[index], depth - 1)] as const
  );
  return Array.isArray(texts) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/**
 * Returns the line number of a top-level key, counting from 1, or 0 when no line starts with the
 * key.
 */
function lineOf(text: string, key: string): number {
  const start = /^\uFEFF?["']?(.+?)["']?\s*:(?:\s|$)/;
  return text.split("\n").findIndex((line) => start.exec(line)?.[1] === key) + 1;
}

/** Returns the warning about a key of {@linkcode RETIRED_KEYS}. */
export function retiredWarning({ name, where }: GivenValue): string {
  return `${name} (${where}) is retired and has no effect: remove it`;
}
