/**
 * Resolves and loads what user code imports, as Deno would.
 *
 * @module
 */

import type { Plugin, PluginBuild } from "../deps.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";
import { isRemote, readModule, shortenMissing } from "../util/remote.ts";
import { importMap, type UserConfig } from "./import_map.ts";
import { CODE, type Program, REMOTE, toUrl } from "./program.ts";

export const LIB = new URL("../", import.meta.url).href;
const MOD = new URL("../../mod.ts", import.meta.url).href;

/** Resolves and loads what user code imports, as Deno would. */
export async function userCode(program: Program, config: UserConfig): Promise<Plugin> {
  const mapped = await importMap(config);
  return {
    name: "dl_jobs",
    setup(build) {
      resolveOwnParts(build, program);
      resolveLibrary(build, program.isWorker);
      resolveRemote(build);
      build.onResolve({ filter: /^node:/ }, ({ path, kind }) => builtin(path, kind));
      build.onResolve(
        { filter: /^(npm|jsr|https?|data|blob):/ },
        ({ path, importer }) => external(path, path, importer),
      );
      build.onResolve({ filter: /^file:/ }, ({ path, importer }) => localFile(path, importer));
      build.onResolve({ filter: /^[^.]/ }, ({ path, importer, kind }) => {
        const href = mapped(path, importer);
        if (href?.startsWith("file:")) return localFile(href, importer);
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

/** The parts of the program that are no files. */
function resolveOwnParts(build: PluginBuild, { entry, user }: Program): void {
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

/** `dl_jobs` is always the library that is running: part of a worker, but shared by the controller. */
function resolveLibrary(build: PluginBuild, isWorker: boolean): void {
  // Loading a part of it changes nothing, so what is not used of it is left out.
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
    // Only an address has blanks written so.
    return path.includes("%20") ? { path: fromFileUrl(href) } : undefined;
  });
}

/**
 * A module that the user names by its URL is made a part of the program like a file, with what it
 * imports by relative paths; anything else from the network stays outside.
 */
function resolveRemote(build: PluginBuild): void {
  build.onResolve({ filter: /^(\.|\/|https?:)/ }, ({ path, importer, namespace }) => {
    // Nobody imports the module whose exports are looked up.
    const isOwn = namespace === REMOTE ? !isRemote(path) : ["user", ""].includes(importer);
    if (!isOwn) return undefined;
    const { href } = new URL(path, toUrl(importer));
    if (isRemote(href) && CODE.test(new URL(href).pathname)) {
      return { path: href, namespace: REMOTE };
    }
    return isRemote(href) ? external(href, path, importer) : undefined;
  });
  build.onLoad({ filter: /.*/, namespace: REMOTE }, async ({ path }) => {
    try {
      const text = await readModule(path);
      return { contents: withMeta(text, path), loader: loaderOf(new URL(path).pathname) };
    } catch (error) {
      return { errors: [{ text: shortenMissing((error as Error).message) }] };
    }
  });
}

/** A file of this machine, which only what lies here may take into the program. */
function localFile(href: string, importer: string) {
  if (!isRemote(importer) || isLibrary(importer)) return { path: fromFileUrl(href) };
  return { errors: [{ text: `Could not import "${href}" into what comes from the network` }] };
}

function isLibrary(importer: string): boolean {
  const url = toUrl(importer);
  return url === MOD || url.startsWith(LIB);
}

export function external(path: string, name: string, importer: string) {
  return { path, external: true, sideEffects: !isLibrary(importer) && isForEffect(name, importer) };
}

/**
 * Whether a module is imported for what it does and not for a name in it: `import "npm:..."`. Any
 * other import is left out where its names are not used, as a task has no use for what a run method
 * of the same module needs.
 */
function isForEffect(name: string, importer: string): boolean {
  if (!importer.startsWith("/")) return true;
  const bare = new RegExp(`import\\s*["']${RegExp.escape(name)}["']`);
  return bare.test(Deno.readTextFileSync(importer));
}

/**
 * A module of Node, left out where nothing of it is used: loading one takes its time.
 *
 * `require` is nothing that a module of JavaScript can call by itself.
 */
function builtin(name: string, kind: string) {
  if (!isBuiltin(name)) return undefined;
  if (kind === "require-call") return { path: name, namespace: "dl-jobs-builtin" };
  return { path: name.replace(/^(?!node:)/, "node:"), external: true, sideEffects: false };
}

/**
 * Gives a module its own `import.meta`: it must not become that of the program. It stands on the
 * first line, so that every other line keeps its number.
 */
function withMeta(text: string, url: string): string {
  if (!/import\.meta|__dirname|__filename/.test(text)) return text;
  const filename = url.startsWith("file:") ? fromFileUrl(url) : undefined;
  const dirname = filename && (filename.slice(0, filename.lastIndexOf("/")) || "/");
  const values = JSON.stringify({ url, filename, dirname, main: false }).slice(0, -1);
  const resolve = `resolve:(name)=>new URL(name,${JSON.stringify(url)}).href`;
  return `const __dl_jobs_meta = ${values},${resolve}};` + text.replace(/^#!/, "//");
}

function loaderOf(path: string): "ts" | "tsx" | "js" | "jsx" {
  return CODE.exec(path)![1] as "ts" | "tsx" | "js" | "jsx";
}

function isBuiltin(name: string): boolean {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return process.getBuiltinModule(name) !== undefined;
}
