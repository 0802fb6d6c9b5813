/**
 * The plugin for the bundler that resolves and loads the imports of user code as Deno does.
 *
 * @see {@link https://esbuild.github.io/plugins/}
 *
 * @module
 */

import type { EsbuildHooks, EsbuildPlugin } from "../deps.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";
import { readModule, shortenMissing } from "../util/remote.ts";
import { CODE, REMOTE, toUrl } from "./addresses.ts";
import { importMap, type NameResolver, type UserConfig } from "./import_map.ts";
import type { ProgramParts } from "./program.ts";
import { loadGraph, type RemoteGraph } from "./remote_graph.ts";
import { judge, judgeRedirect } from "./remote_rules.ts";

/** The URL of the library's folder `lib/`. */
export const LIB: string = new URL("../", import.meta.url).href;
const MOD = new URL("../../mod.ts", import.meta.url).href;
// The library reads its version from this file.
const CONFIG = new URL("../../deno.json", import.meta.url).href;

/**
 * Returns the plugin for a program.
 *
 * @throws {UsageError} when the import map of the configuration cannot be read.
 */
export async function userCode(program: ProgramParts, config: UserConfig): Promise<EsbuildPlugin> {
  const mapped = await importMap(config);
  return {
    name: "dl_jobs",
    setup(build) {
      // The rules for modules from the network come before all others.
      resolveRemote(build, program, mapped);
      resolveOwnParts(build, program);
      resolveLibrary(build, program.isWorker);
      build.onResolve({ filter: /^node:/ }, ({ path, kind }) => builtin(path, kind));
      build.onResolve(
        { filter: /^(npm|jsr|https?|data|blob):/ },
        ({ path, importer }) => external(path, path, importer),
      );
      build.onResolve({ filter: /^file:/ }, ({ path }) => ({ path: fromFileUrl(path) }));
      build.onResolve({ filter: /^[^.]/ }, ({ path, importer, kind }) => {
        const href = mapped(path, importer);
        if (href?.startsWith("file:")) return { path: fromFileUrl(href) };
        return href ? external(href, path, importer) : builtin(path, kind);
      });
      build.onLoad({ filter: /.*/, namespace: "dl-jobs-builtin" }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: "js",
      }));
      build.onLoad({ filter: /\.[mc]?[jt]sx?$/, namespace: "file" }, async ({ path }) => ({
        contents: withMeta(await Deno.readTextFile(path), toFileUrl(path)),
        loader: loaderOf(path),
      }));
    },
  };
}

/** Resolves the parts of the program that exist only as text. */
function resolveOwnParts(build: EsbuildHooks, { entry, user }: ProgramParts): void {
  build.onResolve({ filter: /^dl-jobs:(entry|user)$/ }, ({ path }) => ({
    path: path.slice("dl-jobs:".length),
    namespace: "dl-jobs",
  }));
  build.onLoad({ filter: /.*/, namespace: "dl-jobs" }, ({ path }) => ({
    contents: path === "entry" ? entry : user,
    loader: "js",
    resolveDir: Deno.cwd(),
  }));
}

/**
 * Resolves `dl_jobs` to the running library. A worker program includes the library; other
 * programs import it.
 */
function resolveLibrary(build: EsbuildHooks, isWorker: boolean): void {
  // The library's modules have no side effects, so the bundler omits unused modules.
  const part = (href: string) =>
    href.startsWith("file:")
      ? { path: fromFileUrl(href), sideEffects: false }
      : { path: href, namespace: REMOTE, sideEffects: false };
  const door = isWorker ? part(MOD) : { path: MOD, external: true };
  build.onResolve(
    { filter: /^dl-jobs:(worker\/main|engines\/[\w/]+)$/ },
    ({ path }) => part(`${LIB}${path.slice("dl-jobs:".length)}.ts`),
  );
  build.onResolve({ filter: /^dl_jobs$/ }, () => door);
  build.onResolve({ filter: /^(\.|\/|file:|https?:)/ }, ({ path, importer }) => {
    const { href } = new URL(path, toUrl(importer));
    if (href === MOD) return door;
    if (isLibrary(importer)) return part(href);
    // The bundler opens paths literally, so %20 must become a space.
    return path.includes("%20") ? { path: fromFileUrl(href) } : undefined;
  });
}

/**
 * Resolves modules from the network. The program includes the module that the user named by its
 * URL, and the relative imports of that module. Other remote modules stay external.
 */
function resolveRemote(
  build: EsbuildHooks,
  { from, permissions }: ProgramParts,
  mapped: NameResolver,
): void {
  let graph: Promise<RemoteGraph> | undefined;
  const loaded = () => graph ??= loadGraph(from!.module, permissions);
  const include = async (url: string) => {
    const path = (await loaded()).addressOf(url), refused = judgeRedirect(url, path);
    return refused ? { errors: [{ text: refused }] } : { path, namespace: REMOTE };
  };
  build.onResolve(
    { filter: /.*/, namespace: REMOTE },
    async ({ path, importer, kind, ...rest }) => {
      if (isLibrary(importer) || path === "dl_jobs") return undefined;
      const { included, external: href, refused } = judge({ path, importer, ...rest }, mapped);
      if ((included ?? href) === MOD) return undefined;
      if (included) return await include(included);
      if (href) return builtin(href, kind) ?? external(href, path, importer);
      return builtin(path, kind) ?? { errors: [{ text: refused! }] };
    },
  );
  build.onResolve({ filter: /^https?:/ }, async ({ path, importer }) => {
    // The importer is empty when the module is the entry point, to list its exports.
    const isEntry = ["user", ""].includes(importer) && CODE.test(new URL(path).pathname);
    return isEntry ? await include(new URL(path).href) : undefined;
  });
  // The bundler itself looks for the files of an import such as import(`./${name}.js`), relative to
  // the working directory when the module has no folder. Paths of other files are absolute.
  build.onLoad({ filter: /^[^/]/, namespace: "file" }, () => ({
    errors: [{
      text: "A module from the network cannot import a computed relative path, " +
        "import new URL(path, import.meta.url).href instead",
    }],
  }));
  build.onLoad({ filter: /.*/, namespace: REMOTE }, async ({ path }) => {
    try {
      const text = isLibrary(path) ? await readModule(path) : await (await loaded()).read(path);
      return { contents: withMeta(text, path), loader: loaderOf(new URL(path).pathname) };
    } catch (error) {
      return { errors: [{ text: shortenMissing((error as Error).message) }] };
    }
  });
}

function isLibrary(importer: string): boolean {
  const url = toUrl(importer);
  return url === MOD || url === CONFIG || url.startsWith(LIB);
}

/** Marks a module as external. The program imports it at run time. */
function external(path: string, name: string, importer: string) {
  return { path, external: true, sideEffects: !isLibrary(importer) && isForEffect(name, importer) };
}

/**
 * Returns true for an import without names, such as `import "npm:..."`. Any other import is removed
 * when its names are unused. A task then does not load modules that only a run method in the same
 * file needs.
 */
function isForEffect(name: string, importer: string): boolean {
  if (!importer.startsWith("/")) return true;
  const bare = new RegExp(`import\\s*["']${RegExp.escape(name)}["']`);
  return bare.test(Deno.readTextFileSync(importer));
}

/**
 * Resolves a built-in module of Node. An unused import is removed, because loading the module is
 * slow.
 *
 * The program is an ES module, which has no `require`. A `require` of a built-in module therefore
 * becomes a call of `process.getBuiltinModule`.
 */
function builtin(name: string, kind: string) {
  if (!isBuiltin(name)) return undefined;
  if (kind === "require-call") return { path: name, namespace: "dl-jobs-builtin" };
  return { path: name.replace(/^(?!node:)/, "node:"), external: true, sideEffects: false };
}

/**
 * Defines `import.meta` for one module. Without the definition, the module would see the
 * `import.meta` of the program. The definition is added to the first line, so line numbers do not
 * change.
 */
function withMeta(text: string, url: string): string {
  if (!/import\.meta|__dirname|__filename/.test(text)) return text;
  const filename = url.startsWith("file:") ? fromFileUrl(url) : undefined;
  const dirname = filename && (filename.slice(0, filename.lastIndexOf("/")) || "/");
  const values = JSON.stringify({ url, filename, dirname, main: false }).slice(0, -1);
  const resolve = `resolve:(name)=>new URL(name,${JSON.stringify(url)}).href`;
  return `const __dl_jobs_meta = ${values},${resolve}};` + text.replace(/^#!/, "//");
}

function loaderOf(path: string): "ts" | "tsx" | "js" | "jsx" | "json" {
  if (path.endsWith(".json")) return "json";
  return (CODE.exec(path)?.[1] ?? "ts") as "ts" | "tsx" | "js" | "jsx";
}

function isBuiltin(name: string): boolean {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return process.getBuiltinModule(name) !== undefined;
}
