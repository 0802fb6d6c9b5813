/**
 * From what a user calls a function to the module and the export that it is.
 *
 * @module
 */

import { loadText } from "./deps.ts";
import { UsageError } from "./errors.ts";

/** Where names are looked up. */
export interface LocateOptions {
  /** The folder that paths and dotted names start from. @default {the working directory} */
  readonly cwd?: string;
  /** The folder in it where a dotted name is looked up first. @default {""} */
  readonly moduleDir?: string;
  /** The method of a name that gives none. @default {"task"} */
  readonly defaultMethod?: string;
}

/** A function in a module. */
export interface Location {
  /** The module, as an absolute `file:` or `https:` URL. */
  readonly module: string;
  /** The name of the export. */
  readonly method: string;
}

const EXTENSIONS = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx"];

/**
 * Finds the module of `module.method`, `a.b.method`, `./path.ts#method` or `https://host/x.ts#method`.
 *
 * A name without a dot or a `#` means the default method.
 *
 * @throws {UsageError} when there is no such file, with the nearest names that there are.
 */
export async function locate(name: string, options: LocateOptions = {}): Promise<Location> {
  const { cwd = Deno.cwd(), moduleDir = "", defaultMethod = "task" } = options;
  if (isAddress(name)) return locateAddress(name, cwd, defaultMethod);
  const parts = name.split(".");
  const method = parts.length > 1 ? parts.pop()! : defaultMethod;
  return { module: await locateModule(parts.join("."), { cwd, moduleDir }), method };
}

/** Finds the module of a dotted name, a path or a URL, as an absolute URL. */
export async function locateModule(name: string, options: LocateOptions = {}): Promise<string> {
  const { cwd = Deno.cwd(), moduleDir = "" } = options;
  if (isAddress(name)) return locateAddress(name, cwd, "").module;
  const roots = [...new Set([`${cwd}/${moduleDir}`, cwd, projectDir(cwd)])].filter(isText);
  const path = name.replaceAll(".", "/");
  for (const root of roots) {
    for (const extension of EXTENSIONS) {
      const file = `${root.replace(/\/$/, "")}/${path}${extension}`;
      if (isFile(file)) return toFileUrl(file, "/");
    }
  }
  throw new UsageError(await noModule(name, roots, cwd));
}

/** Words sorted by their nearness to one that was mistyped, as a list to read. */
export async function nearest(word: string, words: readonly string[], most = 8): Promise<string> {
  const { wordSimilaritySort } = await loadText();
  const sorted = wordSimilaritySort(word, words);
  return sorted.slice(0, most).join(", ") + (sorted.length > most ? ", ..." : "");
}

function isAddress(name: string): boolean {
  return /[/\\#]|^\.|^[a-z]+:|\.[mc]?[jt]sx?$/i.test(name);
}

function locateAddress(name: string, cwd: string, defaultMethod: string): Location {
  const hash = name.lastIndexOf("#");
  const address = hash < 0 ? name : name.slice(0, hash);
  const method = hash < 0 ? defaultMethod : name.slice(hash + 1);
  if (/^https?:/.test(address)) return { module: address, method };
  const module = toFileUrl(address, `${cwd}/`);
  if (isFile(new URL(module))) return { module, method };
  throw new UsageError(`Cannot find ${address}: no such file, looked from ${cwd}`);
}

function toFileUrl(path: string, base: string): string {
  if (path.startsWith("file:")) return path;
  const url = new URL("file:///");
  // Set as a path, so that %, ? and # in a file's name stay what they are.
  url.pathname = base.replaceAll("%", "%25").replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(
    path.replaceAll("%", "%25").replaceAll("?", "%3F").replaceAll("#", "%23"),
    url,
  ).href;
}

/** The project's folder, where the original looked too. */
function projectDir(cwd: string): string | undefined {
  const dir = Deno.env.get("PROJECT_DIR");
  return dir ? new URL(toFileUrl(`${dir}/`, `${cwd}/`)).pathname : undefined;
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

function isFile(path: string | URL): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function noModule(name: string, roots: readonly string[], cwd: string): Promise<string> {
  const there = [...new Set(roots.slice(0, 1).flatMap((root) => [...modulesIn(root, "", 3)]))];
  const where = roots.map((root) => root.replace(/\/$/, "").replace(cwd, ".")).join(" and ");
  const known = there.length > 0
    ? `there are ${await nearest(name, there)}`
    : "there are no modules, give a path such as ./work/tiles.ts#mean";
  return `Cannot find module "${name}" in ${where}: ${known}`;
}

function* modulesIn(folder: string, prefix: string, depth: number): Generator<string> {
  for (const entry of entries(folder)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const extension = EXTENSIONS.find((one) => entry.name.endsWith(one));
    if (entry.isFile && extension) yield prefix + entry.name.slice(0, -extension.length);
    if (entry.isDirectory && depth > 1) {
      yield* modulesIn(`${folder}/${entry.name}`, `${prefix}${entry.name}.`, depth - 1);
    }
  }
}

function entries(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    return [];
  }
}
