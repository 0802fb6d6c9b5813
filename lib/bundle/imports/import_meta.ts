/**
 * `import.meta` and computed imports of each module in a program.
 *
 * Without the changes of this module, all modules would see the `import.meta` of the program, and
 * would import relative to it. The changes keep every line and column of the user's code.
 *
 * @module
 */

import type { EsbuildHooks } from "../../deps.ts";
import { dirname, fromFileUrl } from "../../util/paths.ts";
import { isLibrary } from "../modules/addresses.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { LoadedModule, ModuleTools } from "./compile_early.ts";
import { GLOB } from "./globs.ts";
import { moduleParser } from "./module_parser.ts";

/** The namespace of the modules that contain the `import.meta` of other modules. */
export const META = "dl-jobs-meta";

/**
 * Loads the modules with the `import.meta` of other modules.
 *
 * @param names returns the names that the user's modules can import, with their addresses
 * @param graph the modules in the program
 */
export function loadMeta(
  build: EsbuildHooks,
  names: () => Promise<Readonly<Record<string, string>>>,
  { local, json }: Pick<ModuleGraph, "local" | "json">,
): void {
  const known = importsOf(local), knownJson = importsOf(json, ', { with: { type: "json" } }');
  build.onResolve({ filter: /^dl-jobs-meta:/ }, ({ path }) => ({
    path: path.slice(META.length + 1),
    namespace: META,
    sideEffects: false,
  }));
  build.onLoad({ filter: /.*/, namespace: META }, async ({ path }) => {
    const url = path.replace(NEEDS_RESOLVE, "");
    if (url === path) return { contents: `export default ${valuesOf(url)};` };
    const resolver = `nameResolver(${JSON.stringify(await names())}, ${JSON.stringify(url)})`;
    return {
      contents:
        `import { matchLoader, moduleLoader, nameResolver } from "dl-jobs:bundle/imports/name_resolver";
        const resolve = ${resolver};
        export const load = moduleLoader(resolve, ${known}, ${knownJson});
        export const loadMatch = matchLoader(load);
        export default { ${valuesOf(url).slice(1, -1)}, resolve };`,
    };
  });
}

/** Returns an object that imports modules by their addresses. */
function importsOf(urls: readonly string[], options = ""): string {
  const names = urls.map((url) => JSON.stringify(url));
  return `{ ${names.map((url) => `${url}: () => import(${url}${options})`).join(", ")} }`;
}

/** Returns true for the name under which a module imports its own `import.meta`. */
export function isMetaOf(url: string, name: string): boolean {
  return name.startsWith(`${META}:`) &&
    name.slice(META.length + 1).replace(NEEDS_RESOLVE, "") === url;
}

// The function that a module with computed imports calls for each.
const LOAD = "__dl_jobs_import";
// The function that it calls for each import whose files are in the program.
const LOAD_MATCH = "__dl_jobs_import_match";
// The mark in an address of a module that uses more than the values of `import.meta`.
const NEEDS_RESOLVE = /^resolve /;
const PLAIN = /import\.meta\.(url|filename|dirname|main)\b/g;

/** Returns the values of `import.meta` as JSON. */
function valuesOf(url: string): string {
  const filename = url.startsWith("file:") ? fromFileUrl(url) : undefined;
  const folder = filename && dirname(filename);
  return JSON.stringify({ url, filename, dirname: folder, main: false });
}

// To the bundler, a file without imports and exports is a CommonJS module if it asks for `module`,
// `exports` or `this`. A library that also runs in browsers would then not set its global variable.
const IS_MODULE = "\nexport {};";

/** Gives a module its own `import.meta`, and resolves its computed imports relative to it. */
export async function withMeta(
  { contents, loader }: LoadedModule,
  url: string,
  tools: ModuleTools,
): Promise<LoadedModule> {
  const isOwn = isLibrary(url);
  const given = { contents: contents.replace(/^\uFEFF/, "") + (isOwn ? "" : IS_MODULE), loader };
  const module = /\bimport\s*\(/.test(given.contents) && !isOwn
    ? await withComputedImports(given, url, tools)
    : given;
  const loaders = [["load", LOAD], ["loadMatch", LOAD_MATCH]]
    .filter(([, name]) => module.contents.includes(`${name}(`));
  const isComputed = loaders.length > 0;
  if (!isComputed && !/import\.meta/.test(module.contents)) return module;
  const needsMore = isComputed || /import\.meta/.test(module.contents.replaceAll(PLAIN, ""));
  const from = JSON.stringify(`${META}:${needsMore ? "resolve " : ""}${url}`);
  const others = loaders.map(([exported, name]) => `${exported} as ${name}`).join(", ");
  const names = `__dl_jobs_meta${isComputed ? `, { ${others} }` : ""}`;
  // Imports are evaluated first, wherever they are. At the end, they move no other code.
  return { ...module, contents: `${module.contents}\nimport ${names} from ${from};` };
}

/** Resolves imports such as `import(name)`, whose names are known only at run time. */
async function withComputedImports(
  module: LoadedModule,
  url: string,
  { compile, isWhole }: ModuleTools,
): Promise<LoadedModule> {
  const { contents: code } = module.loader === "js" ? module : await compile(module, url);
  const [imports] = (await moduleParser())(code);
  let contents = code;
  for (const one of imports.filter(({ d, n }) => d >= 0 && n === undefined).toReversed()) {
    const expression = code.slice(one.s, one.se).replace(/\)\s*$/, "");
    const hasFiles = GLOB.test(expression) && await isWhole(expression, url);
    // A function of its own cannot contain the first two.
    if (hasFiles && /\b(?:await|yield|import)\b/.test(expression)) continue;
    const start = contents.indexOf("(", one.ss) + 1;
    const options = one.a < 0 ? "" : `, ${expression.slice(one.a - one.s)}`;
    const [call, end] = hasFiles
      ? [`${LOAD_MATCH}((a) => import(a${options}), () => import(`, ")"]
      : [`${LOAD}((a, b) => import(a, b), `, ""];
    contents = `${contents.slice(0, one.ss)}${call}${contents.slice(start, one.se)}${end}${
      contents.slice(one.se)
    }`;
  }
  return contents === code ? module : { contents, loader: "js" };
}
