/**
 * The compiler options that Deno applies to a module: those of the nearest deno.json and of the
 * root of its workspace, or those of a tsconfig.json beside a deno.json or a package.json.
 *
 * @see {@link https://docs.deno.com/runtime/reference/ts_config_migration/}
 *
 * @module
 */

import { isFile } from "../../util/files/fs.ts";
import { isInPackage } from "./addresses.ts";
import {
  DENO_CONFIGS,
  filesAbove,
  foldersAbove,
  readConfig,
  workspaceAbove,
} from "./config_files.ts";

/** Compiler options by name. */
export type CompilerOptions = Readonly<Record<string, unknown>>;

/** The options that change a program. */
const USED = [
  "emitDecoratorMetadata",
  "experimentalDecorators",
  "jsx",
  "jsxImportSource",
  "jsxFactory",
  "jsxFragmentFactory",
  "verbatimModuleSyntax",
];

/**
 * Returns the compiler options of a module that change its program.
 *
 * @param start the URL of the module, or of the working directory
 * @throws {UsageError} when a configuration file cannot be parsed.
 */
export async function compilerOptions(start: string): Promise<CompilerOptions> {
  const [own, ...above] = foldersAbove(start).filter((folder) => filesIn(folder).length > 0);
  if (!own) return {};
  const options = { ...await workspaceOptions(above), ...await folderOptions(own) };
  const used = USED.filter((key) => key in options).map((key) => [key, options[key]]);
  // Only Deno supports "precompile". The value "react-jsx" has the same result.
  return Object.fromEntries(
    used.map(([key, value]) => [key, value === "precompile" ? "react-jsx" : value]),
  );
}

/** Returns the compiler options of a module in a program. */
export type OptionsFinder = (url: string) => Promise<CompilerOptions>;

/**
 * Returns a function that finds the options of the modules of a program. Only the members of a
 * workspace have their own.
 *
 * @param module the URL of the program's own module
 * @param shared its options. Another module with equal options gets the same object.
 */
export async function optionsFinder(
  module: string | undefined,
  shared: CompilerOptions,
): Promise<OptionsFinder> {
  const hasMembers = module?.startsWith("file:") && await workspaceAbove(module) !== undefined;
  const found = new Map<string, Promise<CompilerOptions>>();
  const optionsIn = async (folder: string) => {
    const own = await compilerOptions(folder);
    return JSON.stringify(own) === JSON.stringify(shared) ? shared : own;
  };
  return async (url) => {
    if (!hasMembers || !url.startsWith("file:") || isInPackage(url)) return shared;
    const folder = new URL(".", url).href;
    if (!found.has(folder)) found.set(folder, optionsIn(folder));
    return await found.get(folder)!;
  };
}

/** Returns the options of the nearest root of a workspace. */
async function workspaceOptions(folders: readonly URL[]): Promise<CompilerOptions> {
  for (const folder of folders) {
    for (const url of filesIn(folder)) {
      const { workspace, workspaces } = await readConfig(url) ?? {};
      if (workspace ?? workspaces) return await folderOptions(folder);
    }
  }
  return {};
}

async function folderOptions(folder: URL): Promise<CompilerOptions> {
  for (const url of filesIn(folder)) {
    const values = url.pathname.endsWith("/package.json") ? undefined : await readConfig(url);
    if (values?.compilerOptions) return values.compilerOptions as CompilerOptions;
  }
  return await tsconfigOptions(new URL("tsconfig.json", folder));
}

/** An entry of the option `paths`, which only type checkers and other bundlers read. */
export interface PathsEntry {
  /** The name in `imports` that has the same meaning, such as `@lib/`. */
  readonly name: string;
  /** The configuration file. */
  readonly file: URL;
}

/**
 * Finds the entry of `paths` in a tsconfig.json or deno.json that fits the name of an import.
 *
 * @param start the URL of a module in the same folder or below
 * @throws {UsageError} when a configuration file cannot be parsed.
 */
export async function pathsEntryOf(name: string, start: string): Promise<PathsEntry | undefined> {
  for (const file of filesAbove(start, ["tsconfig.json", ...DENO_CONFIGS])) {
    const { paths = {} } = await tsconfigOptions(file);
    const found = Object.keys(paths as CompilerOptions).find((key) =>
      key.endsWith("*") ? key !== "*" && name.startsWith(key.slice(0, -1)) : key === name
    );
    if (found) return { name: found.replace(/\*$/, ""), file };
  }
  return undefined;
}

/** Returns the options of a tsconfig.json and of the files that it extends. */
async function tsconfigOptions(url: URL): Promise<CompilerOptions> {
  if (!isFile(url)) return {};
  const { extends: bases = [], compilerOptions = {} } = await readConfig(url) ?? {};
  let found = {};
  for (const base of [bases].flat()) {
    const isLocal = typeof base === "string" && base.startsWith(".");
    if (isLocal) found = { ...found, ...await tsconfigOptions(new URL(base, url)) };
  }
  return { ...found, ...compilerOptions as CompilerOptions };
}

/** Returns the URLs of the files that make a folder a project. */
function filesIn(folder: URL): URL[] {
  return PROJECT.map((name) => new URL(name, folder)).filter(isFile);
}

const PROJECT = [...DENO_CONFIGS, "package.json"];
