/**
 * The user's deno.json: its import map, and the compiler options of a module.
 *
 * @see {@link https://docs.deno.com/runtime/fundamentals/configuration/}
 *
 * @module
 */

import { loadImportMaps } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { isFile } from "../../util/files/fs.ts";
import { dirname, fromFileUrl, shortPath, toFileUrl } from "../../util/paths.ts";
import { isInPackage, toUrl } from "./addresses.ts";
import { type CompilerOptions, compilerOptions } from "./compiler_options.ts";
import { DENO_CONFIGS, type DenoConfig, filesAbove, readConfig } from "./config_files.ts";

/** The user's configuration file: without a file, the URL of the root folder and no values. */
export interface UserConfig extends DenoConfig {
  /** The compiler options of the module that change its program. */
  readonly compiler: CompilerOptions;
}

/** The configuration of a program without code of the user. */
export const NO_CONFIG: UserConfig = { values: {}, url: new URL("file:///"), compiler: {} };

/** Resolves a bare name in a module to a URL; `undefined` when the import map does not have it. */
export type NameResolver = (name: string, importer: string) => string | undefined;

/**
 * Reads the configuration file nearest to a local module, or else nearest to the working directory.
 * The search continues in the parent folders.
 *
 * @throws {UsageError} when the file cannot be parsed, or when another user could have written it.
 */
export async function nearestConfig(module: string | undefined): Promise<UserConfig> {
  const url = configUrl(module);
  const values = url.pathname.endsWith("/") ? {} : await readConfig(url) ?? {};
  return { values, url, compiler: await compilerOptions(startOf(module)) };
}

/** Returns the URL of the nearest configuration file, or of the root folder if no file is found. */
export function configUrl(module: string | undefined): URL {
  const start = startOf(module);
  return filesAbove(start, CONFIGS).find(isFile) ?? new URL("/", start);
}

/** Returns the URL where the search for the configuration of a module starts. */
function startOf(module: string | undefined): string {
  return module?.startsWith("file:") ? module : toFileUrl(`${Deno.cwd()}/`);
}

const CONFIGS = [...DENO_CONFIGS, "import_map.json"];
// The files from which Deno takes the meaning of imports and the versions of packages.
const DECIDING = [...CONFIGS, "deno.lock", "package.json", "tsconfig.json"];
const PACKAGE = ["package.json"];

/**
 * Returns the paths of all files that decide how Deno loads a module and resolves its imports, also
 * of files that do not exist.
 *
 * @param module the URL of the module
 * @param parts the paths of the local modules that it loads
 */
export function decidingFiles(
  module: string | undefined,
  { values, url }: UserConfig,
  parts: readonly string[],
): string[] {
  if (!module?.startsWith("file:")) return [];
  const own = filesAbove(module, DECIDING);
  // A folder below may be a package, or a member of a workspace, with imports and a type of its own.
  const folders = new Map(parts.map((path) => [dirname(path), path]));
  const below = [...folders.values()].flatMap((path) =>
    filesAbove(toFileUrl(path), isInPackage(path) ? PACKAGE : DECIDING)
  );
  const paths = [...new Set([...own, ...below].map(({ href }) => href))].map(fromFileUrl);
  const { path = values.lock } = (values.lock ?? {}) as { path?: unknown };
  return typeof path === "string" ? [...paths, fromFileUrl(new URL(path, url).href)] : paths;
}

/**
 * Reads the import map of a configuration.
 *
 * @returns a function that resolves a bare name to a URL
 * @throws {UsageError} when the import map does not exist or cannot be parsed.
 */
export async function importMap(config: DenoConfig): Promise<NameResolver> {
  const { parse, resolve } = await loadImportMaps();
  const { imports = {}, scopes = {} } = await readMap(config);
  const map = parse({ imports, scopes } as never, mapUrl(config));
  return (name, importer) => resolve(name, map, new URL(toUrl(importer))).resolvedImport?.href;
}

/** Returns the values in the import map of a configuration. */
async function readMap(config: DenoConfig): Promise<Readonly<Record<string, unknown>>> {
  const { values, url } = config, base = mapUrl(config);
  if (base === url) return { ...values, imports: withSubpaths(values.imports) };
  const found = await readConfig(base);
  if (found) return found;
  throw new UsageError(
    `Cannot read ${shortPath(base.href)}: no such file; ${shortPath(url.href)} names it as its ` +
      "import map",
  );
}

/** Returns the names and prefixes of a configuration's import map, with their addresses. */
export async function mappedNames(
  config: DenoConfig,
  mapped: NameResolver,
): Promise<Record<string, string>> {
  const { imports = {} } = await readMap(config);
  const found = Object.keys(imports as Record<string, unknown>)
    .map((name) => [name, mapped(name, config.url.href)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * Returns the URL of the import map. Imports in the configuration override its `importMap` file.
 */
export function mapUrl({ values, url }: DenoConfig): URL {
  const isOwn = values.imports !== undefined || values.scopes !== undefined;
  return isOwn || !values.importMap ? url : new URL(String(values.importMap), url);
}

/** Adds an entry for subpaths of each package, because Deno also resolves `name/subpath`. */
function withSubpaths(imports: unknown): Record<string, unknown> {
  const all = { ...imports as Record<string, unknown> };
  for (const [name, value] of Object.entries(all)) {
    const [, registry, rest] = /^(npm|jsr):\/?(.*[^/])$/.exec(String(value)) ?? [];
    if (registry && !name.endsWith("/")) all[`${name}/`] ??= `${registry}:/${rest}/`;
  }
  return all;
}
