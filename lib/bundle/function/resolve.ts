/**
 * The resolution of function names to a module and an export.
 *
 * @module
 */

import type { FunctionRef } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { isDirectory, isFile } from "../../util/files/fs.ts";
import { nearest } from "../../util/text/nearest.ts";
import { basename, fromFileUrl, toFileUrl } from "../../util/paths.ts";
import {
  EXTENSIONS,
  filesIn,
  moduleFiles,
  modulesWith,
  namesIn,
  PYTHON_ENDINGS,
} from "../modules/module_files.ts";
import { isPythonModule } from "./interpreter.ts";

/** The options of {@linkcode locate}. */
export interface LocateOptions {
  /** The base folder of relative paths and dotted names. @default {the working directory} */
  readonly cwd?: string | undefined;
  /** The subfolder in which dotted names are looked up first. @default {""} */
  readonly moduleDir?: string | undefined;
  /** The export to use when the name has only a module. @default {"task"} */
  readonly defaultMethod?: string | undefined;
  /** Tells the user about a module that another one hides. @default {tells nothing} */
  readonly warn?: ((text: string) => void) | undefined;
}

/**
 * Finds the module of `module.method`, `a.b.method`, `./path.ts#method`, `path.py#method` or
 * `https://host/x.ts#method`.
 *
 * A name with only a module, such as `tiles`, `./tiles.ts` or a URL, refers to the default method.
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
 * @throws {UsageError} when the file does not exist; the message lists the nearest names.
 */
export async function locate(name: string, options: LocateOptions = {}): Promise<FunctionRef> {
  const { cwd = Deno.cwd(), defaultMethod = "task" } = options;
  const [, file, colon] = /^(.+\.(?:[mc]?[jt]sx?|py))::?([\w$]+)$/i.exec(name) ?? [];
  if (file !== undefined && isFile(absolute(file, cwd))) {
    throw new UsageError(`Cannot find ${name}: write ${file}#${colon}`);
  }
  if (isAddress(name)) return await locateAddress(name, cwd, defaultMethod);
  const parts = name.split(".");
  const method = parts.length > 1 ? parts.pop()! : defaultMethod;
  return { module: await locateModule(parts.join("."), options), method };
}

/**
 * Finds the module of a dotted name, a path or a URL.
 *
 * @returns the absolute URL of the module
 * @throws {UsageError} when the file does not exist; the message lists the nearest names.
 */
export async function locateModule(name: string, options: LocateOptions): Promise<string> {
  const { cwd = Deno.cwd() } = options;
  if (isAddress(name)) return (await locateAddress(name, cwd, "")).module;
  const roots = rootsOf(options);
  for (const root of roots) {
    const [file, ...hidden] = moduleFiles(root, name);
    if (file === undefined) continue;
    const python = hidden.find((one) => isPythonModule(one));
    if (python && !isPythonModule(file)) options.warn?.(bothText(name, file, python));
    return toFileUrl(file);
  }
  throw new UsageError(await noModule(name, roots, cwd));
}

/** Yields the dotted names of all modules in each lookup folder, one list per folder. */
export function* moduleNames(options: LocateOptions): Generator<readonly string[]> {
  for (const root of rootsOf(options)) yield namesIn(root);
}

/** Returns the folders in which a dotted name is looked up, in order. */
function rootsOf({ cwd = Deno.cwd(), moduleDir = "" }: LocateOptions): string[] {
  // PROJECT_DIR is for compatibility with the Python package of the same name.
  const roots = ["", Deno.env.get("PROJECT_DIR") ?? ""].map((root) => absolute(root, cwd));
  return [...new Set(roots.flatMap((root) => [subfolder(moduleDir, root), root]))];
}

/** Returns the path of a folder, whose name may be dotted, as in `jobs.run`. */
function subfolder(name: string, root: string): string {
  const path = absolute(name, root);
  return isDirectory(path) ? path : absolute(name.replaceAll(/(?<=\w)\.(?=\w)/g, "/"), root);
}

/**
 * Returns the folder that the Python package adds to the end of its import path: that of the
 * variable `PROJECT_DIR`, or the one above the working directory.
 */
export function projectFolder(): string {
  const path = absolute(Deno.env.get("PROJECT_DIR") || "..", Deno.cwd());
  return isDirectory(path) ? Deno.realPathSync(path) : path;
}

/** Returns true when a name is a path or a URL, false when it is a dotted name. */
export function isAddress(name: string): boolean {
  return /[/\\#]|^\.|^[a-z]+:/i.test(name) || ENDING.test(name);
}

const ENDING = /\.(?:[mc]?[jt]sx?|py)$/i;

async function locateAddress(
  name: string,
  cwd: string,
  defaultMethod: string,
): Promise<FunctionRef> {
  // File names may contain `#`, so only a suffix without dots and slashes is a method.
  const [, address, method] = /^(.*)#([^#./\\]*)$/s.exec(name) ?? [name, name, ""];
  const location = { module: toAddress(address, cwd), method: method || defaultMethod };
  if (!location.module.startsWith("file:") || isFile(new URL(location.module))) return location;
  throw new UsageError(await noFile(address, location.module, method, cwd));
}

function toAddress(address: string, cwd: string): string {
  if (/^(?:https?|npm|jsr|data):/.test(address)) return address;
  return address.startsWith("file:") ? new URL(address).href : toFileUrl(absolute(address, cwd));
}

function absolute(path: string, cwd: string): string {
  return (path.startsWith("/") ? path : `${cwd}/${path}`).replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "");
}

function bothText(name: string, file: string, python: string): string {
  const [chosen, other] = [file, python].map(basename);
  return `${name} is ${chosen}, not the Python module ${other}: write its path to run that one`;
}

async function noFile(
  address: string,
  module: string,
  method: string,
  cwd: string,
): Promise<string> {
  const other = otherLanguage(address, module);
  if (other !== undefined) return `Cannot find ${address}: no such file; ${other}`;
  const name = withEnding(address, method, cwd);
  if (name !== undefined) return `Cannot find ${address}: no such file; write ${name}`;
  const [, file = "", part = ""] = /^(.*)#([^#/\\]+)$/s.exec(address) ?? [];
  if (isFile(new URL(toAddress(file, cwd)))) {
    return isPythonModule(file)
      ? `Cannot call ${part} of ${file}: only a function of the module can be called, define one`
      : `Cannot call ${part} of ${file}: only an exported function can be called, export one`;
  }
  const slash = address.lastIndexOf("/") + 1;
  const folder = fromFileUrl(new URL(".", module).href);
  const there = filesIn(folder).map((file) => address.slice(0, slash) + file);
  const known = there.length > 0
    ? `the modules there are ${await nearest(address, there)}`
    : `there are no modules in that folder (relative paths start at ${cwd})`;
  return `Cannot find ${address}: no such file; ${known}`;
}

/**
 * Returns the name of a function whose module the user wrote without its ending, as in
 * `run/tiles.mean` or `run.tiles#mean`.
 */
function withEnding(address: string, method: string, cwd: string): string | undefined {
  if (ENDING.test(address)) return undefined;
  const path = address.includes("/") ? address : address.replaceAll(/(?<=\w)\.(?=\w)/g, "/");
  const [, stem = path, name] = method ? [] : /^(.+)\.([\w$]+)$/.exec(address) ?? [];
  for (const [start, part] of [[path, method], [stem, name]]) {
    const file = [...EXTENSIONS, ...PYTHON_ENDINGS].map((ending) => start + ending)
      .find((file) => isFile(new URL(toAddress(file, cwd))));
    if (file !== undefined) return `${file}${part ? `#${part}` : ""}`;
  }
  return undefined;
}

/** Describes a module of the same name in the other language; `undefined` when there is none. */
function otherLanguage(address: string, module: string): string | undefined {
  if (!ENDING.test(address)) return undefined;
  const isPython = isPythonModule(module), stem = module.replace(/\.\w+$/, "");
  const found = (isPython ? EXTENSIONS : PYTHON_ENDINGS).map((ending) => stem + ending)
    .find((url) => isFile(new URL(url)));
  if (found === undefined) return undefined;
  const language = isPython ? "TypeScript or JavaScript" : "Python";
  return `there is the ${language} module ${fromFileUrl(found)}, write that path to run it`;
}

async function noModule(name: string, roots: readonly string[], cwd: string): Promise<string> {
  const there = roots.map(namesIn)
    .find((names) => names.length > 0);
  const where = roots.map((root) => root === cwd ? "." : root.replace(`${cwd}/`, "./"));
  const [owner] = roots.flatMap((root) => modulesWith(root, name));
  const known = owner !== undefined
    ? `did you mean the function ${owner}.${name}?`
    : there
    ? `the modules there are ${await nearest(name, there)}`
    : "there are no modules; use a path such as ./work/tiles.ts#mean";
  return `Cannot find module "${name}" in ${where.join(" and ")}: ${known}`;
}
