/**
 * User code as one program: the worker's loop and the function in a file that runs anywhere.
 *
 * @module
 */

import { type Bundle, cached, hashOf, type Made } from "./bundle_cache.ts";
import { toTaskError } from "./call.ts";
import { functionSource } from "./closure.ts";
import {
  type BuildOptions,
  type Esbuild,
  loadEsbuild,
  loadImportMaps,
  loadJsonc,
  type Plugin,
  type PluginBuild,
} from "./deps.ts";
import { UsageError } from "./errors.ts";
import { fromFileUrl, type Location, nearest, toFileUrl } from "./locate.ts";
import { isRemote, readModule, shortenMissing } from "./remote.ts";

export type { Bundle };

/** The function of a job: an export of a module, or a function itself. */
export type Target = Location | ((...args: never[]) => unknown);

/** How the function is called. */
export interface BundleOptions {
  /** The task's argument is the list of the function's arguments. @default {false} */
  readonly spread?: boolean;
  /** A folder that keeps programs, so that the same code is made once. @default {none} */
  readonly cache?: string;
}

/** What one build is made of. */
interface Program {
  /** The program's own text; it imports the user's part as `dl-jobs:user`. */
  readonly entry: string;
  /** The module that stands between the program and the user's function. */
  readonly user: string;
  /** Where the function comes from, when it comes from a module. */
  readonly from?: Location;
  /** Whether it runs by itself: then the library is a part of it. */
  readonly isWorker: boolean;
}

const REMOTE = "remote";
const CODE = /\.[mc]?([jt]sx?)$/;

const LIB = new URL(".", import.meta.url).href;
const HELPERS = new URL("../repl/", import.meta.url).href;
const MOD = new URL("../mod.ts", import.meta.url).href;

/**
 * Makes the program that a worker runs for a function.
 *
 * @example
 * ```ts
 * import { bundleTask, importCode } from "./bundle.ts";
 *
 * const { code } = await bundleTask((x: number) => x * 2);
 * const { load } = await importCode(code) as {
 *   load(): Promise<{ default: (x: number) => number }>;
 * };
 * if ((await load()).default(21) !== 42) throw new Error("not the function");
 * ```
 *
 * @throws {UsageError} on code that does not parse or resolve, and on an export that is not there.
 */
export async function bundleTask(target: Target, options: BundleOptions = {}): Promise<Bundle> {
  const entry = `
    import { serve } from "dl-jobs:worker";
    export const load = () => import("dl-jobs:user");
    export const work = (options) => serve(load, options);
    if (__dl_jobs_main) await serve(load);`;
  const program = { entry, ...await userPart(target, options), isWorker: true };
  // What comes from the network has no time of its last change.
  if (!options.cache || isRemote(LIB) || isRemote(program.from?.module)) {
    return await build(program);
  }
  const key = [LIB, configUrl(program.from?.module), program.user].join("\n");
  return await cached(options.cache, key, () => build(program));
}

/** The programs that run a part of a job on another machine: the modules of `engines/` that do the work there. */
export type FarSide = "slurm/on_node" | "compute/on_platform";

/**
 * Makes the program that runs a part of a job on another machine, with workers of its own there.
 *
 * @param cache a folder that keeps programs, so that the same code is made once
 */
export async function bundleFarSide(name: FarSide, cache: string): Promise<Bundle> {
  const entry = `
    import { work } from "dl-jobs:engines/${name}";
    export { work };
    if (__dl_jobs_main) await work();`;
  const make = () => build({ entry, user: "", isWorker: true });
  return isRemote(LIB) ? await make() : await cached(cache, `${LIB}\n${name}`, make);
}

/**
 * Imports an export of a user's module into this process, with the library that is running.
 *
 * @throws {UsageError} as {@linkcode bundleTask} does, and on a module that throws while it loads.
 */
export async function importMethod(location: Location): Promise<(...args: unknown[]) => unknown> {
  const entry = `export { default } from "dl-jobs:user";`;
  const { code } = await build({ entry, ...await userPart(location, {}), isWorker: false });
  const { default: method } = await importCode(code).catch((cause) => {
    throw new UsageError(`Cannot load ${shortPath(location.module)}: ${stackOf(cause)}`, { cause });
  });
  if (typeof method === "function") return method as (...args: unknown[]) => unknown;
  throw new UsageError(
    `Cannot call "${location.method}" of ${shortPath(location.module)}: it is no function`,
  );
}

/** Imports a program, for whoever has no file of it. */
export async function importCode(code: string): Promise<Record<string, unknown>> {
  const file = await Deno.makeTempFile({ prefix: "dl_jobs_", suffix: ".js" });
  try {
    await Deno.writeTextFile(file, code);
    return await import(toFileUrl(file));
  } finally {
    await Deno.remove(file);
  }
}

function stackOf(error: unknown): string {
  const { message, stack } = toTaskError(error);
  const short = shortenMissing(message);
  return short === message ? stack ?? message : short;
}

async function userPart(
  target: Target,
  { spread = false }: BundleOptions,
): Promise<Pick<Program, "user" | "from">> {
  // What marks a function goes with it; what is no function is told as such.
  const called = spread
    ? `typeof method === "function" ? Object.assign((args) => method(...args), method) : method`
    : "method";
  const end = `\nexport default ${called};`;
  if (typeof target === "function") {
    return { user: `const method = ${await functionSource(target)};${end}` };
  }
  const [method, module] = [target.method, target.module].map((name) => JSON.stringify(name));
  return { user: `import { ${method} as method } from ${module};${end}`, from: target };
}

// The bundler is one process for all builds: whoever is last ends it.
let builds = 0;

/** Does something with the bundler, and ends it when nobody else uses it. */
export async function withBundler<T>(use: (esbuild: Esbuild) => Promise<T>): Promise<T> {
  const esbuild = await loadEsbuild();
  builds++;
  try {
    return await use(esbuild);
  } finally {
    if (--builds === 0) await esbuild.stop();
  }
}

async function build(program: Program): Promise<Made> {
  return await withBundler(async (esbuild) => {
    try {
      const config = await nearestConfig(program.from?.module);
      const { outputFiles, metafile } = await esbuild.build(await buildOptions(program, config));
      const { code, hash } = await toBundle(outputFiles!);
      return { code, hash, inputs: inputFiles(metafile!, config) };
    } catch (error) {
      throw await toUsageError(error, program, esbuild);
    }
  });
}

/** The files that a program was made of; those from the network are not, they stay outside. */
function inputFiles(
  { inputs }: { readonly inputs: Readonly<Record<string, unknown>> },
  config: UserConfig,
): string[] {
  const modules = Object.keys(inputs).filter((path) => !/^[\w-]+:/.test(path));
  const configs = [config.url, mapUrl(config)].map(({ href }) => href)
    .filter((href) => href.startsWith("file:") && !href.endsWith("/"));
  return [...modules.map((path) => `/${path}`), ...new Set(configs.map(fromFileUrl))];
}

async function buildOptions(program: Program, config: UserConfig) {
  return {
    entryPoints: ["dl-jobs:entry"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    // Deno has no decorators of its own yet.
    supported: { decorators: false },
    mainFields: ["main", "module"],
    conditions: ["deno", "node"],
    sourcemap: "external",
    sourcesContent: false,
    // What the program says of its parts must not depend on where it is made.
    absWorkingDir: "/",
    outfile: "/bundle.js",
    write: false,
    metafile: true,
    logLevel: "silent",
    // As in Deno: a module without exports is a module, too.
    logOverride: { "import-is-undefined": "error" },
    keepNames: false,
    banner: { js: "const __dl_jobs_main = import.meta.main;" },
    define: {
      "import.meta.main": "false",
      "import.meta": "__dl_jobs_meta",
      __dirname: "__dl_jobs_meta.dirname",
      __filename: "__dl_jobs_meta.filename",
    },
    tsconfigRaw: JSON.stringify({ compilerOptions: compilerOptions(config) }),
    plugins: [await userCode(program, config)],
  } as const satisfies BuildOptions;
}

async function toBundle(files: readonly { path: string; text: string }[]): Promise<Bundle> {
  const code = files.find((file) => file.path.endsWith(".js"))!.text;
  const map = JSON.parse(files.find((file) => file.path.endsWith(".map"))!.text);
  map.sources = map.sources.map(addressOf);
  const bytes = new TextEncoder().encode(JSON.stringify(map));
  return {
    code: `${code}//# sourceMappingURL=data:application/json;base64,${bytes.toBase64()}\n`,
    hash: await hashOf(code),
  };
}

/** The bundler gives paths from where the file would lie: the root. */
function addressOf(source: string): string {
  const path = withoutNamespace(source);
  return path.startsWith("dl-jobs:") ? path : new URL(path, "file:///").href;
}

/** Resolves and loads what user code imports, as Deno would. */
async function userCode(program: Program, config: UserConfig): Promise<Plugin> {
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
    { filter: /^dl-jobs:(worker|engines\/[\w/]+)$/ },
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
  return url === MOD || url.startsWith(LIB) || url.startsWith(HELPERS);
}

function external(path: string, name: string, importer: string) {
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

/** A user's configuration file, and where it lies. */
interface UserConfig {
  readonly values: Readonly<Record<string, unknown>>;
  readonly url: URL;
}

/** The nearest configuration above the user's module. */
async function nearestConfig(module: string | undefined): Promise<UserConfig> {
  const url = configUrl(module);
  return { values: url.pathname.endsWith("/") ? {} : await readConfig(url) ?? {}, url };
}

/** Where the nearest configuration lies; the root's folder when there is none. */
function configUrl(module: string | undefined): URL {
  const start = module?.startsWith("file:") ? module : toFileUrl(`${Deno.cwd()}/`);
  for (let folder = new URL(".", start);; folder = new URL("..", folder)) {
    for (const name of ["deno.json", "deno.jsonc", "import_map.json"]) {
      const url = new URL(name, folder);
      if (isThere(url)) return url;
    }
    if (folder.pathname === "/") return folder;
  }
}

function isThere(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
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
async function importMap(
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
function mapUrl({ values, url }: UserConfig): URL {
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

function compilerOptions({ values }: UserConfig): Record<string, unknown> {
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

interface BuildMessage {
  readonly text: string;
  readonly location: { file: string; line: number; column: number } | null;
}

const NO_EXPORT = /^No matching export in "(.*)" for import "(.*)"$/;
const NO_EXPORTS =
  /^Import "(.*)" will always be undefined because the file "(.*)" has no exports$/;

async function toUsageError(error: unknown, program: Program, esbuild: Esbuild): Promise<unknown> {
  const errors = ((error as { errors?: BuildMessage[] }).errors ?? []).map((
    { text, location },
  ) => ({
    text: text.replace(NO_EXPORTS, 'No matching export in "$2" for import "$1"'),
    location,
  }));
  const isMissing = ({ text, location }: BuildMessage) =>
    NO_EXPORT.test(text) && location?.file === "dl-jobs:user";
  // What a broken module exports cannot be said.
  const first = errors.find((message) => !isMissing(message)) ?? errors[0];
  if (!first) return error;
  if (isMissing(first)) return await noExport(program, esbuild);
  const text = first.text.replace(
    NO_EXPORT,
    (_, file, name) => `No matching export in "${fileOf(file)}" for import "${name}"`,
  );
  const place = `${placeOf(first, program)}: `;
  // What did not come from the network says its address itself.
  return new UsageError(
    `Cannot load ${text.startsWith(place) ? "" : place}${text}${hint(text)}`,
  );
}

function placeOf({ location }: BuildMessage, { from }: Program): string {
  if (location && !location.file.startsWith("dl-jobs:")) {
    return `${fileOf(location.file)}:${location.line}:${location.column + 1}`;
  }
  return from ? shortPath(from.module) : "the function";
}

/** What the bundler calls a file, as a person does. */
function fileOf(file: string): string {
  const name = withoutNamespace(file);
  return /^\w+:/.test(name) ? name : shortPath(toFileUrl(`/${name}`));
}

/** The bundler puts the kind of a module before its address. */
function withoutNamespace(file: string): string {
  return file.replace(new RegExp(`^${REMOTE}:`), "");
}

function loaderOf(path: string): "ts" | "tsx" | "js" | "jsx" {
  return CODE.exec(path)![1] as "ts" | "tsx" | "js" | "jsx";
}

function hint(text: string): string {
  if (!text.startsWith("Could not resolve")) return "";
  return /resolve "[./]/.test(text)
    ? ", no such file"
    : `, add it to "imports" in deno.json or write it as npm:<name>`;
}

async function noExport(program: Program, esbuild: Esbuild): Promise<UsageError> {
  const { module, method } = program.from!;
  const { metafile } = await esbuild.build({
    ...await buildOptions(program, await nearestConfig(program.from?.module)),
    entryPoints: [module],
    metafile: true,
  });
  const names = Object.values(metafile!.outputs).flatMap((output) => output.exports);
  const known = names.length > 0
    ? `it exports ${await nearest(method, names)}`
    : "it exports nothing";
  return new UsageError(
    `Cannot find ${JSON.stringify(method)} in ${shortPath(module)}: ${known}`,
  );
}

function shortPath(module: string): string {
  if (!module.startsWith("file:")) return module;
  const path = fromFileUrl(module), cwd = `${Deno.cwd()}/`;
  return path.startsWith(cwd) ? path.slice(cwd.length) : path;
}

/** The URL of what the bundler calls an importer: a path, a URL, or a part of the program. */
function toUrl(importer: string): string {
  if (/^[a-z]+:/.test(importer)) return importer;
  return toFileUrl(importer.startsWith("/") ? importer : `${Deno.cwd()}/`);
}

function isBuiltin(name: string): boolean {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return process.getBuiltinModule(name) !== undefined;
}
