/**
 * From what a user calls a function to the module and the export that it is.
 *
 * @module
 */

import { loadText } from "../deps.ts";
import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";

/** Where names are looked up. */
export interface LocateOptions {
  /** The folder that paths and dotted names start from. @default {the working directory} */
  readonly cwd?: string;
  /** The folder in it where a dotted name is looked up first. @default {""} */
  readonly moduleDir?: string;
  /** The method of a name that gives none. @default {"task"} */
  readonly defaultMethod?: string;
}

const EXTENSIONS = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx"];

/**
 * Finds the module of `module.method`, `a.b.method`, `./path.ts#method` or `https://host/x.ts#method`.
 *
 * A name without a dot or a `#` means the default method.
 *
 * @example
 * ```ts
 * import { locate } from "./resolve.ts";
 *
 * const { module, method } = await locate("https://example.org/tiles.ts#mean");
 * if (module !== "https://example.org/tiles.ts" || method !== "mean") throw new Error(module);
 * ```
 *
 * @throws {UsageError} when there is no such file, with the nearest names that there are.
 */
export async function locate(name: string, options: LocateOptions = {}): Promise<FunctionRef> {
  const { cwd = Deno.cwd(), moduleDir = "", defaultMethod = "task" } = options;
  if (isAddress(name)) return await locateAddress(name, cwd, defaultMethod);
  const parts = name.split(".");
  const method = parts.length > 1 ? parts.pop()! : defaultMethod;
  return { module: await locateModule(parts.join("."), { cwd, moduleDir }), method };
}

/** Finds the module of a dotted name, a path or a URL, as an absolute URL. */
export async function locateModule(name: string, options: LocateOptions = {}): Promise<string> {
  const { cwd = Deno.cwd() } = options;
  if (isAddress(name)) return (await locateAddress(name, cwd, "")).module;
  const roots = rootsOf(options);
  const path = name.replaceAll(".", "/");
  for (const root of roots) {
    for (const extension of EXTENSIONS) {
      const file = `${root}/${path}${extension}`;
      if (isFile(file)) return toFileUrl(file);
    }
  }
  throw new UsageError(await noModule(name, roots, cwd));
}

/** The dotted names of all modules in each of the folders where they are looked up. */
export function* moduleNames(options: LocateOptions = {}): Generator<readonly string[]> {
  for (const root of rootsOf(options)) yield namesIn(root);
}

/** The folders where a dotted name is looked up. */
function rootsOf({ cwd = Deno.cwd(), moduleDir = "" }: LocateOptions): string[] {
  // The original looked in PROJECT_DIR, too.
  const folders = [moduleDir, "", Deno.env.get("PROJECT_DIR") ?? ""];
  return [...new Set(folders.map((folder) => absolute(folder, cwd)))];
}

function namesIn(root: string): string[] {
  return [...new Set(modulesIn(root, "", 3))];
}

/** Words sorted by their nearness to one that was mistyped, as a list to read. */
export async function nearest(word: string, words: readonly string[], most = 8): Promise<string> {
  const { wordSimilaritySort } = await loadText();
  const sorted = wordSimilaritySort(word, words);
  return sorted.slice(0, most).join(", ") + (sorted.length > most ? ", ..." : "");
}

/** Whether a name is a path or a URL, not a dotted one. */
export function isAddress(name: string): boolean {
  return /[/\\#]|^\.|^[a-z]+:|\.[mc]?[jt]sx?$/i.test(name);
}

async function locateAddress(
  name: string,
  cwd: string,
  defaultMethod: string,
): Promise<FunctionRef> {
  // A file's name may hold a `#`, a method's name holds no dot and no slash.
  const [, address, method] = /^(.*)#([^#./\\]*)$/s.exec(name) ?? [name, name, ""];
  const location = { module: toAddress(address!, cwd), method: method || defaultMethod };
  if (!location.module.startsWith("file:") || isFile(new URL(location.module))) return location;
  throw new UsageError(await noFile(address!, location.module, cwd));
}

function toAddress(address: string, cwd: string): string {
  if (/^(?:https?|npm|jsr|data):/.test(address)) return address;
  return address.startsWith("file:") ? new URL(address).href : toFileUrl(absolute(address, cwd));
}

function absolute(path: string, cwd: string): string {
  return (path.startsWith("/") ? path : `${cwd}/${path}`).replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "");
}

function isFile(path: string | URL): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function noFile(address: string, module: string, cwd: string): Promise<string> {
  const slash = address.lastIndexOf("/") + 1;
  const folder = fromFileUrl(new URL(".", module).href);
  const there = filesIn(folder).map((file) => address.slice(0, slash) + file);
  const known = there.length > 0
    ? `there are ${await nearest(address, there)}`
    : `there are no modules in that folder, looked from ${cwd}`;
  return `Cannot find ${address}: no such file, ${known}`;
}

async function noModule(name: string, roots: readonly string[], cwd: string): Promise<string> {
  const there = roots.map(namesIn)
    .find((names) => names.length > 0);
  const where = roots.map((root) => root === cwd ? "." : root.replace(`${cwd}/`, "./"));
  const known = there
    ? `there are ${await nearest(name, there)}`
    : "there are no modules, give a path such as ./work/tiles.ts#mean";
  return `Cannot find module "${name}" in ${where.join(" and ")}: ${known}`;
}

function* modulesIn(folder: string, prefix: string, depth: number): Generator<string> {
  const names = filesIn(folder).map((file) => file.slice(0, file.lastIndexOf(".")));
  yield* names.filter(isPart).map((name) => prefix + name);
  if (depth === 1) return;
  for (const { name, isDirectory } of entries(folder)) {
    if (!isDirectory || name === "node_modules" || !isPart(name)) continue;
    yield* modulesIn(`${folder}/${name}`, `${prefix}${name}.`, depth - 1);
  }
}

/** Whether a name can stand between the dots. */
function isPart(name: string): boolean {
  return !/[.#\\]/.test(name);
}

/** The modules in a folder; a declaration of types has no code. */
function filesIn(folder: string): string[] {
  return entries(folder).filter(({ isFile }) => isFile).map(({ name }) => name)
    .filter((name) => EXTENSIONS.some((extension) => name.endsWith(extension)))
    .filter((name) => !/\.d\.[mc]?ts$/.test(name));
}

function entries(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => !name.startsWith("."))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    return [];
  }
}
