/**
 * Names of functions, resolved to a module and its export.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { isFile } from "../util/fs.ts";
import { nearest } from "../util/nearest.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";
import { EXTENSIONS, filesIn, namesIn } from "./module_files.ts";

/** The options of {@linkcode locate}. */
export interface LocateOptions {
  /** The folder that paths and dotted names start from. @default {the working directory} */
  readonly cwd?: string | undefined;
  /** The folder in it where a dotted name is looked up first. @default {""} */
  readonly moduleDir?: string | undefined;
  /** The method of a name without one. @default {"task"} */
  readonly defaultMethod?: string | undefined;
}

/**
 * Finds the module of `module.method`, `a.b.method`, `./path.ts#method` or `https://host/x.ts#method`.
 *
 * A name without a dot or a `#` means the default method.
 *
 * @returns the URL of the module, and the name of the export
 *
 * @example
 * ```ts
 * import { locate } from "./resolve.ts";
 *
 * const { module, method } = await locate("https://example.org/tiles.ts#mean");
 * if (module !== "https://example.org/tiles.ts" || method !== "mean") throw new Error(module);
 * ```
 *
 * @throws {UsageError} when there is no such file; the message lists the nearest names.
 */
export async function locate(name: string, options: LocateOptions = {}): Promise<FunctionRef> {
  const { cwd = Deno.cwd(), moduleDir = "", defaultMethod = "task" } = options;
  if (isAddress(name)) return await locateAddress(name, cwd, defaultMethod);
  const parts = name.split(".");
  const method = parts.length > 1 ? parts.pop()! : defaultMethod;
  return { module: await locateModule(parts.join("."), { cwd, moduleDir }), method };
}

/**
 * Finds the module of a dotted name, a path or a URL.
 *
 * @returns the absolute URL of the module
 * @throws {UsageError} when there is no such file; the message lists the nearest names.
 */
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

/** Yields the dotted names of all modules, for each folder where names are looked up. */
export function* moduleNames(options: LocateOptions = {}): Generator<readonly string[]> {
  for (const root of rootsOf(options)) yield namesIn(root);
}

/** Returns the folders where a dotted name is looked up. */
function rootsOf({ cwd = Deno.cwd(), moduleDir = "" }: LocateOptions): string[] {
  // The Python package of the same name looks in PROJECT_DIR.
  const folders = [moduleDir, "", Deno.env.get("PROJECT_DIR") ?? ""];
  return [...new Set(folders.map((folder) => absolute(folder, cwd)))];
}

/** Returns true when a name is a path or a URL, false when it is a dotted name. */
export function isAddress(name: string): boolean {
  return /[/\\#]|^\.|^[a-z]+:|\.[mc]?[jt]sx?$/i.test(name);
}

async function locateAddress(
  name: string,
  cwd: string,
  defaultMethod: string,
): Promise<FunctionRef> {
  // A file's name may contain a `#`. A method's name contains no dot and no slash.
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
