/**
 * Imports of a relative path with variable parts, such as ``import(`./parts/${name}.ts`)``. The
 * bundler includes all files that match. Some of them may be of another kind, contain
 * errors, or need packages that the rest of the program does not need.
 *
 * @module
 */

import type { EsbuildHooks } from "../../deps.ts";
import { dirname, fromFileUrl } from "../../util/paths.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import { isBuiltin } from "./name_resolver.ts";

/** Returns true for an import whose files the program can include. */
export type GlobCheck = (expression: string, url: string) => Promise<boolean>;

/** Matches the argument of an import that is a relative path with variable parts. */
export const GLOB: RegExp =
  /^\s*(?:`\.{1,2}\/[^`$]*\$\{\s*[\w$]|["']\.{1,2}\/[^"']*["']\s*\+\s*[\w$])/;

/**
 * Returns a check that builds a program of one import.
 *
 * @param build the build of the whole program
 * @param checked the results by import, which nested builds share
 * @param folders receives the folders whose new files the import would match
 */
export function globCheck(
  build: EsbuildHooks,
  graph: ModuleGraph,
  checked: Map<string, boolean>,
  folders: Set<string>,
): GlobCheck {
  return async (expression, url) => {
    const key = `${url} ${expression}`, known = checked.get(key);
    if (known !== undefined || !url.startsWith("file:")) return known ?? true;
    // One of the files may be the module itself.
    checked.set(key, true);
    const found = await tryBuild(build, expression, url);
    const isFit = found?.packages.every((name) => graph.has(name)) ?? false;
    found?.folders.forEach((folder) => folders.add(folder));
    checked.set(key, isFit);
    return isFit;
  };
}

/** The packages that the files of an import need, and the folders with these files. */
interface Found {
  readonly packages: readonly string[];
  readonly folders: readonly string[];
}

/** Builds the files of an import. Returns undefined when they cannot be built. */
async function tryBuild(
  { esbuild, initialOptions }: EsbuildHooks,
  expression: string,
  url: string,
): Promise<Found | undefined> {
  const contents = `export const load = async () => import(${expression});`;
  const resolveDir = dirname(fromFileUrl(url));
  try {
    const { metafile } = await esbuild.build({
      ...initialOptions,
      entryPoints: [],
      stdin: { contents, resolveDir, loader: "js" },
      banner: {},
      metafile: true,
    });
    const { inputs, outputs } = metafile!;
    const packages = Object.values(outputs).flatMap(({ imports }) => imports)
      .filter(({ kind, path }) => kind === "import-statement" && !isBuiltin(path))
      .map(({ path }) => path);
    const files = Object.keys(inputs).filter((path) => !/^[\w-]+:|^<stdin>$/.test(path));
    return { packages, folders: files.map((path) => dirname(`/${path}`)) };
  } catch {
    return undefined;
  }
}
