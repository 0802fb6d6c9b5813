/**
 * User code as one program: the worker's loop and the function in a file that runs anywhere.
 *
 * @module
 */

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
import { type Location, nearest } from "./locate.ts";

/** The function of a job: an export of a module, or a function itself. */
export type Target = Location | ((...args: never[]) => unknown);

/** How the function is called. */
export interface BundleOptions {
  /** The task's argument is the list of the function's arguments. @default {false} */
  readonly spread?: boolean;
}

/** A program that calls a function. */
export interface Bundle {
  /** The program, with its source map inside. */
  readonly code: string;
  /** A hash of the program without its source map. */
  readonly hash: string;
}

/** The module that stands between the program and the user's function. */
interface UserModule {
  readonly text: string;
  /** The URL of the module that the function comes from, when it comes from one. */
  readonly from?: string;
}

// A module's own place must stay its own when it becomes part of another file.
const META = ["url", "dirname", "filename", "main"] as const;
const LIBRARY = new URL("..", import.meta.url).href;

/**
 * Makes the program that a worker runs for a function.
 *
 * @throws {UsageError} on code that does not parse or resolve, and on an export that is not there.
 */
export async function bundleTask(target: Target, options: BundleOptions = {}): Promise<Bundle> {
  const entry = `
    import { serve } from "dl_jobs:worker";
    export const load = () => import("dl_jobs:user");
    if (__dl_jobs_main) await serve(load);`;
  return await build(entry, await userModule(target, options), { isWorker: true });
}

/** Imports an export of a user's module into this process, with the library that is running. */
export async function importMethod(location: Location): Promise<(...args: unknown[]) => unknown> {
  const bundle = await build(
    `export { default } from "dl_jobs:user";`,
    await userModule(location, {}),
    { isWorker: false },
  );
  const method = (await importCode(bundle.code)).default;
  if (typeof method === "function") return method as (...args: unknown[]) => unknown;
  throw notFunction(location);
}

/** Imports a program, for whoever has no file of it. */
export async function importCode(code: string): Promise<Record<string, unknown>> {
  const file = await Deno.makeTempFile({ prefix: "dl_jobs_", suffix: ".js" });
  try {
    await Deno.writeTextFile(file, code);
    return await import(new URL(`file://${file}`).href);
  } finally {
    await Deno.remove(file);
  }
}

function notFunction({ module, method }: Location): UsageError {
  return new UsageError(`Cannot call "${method}" of ${shortPath(module)}: it is no function`);
}

async function userModule(target: Target, { spread = false }: BundleOptions): Promise<UserModule> {
  // What marks a function goes with it.
  const called = spread ? "Object.assign((args) => method(...args), method)" : "method";
  const end = `\nexport default ${called};`;
  if (typeof target === "function") {
    return { text: `const method = ${await functionSource(target)};${end}` };
  }
  const { module, method } = target;
  return {
    text: `import { ${method} as method } from ${JSON.stringify(module)};${end}`,
    from: module,
  };
}

async function build(
  entry: string,
  user: UserModule,
  { isWorker }: { isWorker: boolean },
): Promise<Bundle> {
  const esbuild = await loadEsbuild();
  try {
    const { outputFiles } = await esbuild.build({
      ...await buildOptions(user, isWorker),
      stdin: { contents: entry, resolveDir: Deno.cwd(), sourcefile: "dl_jobs:entry", loader: "ts" },
    });
    return await toBundle(outputFiles!);
  } catch (error) {
    throw await toUsageError(error, user, esbuild);
  } finally {
    await esbuild.stop();
  }
}

async function buildOptions(user: UserModule, isWorker: boolean): Promise<BuildOptions> {
  return {
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    mainFields: ["module", "main"],
    conditions: ["deno", "import", "default"],
    sourcemap: "external",
    outfile: "/bundle.js",
    absWorkingDir: Deno.cwd(),
    write: false,
    logLevel: "silent",
    keepNames: false,
    banner: { js: "const __dl_jobs_main = import.meta.main;" },
    define: Object.fromEntries(META.map((key) => [`import.meta.${key}`, `__dl_jobs_${key}`])),
    tsconfigRaw: JSON.stringify({ compilerOptions: await compilerOptions(user) }),
    plugins: [await userCode(user, isWorker)],
  };
}

async function toBundle(
  files: readonly { path: string; text: string }[],
): Promise<Bundle> {
  const code = files.find((file) => file.path.endsWith(".js"))!.text;
  const map = JSON.parse(files.find((file) => file.path.endsWith(".map"))!.text);
  // esbuild gives paths relative to where the file would lie: the root.
  map.sources = map.sources.map((source: string) =>
    source.startsWith("dl_jobs:") || /^\w+:/.test(source)
      ? source
      : new URL(source, "file:///").href
  );
  const bytes = new TextEncoder().encode(JSON.stringify(map));
  return {
    code: `${code}//# sourceMappingURL=data:application/json;base64,${bytes.toBase64()}\n`,
    hash: await hashOf(code),
  };
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** Resolves and loads what user code imports, as Deno would. */
async function userCode(user: UserModule, isWorker: boolean): Promise<Plugin> {
  const mapped = await importMap(user);
  return {
    name: "dl_jobs",
    setup(build) {
      build.onResolve({ filter: /^dl_jobs:user$/ }, () => ({ path: "user", namespace: "dl_jobs" }));
      build.onLoad(
        { filter: /^user$/, namespace: "dl_jobs" },
        () => ({ contents: user.text, loader: "js", resolveDir: Deno.cwd() }),
      );
      resolveLibrary(build, isWorker);
      build.onResolve({ filter: /^(npm|jsr|node|https?|data|blob):/ }, ({ path, importer }) => ({
        path,
        external: true,
        // What only the library's other parts need is left out where it is not used.
        sideEffects: !isLibrary(importer),
      }));
      build.onResolve({ filter: /^file:/ }, ({ path }) => ({ path: toPath(path) }));
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => mapped(path, importer));
      build.onLoad({ filter: /\.[mc]?[jt]sx?$/, namespace: "file" }, ({ path }) => loadFile(path));
    },
  };
}

/** `dl_jobs` is always the library that is running: part of a worker, but shared by the controller. */
function resolveLibrary(build: PluginBuild, isWorker: boolean): void {
  const mod = new URL("mod.ts", LIBRARY).href;
  const library = (href: string) =>
    href.startsWith("file:") ? { path: toPath(href) } : { path: href, namespace: "library" };
  const door = isWorker ? library(mod) : { path: mod, external: true };
  build.onResolve(
    { filter: /^dl_jobs:worker$/ },
    () => library(new URL("lib/worker.ts", LIBRARY).href),
  );
  build.onResolve({ filter: /^dl_jobs$/ }, () => door);
  build.onResolve({ filter: /mod\.ts$/ }, ({ path, resolveDir, namespace }) => {
    if (namespace !== "file" && namespace !== "dl_jobs") return undefined;
    return new URL(path, `file://${resolveDir}/`).href === mod ? door : undefined;
  });
  build.onResolve(
    { filter: /^\.\.?\//, namespace: "library" },
    ({ path, importer }) => library(new URL(path, importer).href),
  );
  build.onLoad({ filter: /.*/, namespace: "library" }, async ({ path }) => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return { contents: await response.text(), loader: "ts" };
  });
}

function isLibrary(importer: string): boolean {
  return importer.startsWith(LIBRARY) || importer.startsWith(toPath(LIBRARY));
}

async function loadFile(path: string) {
  const text = await Deno.readTextFile(path);
  const loader = /\.[mc]?([jt]sx?)$/.exec(path)![1] as "ts" | "tsx" | "js" | "jsx";
  return { contents: text.includes("import.meta") ? withMeta(text, path) : text, loader };
}

/** On the first line, so that every other line keeps its number. */
function withMeta(text: string, path: string): string {
  const values = [
    toUrl(path),
    path.slice(0, path.lastIndexOf("/")) || "/",
    path,
    false,
  ];
  const names = META.map((key, i) => `__dl_jobs_${key} = ${JSON.stringify(values[i])}`);
  return `const ${names.join(", ")};` + text.replace(/^#!/, "//");
}

type Resolved = { path: string; external?: boolean } | undefined;

/** Bare names, by the nearest `deno.json` or import map above the user's file. */
async function importMap(user: UserModule): Promise<(name: string, importer: string) => Resolved> {
  const [config, base] = await nearestConfig(user);
  const imports = config.importMap
    ? JSON.parse(await Deno.readTextFile(new URL(String(config.importMap), base)))
    : { imports: config.imports ?? {}, scopes: config.scopes ?? {} };
  const { parse, resolve } = await loadImportMaps();
  const map = parse(imports, new URL(config.importMap ? String(config.importMap) : "", base));
  return (name, importer) => {
    if (isBuiltin(name)) return { path: `node:${name}`, external: true };
    const found = resolve(name, map, new URL(toUrl(importer)));
    const href = found.resolvedImport?.href;
    if (!href) return undefined;
    return href.startsWith("file:") ? { path: toPath(href) } : { path: href, external: true };
  };
}

async function compilerOptions(user: UserModule): Promise<Record<string, unknown>> {
  const [config] = await nearestConfig(user);
  const options = (config.compilerOptions ?? {}) as Record<string, unknown>;
  const used = ["experimentalDecorators", "jsx", "jsxImportSource", "jsxFactory"];
  return Object.fromEntries(used.filter((key) => key in options).map((key) => [key, options[key]]));
}

/** The nearest configuration above the user's module, and where it lies. */
async function nearestConfig(user: UserModule): Promise<[Record<string, unknown>, URL]> {
  const module = user.from?.startsWith("file:") ? user.from : toUrl(`${Deno.cwd()}/`);
  for (let folder = new URL(".", module);; folder = new URL("..", folder)) {
    for (const name of ["deno.json", "deno.jsonc", "import_map.json"]) {
      const text = await readIfThere(new URL(name, folder));
      if (text === undefined) continue;
      return [(await loadJsonc()).parse(text) as Record<string, unknown>, new URL(name, folder)];
    }
    if (folder.pathname === "/") return [{}, folder];
  }
}

async function readIfThere(path: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

interface BuildMessage {
  readonly text: string;
  readonly location: { file: string; line: number; column: number } | null;
}

async function toUsageError(error: unknown, user: UserModule, esbuild: Esbuild): Promise<unknown> {
  const [first] = (error as { errors?: BuildMessage[] }).errors ?? [];
  if (!first) return error;
  const missing = /^No matching export in "(.*)" for import "(.*)"$/.exec(first.text);
  if (missing) return await noExport(missing[2]!, user, esbuild);
  const { location } = first;
  const place = location && !location.file.startsWith("dl_jobs:")
    ? `${location.file}:${location.line}:${location.column + 1}`
    : "the function";
  return new UsageError(`Cannot load ${place}: ${first.text}${hint(first.text)}`);
}

function hint(text: string): string {
  if (!text.startsWith("Could not resolve")) return "";
  return /resolve "[./]/.test(text)
    ? ", no such file"
    : `, add it to "imports" in deno.json or write it as npm:<name>`;
}

async function noExport(method: string, user: UserModule, esbuild: Esbuild): Promise<UsageError> {
  const module = user.from!;
  const { metafile } = await esbuild.build({
    ...await buildOptions(user, true),
    entryPoints: [toPath(module)],
    metafile: true,
  });
  const names = Object.values(metafile!.outputs).flatMap((output) => output.exports);
  const known = names.length > 0
    ? `it exports ${await nearest(method, names)}`
    : "it exports nothing";
  return new UsageError(`Cannot find "${method}" in ${shortPath(module)}: ${known}`);
}

function shortPath(module: string): string {
  if (!module.startsWith("file:")) return module;
  const path = toPath(module), cwd = `${Deno.cwd()}/`;
  return path.startsWith(cwd) ? path.slice(cwd.length) : path;
}

function toPath(href: string): string {
  return href.startsWith("file:") ? decodeURIComponent(new URL(href).pathname) : href;
}

function toUrl(path: string): string {
  if (/^[a-z]+:/.test(path)) return path;
  const escaped = encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(`file://${escaped.startsWith("/") ? escaped : `${Deno.cwd()}/`}`).href;
}

function isBuiltin(name: string): boolean {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return process.getBuiltinModule(name) !== undefined;
}
