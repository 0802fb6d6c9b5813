/**
 * The user's deno.json: its import map and compiler options.
 *
 * @see {@link https://docs.deno.com/runtime/fundamentals/configuration/}
 *
 * @module
 */

import { loadImportMaps, loadJsonc } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { isFile } from "../util/fs.ts";
import { toFileUrl } from "../util/paths.ts";
import { shortPath, toUrl } from "./addresses.ts";

/** A user's configuration file. */
export interface UserConfig {
  /** Its values; empty when there is no such file. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its address; the root folder when there is no such file. */
  readonly url: URL;
}

/**
 * Reads the nearest configuration file above a module, or above the working directory.
 *
 * @throws {UsageError} when the file does not parse.
 */
export async function nearestConfig(module: string | undefined): Promise<UserConfig> {
  const url = configUrl(module);
  return { values: url.pathname.endsWith("/") ? {} : await readConfig(url) ?? {}, url };
}

/** Returns the address of the nearest configuration file, or the root folder when there is none. */
export function configUrl(module: string | undefined): URL {
  const start = module?.startsWith("file:") ? module : toFileUrl(`${Deno.cwd()}/`);
  for (let folder = new URL(".", start);; folder = new URL("..", folder)) {
    for (const name of ["deno.json", "deno.jsonc", "import_map.json"]) {
      const url = new URL(name, folder);
      if (isFile(url)) return url;
    }
    if (folder.pathname === "/") return folder;
  }
}

async function readConfig(url: URL): Promise<Record<string, unknown> | undefined> {
  const { parse } = await loadJsonc();
  try {
    const text = url.protocol === "file:"
      ? await Deno.readTextFile(url)
      : await (await fetch(url)).text();
    return parse(text) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${shortPath(url.href)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Reads the import map of a configuration.
 *
 * @returns a function that resolves a bare name to a URL
 * @throws {UsageError} when the import map cannot be read.
 */
export async function importMap(
  config: UserConfig,
): Promise<(name: string, importer: string) => string | undefined> {
  const { values, url } = config, base = mapUrl(config);
  const found = base === url
    ? { ...values, imports: withSubpaths(values.imports) }
    : await readConfig(base);
  if (!found) {
    throw new UsageError(
      `Cannot read ${shortPath(base.href)}: no such file, ${
        shortPath(url.href)
      } names it as its import map`,
    );
  }
  const { parse, resolve } = await loadImportMaps();
  const { imports = {}, scopes = {} } = found;
  const map = parse({ imports, scopes } as never, base);
  return (name, importer) => resolve(name, map, new URL(toUrl(importer))).resolvedImport?.href;
}

/** Returns the address of the import map. Imports in the configuration itself win over a file. */
export function mapUrl({ values, url }: UserConfig): URL {
  const isOwn = values.imports !== undefined || values.scopes !== undefined;
  return isOwn || !values.importMap ? url : new URL(String(values.importMap), url);
}

/** Adds the subpaths of packages: in `deno.json` a package's name also resolves `name/subpath`. */
function withSubpaths(imports: unknown): Record<string, unknown> {
  const all = { ...imports as Record<string, unknown> };
  for (const [name, value] of Object.entries(all)) {
    const [, registry, rest] = /^(npm|jsr):\/?(.*[^/])$/.exec(String(value)) ?? [];
    if (registry && !name.endsWith("/")) all[`${name}/`] ??= `${registry}:/${rest}/`;
  }
  return all;
}

/** Returns the compiler options that the bundler understands. */
export function compilerOptions({ values }: UserConfig): Record<string, unknown> {
  const options = (values.compilerOptions ?? {}) as Record<string, unknown>;
  const used = [
    "experimentalDecorators",
    "jsx",
    "jsxImportSource",
    "jsxFactory",
    "jsxFragmentFactory",
  ];
  const known = used.filter((key) => key in options).map((key) => [key, options[key]]);
  // "precompile" is Deno's own, with the same result as "react-jsx".
  return Object.fromEntries(
    known.map(([key, value]) => [key, value === "precompile" ? "react-jsx" : value]),
  );
}
