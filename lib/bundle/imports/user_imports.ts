/**
 * The imports of the user's local modules, resolved and loaded as Deno does.
 *
 * @module
 */

import type { EsbuildHooks } from "../../deps.ts";
import { isFile } from "../../util/files/fs.ts";
import { fromFileUrl, toFileUrl } from "../../util/paths.ts";
import { isRemote } from "../../util/remote.ts";
import {
  CODE,
  type CodeLoader,
  isInPackage,
  isLibrary,
  loaderOf,
  toUrl,
} from "../modules/addresses.ts";
import { commonModule } from "./commonjs.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { NameResolver } from "../modules/import_map.ts";
import { forBundler, type ModuleTools, WASM_SOURCE } from "./compile_early.ts";
import { META, withMeta } from "./import_meta.ts";
import { withoutMark } from "./letter_case.ts";
import type { ModuleReader } from "./module_texts.ts";
import { BY_NODE, type PackageImport, type PackageImports } from "./package_imports.ts";
import type { ProgramParts } from "../program/program.ts";
import { transpile } from "./transpile.ts";
import { isBuiltin } from "./name_resolver.ts";
import { ownName } from "./package_files.ts";
import { wasmModule, wasmSource } from "./wasm.ts";

/** Resolves the imports of local modules. Deno's graph knows most; the import map is the rest. */
export function resolveUserImports(
  build: EsbuildHooks,
  graph: ModuleGraph,
  mapped: NameResolver,
  packages: PackageImports,
  read: ModuleReader,
): void {
  // The user named this module, so no import map applies.
  build.onResolve({ filter: /^file:/, namespace: "dl-jobs" }, ({ path }) => ({
    path: fromFileUrl(path),
  }));
  // The addresses of modules in the program. Those of packages are not names for Node.
  build.onResolve(
    { filter: /^file:/, namespace: META },
    ({ path, importer }) => localFile(path, path, importer),
  );
  build.onResolve({ filter: /.*/ }, async ({ path, importer, ...how }) => {
    const { kind } = how;
    if (how.pluginData === BY_NODE) return undefined;
    if (isInPackage(importer) || kind.startsWith("require")) {
      const known = inPackage(path, kind);
      if (known) return known;
      const found = await packages.resolve(build, { ...how, path, importer });
      if (found) return await asRequired(found, kind, read);
      // The bundler does not know that the `imports` of a package may name modules of Node.
      return builtin(ownName(path, toUrl(importer)) ?? "", kind) ?? atRunTime(path, importer, kind);
    }
    const href = graph.target(toUrl(importer), path) ?? mapped(path, importer) ?? path;
    if (href.endsWith(".node")) return { errors: [{ text: ADDON }] };
    if (AT_RUN_TIME.test(href)) {
      const { name, folder } = graph.installed(href) ?? {};
      const asked = { ...how, path: name!, importer, namespace: "file", resolveDir: folder! };
      return name && await packages.resolve(build, asked) || external(href, path, importer);
    }
    const found = /^(file:|\.{0,2}\/)/.test(href)
      ? localFile(href, path, importer)
      : builtin(href, kind);
    if (found?.path || kind !== "dynamic-import" || isRemote(importer)) return found;
    // Deno did not see a name that the compiler has put together, such as import("p/" + "y").
    const late = BARE.test(path)
      ? await packages.resolve(build, { ...how, path, importer })
      : undefined;
    // An import that cannot be resolved fails only when it runs.
    return late ?? { path: href, external: true };
  });
}

// The addresses of modules that Deno loads when the program runs.
const AT_RUN_TIME = /^(npm|jsr|https?|data|blob):/;

const ADDON = "a native add-on cannot be imported; load it with createRequire(import.meta.url), " +
  "or import its package through npm:";

// The name of a package, or of a module in it.
const BARE = /^[^./#:][^:]*$/;

/** The address of a module, or the reason that there is none. */
interface Resolved {
  readonly path?: string;
  readonly suffix?: string;
  readonly errors?: { text: string }[];
}

/** Resolves an import of a package in `node_modules`, or a `require`, by the rules of Node. */
function inPackage(path: string, kind: string) {
  if (AT_RUN_TIME.test(path)) return { path, external: true };
  return builtin(path, kind);
}

/**
 * Marks a file that is a CommonJS module only when it is required. An import of it is another module,
 * as in Deno.
 */
async function asRequired(
  found: PackageImport,
  kind: string,
  read: ModuleReader,
): Promise<PackageImport> {
  const { path, namespace, external } = found;
  const mayDiffer = kind === "require-call" && namespace === "file" && !external &&
    loaderOf(path) !== undefined && !isInPackage(path);
  if (!mayDiffer || (await read(path)).isCommon || !(await read(path, true)).isCommon) return found;
  return { ...found, suffix: AS_REQUIRED };
}

const AS_REQUIRED = "#required";

/**
 * Resolves a `require` or an `import()` of a module that does not exist, such as an optional package
 * that is not installed: it fails only when it runs.
 */
function atRunTime(name: string, importer: string, kind: string) {
  if (kind === "dynamic-import") return { path: name, external: true };
  if (kind !== "require-call") return undefined;
  return { path: name, namespace: REQUIRED, pluginData: toUrl(importer), suffix: `#${importer}` };
}

// The bundler's namespace for modules that Node requires when the program runs.
const REQUIRED = "dl-jobs-required";

/**
 * Resolves a local file by its URL. The same file with another query is another module. Without a
 * file, the bundler looks for a similar name, and reports the import if there is none.
 */
function localFile(href: string, name: string, importer: string): Resolved | undefined {
  if (isRemote(importer)) {
    const text = `A module from the network cannot import the local file "${href}"`;
    return { errors: [{ text }] };
  }
  const url = new URL(href, toUrl(importer)), path = existing(fromFileUrl(url.href));
  if (!isFile(path) && !CODE.test(path)) return undefined;
  if (!isFile(path)) return { errors: [{ text: `Could not resolve ${JSON.stringify(name)}` }] };
  return { path, suffix: url.search + url.hash };
}

/** Returns the path of `x.ts` for that of an `x.js` that does not exist, as TypeScript does. */
function existing(path: string): string {
  const source = path.replace(/(?<=\.[mc]?)js(?=x?$)/i, "ts");
  return !isFile(path) && isFile(source) ? source : path;
}

/**
 * Loads local files by their kind.
 *
 * @param read reads the text of a module
 * @param tools the parts of the build that load single modules
 * @param program the parts of the program, of which it reads `compiled`, `asScript` and `ignoresMaps`
 * @param hasMetadata true when decorators receive the types of what they decorate
 */
export function loadUserFiles(
  build: EsbuildHooks,
  read: ModuleReader,
  tools: ModuleTools,
  { compiled, asScript = false, ignoresMaps = false }: ProgramParts,
  hasMetadata: boolean,
): void {
  build.onLoad({ filter: /.*/, namespace: REQUIRED }, ({ path, pluginData }) => ({
    contents: requiredModule(path, pluginData),
  }));
  build.onLoad({ filter: /.*/, namespace: "file" }, async ({ path, with: { type }, ...file }) => {
    const suffix = withoutMark(file.suffix);
    if (type === WASM_SOURCE) return { contents: wasmSource(await Deno.readFile(path)) };
    if (type) return undefined;
    const loader = loaderOf(path);
    if (loader) {
      const { text: given, isCommon } = await read(path, suffix === AS_REQUIRED);
      const text = ignoresMaps ? given + NO_MAP : given;
      if (isCommon) {
        const script = await scriptOf(path, text, loader, tools);
        return { contents: await commonModule(script, toFileUrl(path)) };
      }
      const url = toFileUrl(path) + suffix;
      // The library needs no rewriting, which would make its private fields slow.
      if (isLibrary(path)) {
        return await withMeta({ contents: withoutMarks(text), loader }, url, tools);
      }
      const share = /\bcreateRequire\b/.test(text) ? SHARE : "";
      const own = await tools.ownOptions(url);
      const isTranspiled = own ? own.emitDecoratorMetadata === true : hasMetadata;
      if (isTranspiled && loader.startsWith("ts") && text.includes("@")) {
        const contents = await transpile(path);
        compiled?.set(url, contents);
        return await withMeta({ contents: contents + share, loader: "js" }, url, tools);
      }
      const plain = { contents: withoutMarks(text + share), loader };
      const module = await forBundler(plain, url, tools.compile);
      const isReady = module.loader === "js" || !(own || asScript);
      return await withMeta(isReady ? module : await tools.compile(module, url), url, tools);
    }
    if (path.endsWith(".wasm")) return { contents: wasmModule(await Deno.readFile(path)) };
    if (path.endsWith(".json")) return { contents: await Deno.readTextFile(path), loader: "json" };
    return path.endsWith(".node") ? addon(path) : NO_MODULE;
  });
}

/** The last address of a source map in a module applies. The bundler cannot load this one. */
export const NO_MAP = "\n//# sourceMappingURL=about:blank";

// Imports are evaluated first, wherever they are.
const SHARE = '\nimport "dl-jobs:bundle/imports/share_common";';

/** Returns the JavaScript of a CommonJS module. */
async function scriptOf(
  path: string,
  text: string,
  loader: CodeLoader,
  { compile }: ModuleTools,
): Promise<string> {
  if (loader === "js") return text;
  return (await compile({ contents: text, loader }, toFileUrl(path))).contents;
}

/** Disables comments that permit the bundler to omit code. Deno runs all code. */
function withoutMarks(text: string): string {
  return text.replace(/(?<=\/\*\s*)[@#]__(PURE|NO_SIDE_EFFECTS)__(?=\s*\*\/)/g, "  $1  ");
}

/** The text of the error for a file that is not a module. */
export const NOT_A_MODULE = "the file is not a module";
const NO_MODULE = { errors: [{ text: NOT_A_MODULE }] };

/** Loads a native add-on at run time, from its place on the machine that runs the program. */
function addon(path: string) {
  return { contents: requiredModule(path, toFileUrl(path)) };
}

/** Returns the text of a module that Node requires when the program runs. */
function requiredModule(name: string, importer: string): string {
  const require = `process.getBuiltinModule("node:module").createRequire`;
  return `module.exports = ${require}(${JSON.stringify(importer)})(${JSON.stringify(name)});`;
}

/** Marks a module as external. The program imports it at run time. */
export function external(path: string, name: string, importer: string) {
  return { path, external: true, sideEffects: isForEffect(name, importer) };
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

/** A built-in module of Node, in the form of the bundler. */
interface Builtin {
  readonly path: string;
  readonly namespace?: string;
  readonly external?: boolean;
  readonly sideEffects?: boolean;
}

/**
 * Resolves a built-in module of Node. An unused import is removed, because loading the module is
 * slow.
 *
 * The program is an ES module, which has no `require`. A `require` of a built-in module therefore
 * becomes a call of `process.getBuiltinModule`.
 */
export function builtin(name: string, kind: string): Builtin | undefined {
  if (!isBuiltin(name)) return undefined;
  if (kind === "require-call") return { path: name, namespace: "dl-jobs-builtin" };
  return { path: name.replace(/^(?!node:)/, "node:"), external: true, sideEffects: false };
}
