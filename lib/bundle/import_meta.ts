/**
 * `import.meta` and computed imports of each module in a program.
 *
 * Without the changes of this module, all modules would see the `import.meta` of the program, and
 * would import relative to it. The changes keep every line and column of the user's code.
 *
 * @module
 */

import { type Esbuild, type EsbuildHooks, loadModuleLexer } from "../deps.ts";
import { dirname, fromFileUrl } from "../util/paths.ts";
import { isLibrary } from "./addresses.ts";

/** The namespace of the modules that contain the `import.meta` of other modules. */
const META = "dl-jobs-meta";

/** The loaders of the bundler for code. */
export type CodeLoader = "ts" | "tsx" | "js" | "jsx";

/** A module to load, in the form of the bundler. */
export interface LoadedModule {
  readonly contents: string;
  readonly loader: CodeLoader;
}

/**
 * Loads the modules with the `import.meta` of other modules.
 *
 * @param names the names in the user's import map, with their addresses
 */
export function loadMeta(build: EsbuildHooks, names: Readonly<Record<string, string>>): void {
  build.onResolve({ filter: /^dl-jobs-meta:/ }, ({ path }) => ({
    path: path.slice(META.length + 1),
    namespace: META,
    sideEffects: false,
  }));
  build.onLoad({ filter: /.*/, namespace: META }, ({ path }) => {
    const url = path.replace(NEEDS_RESOLVE, "");
    if (url === path) return { contents: `export default ${valuesOf(url)};` };
    const resolve = `nameResolver(${JSON.stringify(names)}, ${JSON.stringify(url)})`;
    return {
      contents: `import { nameResolver } from "dl-jobs:bundle/name_resolver";
        export default { ${valuesOf(url).slice(1, -1)}, resolve: ${resolve} };`,
    };
  });
}

/** Returns true for the name under which a module imports its own `import.meta`. */
export function isMetaOf(url: string, name: string): boolean {
  return name.startsWith(`${META}:`) &&
    name.slice(META.length + 1).replace(NEEDS_RESOLVE, "") === url;
}

// The mark in an address of a module that uses more than the values of `import.meta`.
const NEEDS_RESOLVE = /^resolve /;
const PLAIN = /import\.meta\.(url|filename|dirname|main)\b/g;

/** Returns the values of `import.meta` as JSON. */
function valuesOf(url: string): string {
  const filename = url.startsWith("file:") ? fromFileUrl(url) : undefined;
  const folder = filename && dirname(filename);
  return JSON.stringify({ url, filename, dirname: folder, main: false });
}

/** Gives a module its own `import.meta`, and resolves its computed imports relative to it. */
export async function withMeta(
  source: string,
  url: string,
  loader: CodeLoader,
  esbuild: Pick<Esbuild, "transform">,
): Promise<LoadedModule> {
  const text = source.replace(/^\uFEFF/, "");
  const module = /\bimport\s*\(/.test(text) && !isLibrary(url)
    ? await withComputedImports({ contents: text, loader }, url, esbuild)
    : { contents: text, loader };
  if (!/import\.meta/.test(module.contents)) return module;
  const mark = /import\.meta/.test(module.contents.replaceAll(PLAIN, "")) ? "resolve " : "";
  // Imports are evaluated first, wherever they are. At the end, they move no other code.
  const add = `\nimport __dl_jobs_meta from ${JSON.stringify(`${META}:${mark}${url}`)};`;
  return { ...module, contents: module.contents + add };
}

/** Resolves imports such as `import(name)`, whose names are known only at run time. */
async function withComputedImports(
  module: LoadedModule,
  url: string,
  esbuild: Pick<Esbuild, "transform">,
): Promise<LoadedModule> {
  const { contents: text, loader } = module;
  const code = loader === "js" ? text : (await esbuild.transform(text, {
    loader,
    sourcemap: "inline",
    sourcesContent: false,
    sourcefile: url,
    tsconfigRaw: { compilerOptions: { jsx: "preserve", verbatimModuleSyntax: false } },
  })).code;
  const { init, parse } = await loadModuleLexer();
  await init;
  const [imports] = parse(code.replace(/^#!/, "//"));
  const computed = imports.filter(({ d, n, s, e }) =>
    // The bundler includes the files that match a relative path with variable parts.
    d >= 0 && n === undefined && !GLOB.test(code.slice(s, e))
  );
  if (computed.length === 0) return module;
  let contents = code;
  for (const { s, e } of computed.toReversed()) {
    contents = `${contents.slice(0, s)}import.meta.resolve(${contents.slice(s, e)})${
      contents.slice(e)
    }`;
  }
  return { contents, loader: loader === "tsx" || loader === "jsx" ? "jsx" : "js" };
}

const GLOB = /^\s*(?:`\.{1,2}\/[^`$]*\$\{\s*[\w$]|["']\.{1,2}\/[^"']*["']\s*\+\s*[\w$])/;
