/**
 * The plugin for the bundler that resolves and loads the imports of user code as Deno does.
 *
 * @see {@link https://esbuild.github.io/plugins/}
 *
 * @module
 */

import type { EsbuildHooks, EsbuildPlugin } from "../../deps.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { readModule, shortenMissing } from "../../util/remote.ts";
import { CODE, isLibrary, LIB, loaderOf, MOD, REMOTE, toUrl } from "../modules/addresses.ts";
import { workspaceAbove } from "../modules/config_files.ts";
import { optionsFinder } from "../modules/compiler_options.ts";
import { globCheck } from "./globs.ts";
import { NO_GRAPH } from "../modules/graph.ts";
import {
  importMap,
  mappedNames,
  type NameResolver,
  type UserConfig,
} from "../modules/import_map.ts";
import { type Compiler, compilerOf, type ModuleTools } from "./compile_early.ts";
import { isMetaOf, loadMeta, withMeta } from "./import_meta.ts";
import { type PathCases, withPathCases } from "./letter_case.ts";
import { moduleReader } from "./module_texts.ts";
import { BY_NODE, PackageImports } from "./package_imports.ts";
import { packageNames } from "./package_names.ts";
import type { ProgramParts } from "../program/program.ts";
import { loadGraph, type RemoteGraph } from "../modules/remote_graph.ts";
import { judge, judgeRedirect } from "./remote_rules.ts";
import { builtin, external, loadUserFiles, NO_MAP, resolveUserImports } from "./user_imports.ts";

// The bundler's namespace for JSON files of the library.
const REMOTE_JSON = "remote-json";

/**
 * Returns the plugin for a program.
 *
 * @throws {UsageError} when the import map of the configuration cannot be read.
 */
export async function userCode(program: ProgramParts, config: UserConfig): Promise<EsbuildPlugin> {
  const mapped = await importMap(config);
  const optionsOf = await optionsFinder(program.from?.module, config.compiler);
  // All builds of the program share these.
  const globs = new Map<string, boolean>(), packages = new PackageImports(), read = moduleReader();
  const cases: PathCases = new Map();
  return {
    name: "dl_jobs",
    setup(given) {
      const build = withPathCases(given, cases);
      const { compiler } = config, graph = program.graph ?? NO_GRAPH;
      const isWhole = globCheck(build, graph, globs, program.folders ?? new Set());
      const compileOne = compilerOf(build, optionsOf);
      const compile: Compiler = async (module, url, supported) => {
        const result = await compileOne(module, url, supported);
        program.compiled?.set(url, result.contents);
        return result;
      };
      const ownOptions = async (url: string) => {
        const options = await optionsOf(url);
        return options === compiler ? undefined : options;
      };
      const tools = { compile, isWhole, ownOptions };
      // The rules for modules from the network come before all others.
      resolveRemote(build, program, mapped, tools);
      resolveOwnParts(build, program);
      resolveLibrary(build, program.isWorker);
      resolveUserImports(build, graph, mapped, packages, read);
      loadUserFiles(build, read, tools, program, compiler.emitDecoratorMetadata === true);
      let names: Promise<Record<string, string>> | undefined;
      loadMeta(build, () => names ??= namesOf(build, program, config, mapped), graph);
      build.onLoad({ filter: /.*/, namespace: "dl-jobs-builtin" }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: "js",
      }));
    },
  };
}

/** Returns the names that computed imports can have, with their addresses. */
async function namesOf(
  build: EsbuildHooks,
  { from, folders }: ProgramParts,
  config: UserConfig,
  mapped: NameResolver,
): Promise<Record<string, string>> {
  const own = await mappedNames(config, mapped), module = from?.module;
  if (!module?.startsWith("file:")) return own;
  const workspace = await workspaceAbove(module);
  const packages = await packageNames(module, workspace, {
    watch: (path) => folders?.add(path),
    async find(name, resolveDir) {
      const options = { kind: "dynamic-import", resolveDir, pluginData: BY_NODE } as const;
      const { path, errors, external } = await build.resolve(name, options);
      return errors.length > 0 || external ? undefined : path;
    },
  });
  // The names of a member of a workspace are more than those of its own configuration.
  const shared = workspace && await mappedNames(workspace, await importMap(workspace));
  return { ...packages, ...shared, ...own };
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
  const part = (href: string) => {
    if (href.startsWith("file:")) return { path: fromFileUrl(href), sideEffects: false };
    const namespace = href.endsWith(".json") ? REMOTE_JSON : REMOTE;
    return { path: href, namespace, sideEffects: false };
  };
  const door = isWorker ? part(MOD) : { path: MOD, external: true };
  build.onResolve(
    {
      filter:
        /^dl-jobs:(worker\/(?:main|where|command\/program)|bundle\/imports\/(?:name_resolver|common_modules|share_common)|engines\/[\w/]+)$/,
    },
    ({ path }) => ({
      ...part(`${LIB}${path.slice("dl-jobs:".length)}.ts`),
      sideEffects: path.endsWith("/share_common"),
    }),
  );
  build.onLoad({ filter: /.*/, namespace: REMOTE_JSON }, async ({ path }) => {
    const { default: value } = await import(path, { with: { type: "json" } });
    return { contents: JSON.stringify(value), loader: "json" };
  });
  build.onResolve({ filter: /^dl_jobs$/ }, () => door);
  build.onResolve({ filter: /^(\.|\/|file:|https?:)/ }, ({ path, importer }) => {
    // A URL for each import of a large package would take long.
    if (!path.endsWith("mod.ts") && !isLibrary(importer)) return undefined;
    const { href } = new URL(path, toUrl(importer));
    if (href === MOD) return door;
    return isLibrary(importer) ? part(href) : undefined;
  });
}

/**
 * Resolves modules from the network. The program includes the module that the user named by its
 * URL, and the relative imports of that module. Other remote modules stay external.
 */
function resolveRemote(
  build: EsbuildHooks,
  { from, permissions = [], ignoresMaps = false }: ProgramParts,
  mapped: NameResolver,
  tools: ModuleTools,
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
      if (isLibrary(importer) || path === "dl_jobs" || isMetaOf(importer, path)) return undefined;
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
  const load = async (path: string) => {
    const text = isLibrary(path) ? await readModule(path) : await (await loaded()).read(path);
    if (isLibrary(path) && !CODE.test(path)) return { contents: text, loader: "text" as const };
    const contents = ignoresMaps ? text + NO_MAP : text;
    return await withMeta({ contents, loader: loaderOf(new URL(path).pathname)! }, path, tools);
  };
  build.onLoad({ filter: /.*/, namespace: REMOTE }, async ({ path }) => {
    try {
      return await load(path);
    } catch (error) {
      return { errors: [{ text: shortenMissing((error as Error).message) }] };
    }
  });
}
