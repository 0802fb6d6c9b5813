/**
 * The user's deno.json: its import map and compiler options.
 *
 * @module
 */

import { loadImportMaps, loadJsonc } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { toFileUrl } from "../util/paths.ts";
import { shortPath, toUrl } from "./program.ts";

/** A user's configuration file, and where it lies. */
export interface UserConfig {
  readonly values: Readonly<Record<string, unknown>>;
  readonly url: URL;
}

/** The nearest configuration above the user's module. */
export async function nearestConfig(module: string | undefined): Promise<UserConfig> {
  const url = configUrl(module);
  return { values: url.pathname.endsWith("/") ? {} : await readConfig(url) ?? {}, url };
}

/** Where the nearest configuration lies; the root's folder when there is none. */
export function configUrl(module: string | undefined): URL {
  const start = module?.startsWith("file:") ? module : toFileUrl(`${Deno.cwd()}/`);
  for (let folder = new URL(".", start);; folder = new URL("..", folder)) {
    for (const name of ["deno.json", "deno.jsonc", "import_map.json"]) {
      const url = new URL(name, folder);
      if (exists(url)) return url;
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

/** What a bare name stands for by the user's configuration. */
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

/** Where the import map lies; imports that stand in the configuration itself come first. */
export function mapUrl({ values, url }: UserConfig): URL {
  const isOwn = values.imports !== undefined || values.scopes !== undefined;
  return isOwn || !values.importMap ? url : new URL(String(values.importMap), url);
}

/** In `deno.json` the name of a package stands for what is inside it, too. */
function withSubpaths(imports: unknown): Record<string, unknown> {
  const all = { ...imports as Record<string, unknown> };
  for (const [name, value] of Object.entries(all)) {
    const [, registry, rest] = /^(npm|jsr):\/?(.*[^/])$/.exec(String(value)) ?? [];
    if (registry && !name.endsWith("/")) all[`${name}/`] ??= `${registry}:/${rest}/`;
  }
  return all;
}

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
  // Deno's own kind of JSX is the same with less to do when it runs.
  return Object.fromEntries(
    known.map(([key, value]) => [key, value === "precompile" ? "react-jsx" : value]),
  );
}

export function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
