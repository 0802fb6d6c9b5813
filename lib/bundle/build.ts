/**
 * User code as one program: the worker's loop and the function in a file that runs anywhere.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";
import { isRemote } from "../util/remote.ts";
import { buildOptions } from "./build_options.ts";
import { withBundler } from "./bundler.ts";
import { type Bundle, cached, hashOf, type Made } from "./cache.ts";
import { stackOf, toUsageError } from "./diagnostics.ts";
import { functionSource } from "./function_source.ts";
import { configUrl, mapUrl, nearestConfig, type UserConfig } from "./import_map.ts";
import { LIB } from "./plugin.ts";
import {
  type BundleOptions,
  type Program,
  shortPath,
  type Target,
  withoutNamespace,
} from "./program.ts";

export type { Bundle };

/**
 * Makes the program that a worker runs for a function.
 *
 * @example
 * ```ts
 * import { bundleTask, importCode } from "./build.ts";
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
    import { serve } from "dl-jobs:worker/main";
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
export async function importMethod(
  location: FunctionRef,
): Promise<(...args: unknown[]) => unknown> {
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

export async function build(program: Program): Promise<Made> {
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
