/**
 * The programs of a job. Each program is one file with user code and the library, and runs on any
 * machine.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { isFile } from "../util/files/fs.ts";
import { fromFileUrl, shownPath } from "../util/paths.ts";
import { cachedLocal } from "./program/cache.ts";
import {
  COMMAND,
  CONDITION,
  type ConstantProgram,
  withConstant,
} from "./program/constant_program.ts";
import { cachedForAll } from "./program/library_cache.ts";
import { configUrl } from "./modules/import_map.ts";
import { isPythonFunction } from "./function/interpreter.ts";
import { projectFolder } from "./function/resolve.ts";
import type { BuiltProgram, Bundle, BundleOptions, JobFunction } from "./program/program.ts";
import { type UserModule, userModule } from "./program/user_module.ts";

/**
 * Builds the program that a worker runs for a function.
 *
 * @param target the function
 * @returns the program, from the cache when its source files have not changed
 * @throws {UsageError} when code cannot be parsed or an import cannot be resolved, when the export
 * does not exist, or when the source of a function cannot run elsewhere.
 *
 * @example
 * ```ts
 * import { bundleTask } from "./build.ts";
 * import { importCode } from "./import_code.ts";
 *
 * const { code } = await bundleTask((x: number) => x * 2);
 * const { load } = await importCode(code) as {
 *   load(): Promise<{ default: (x: number) => number }>;
 * };
 * if ((await load()).default(21) !== 42) throw new Error("not the function");
 * ```
 */
export async function bundleTask(
  target: JobFunction,
  options: BundleOptions = {},
): Promise<Bundle> {
  assertPresent(target);
  if (isPythonFunction(target)) return await bundlePython(target, options);
  if ("command" in target) return await bundleConstant(COMMAND, target, options);
  return await bundleScript(await userModule(target, options), options);
}

/** @throws {UsageError} when there is no file of a function, such as one that moved since its job. */
function assertPresent(target: JobFunction): void {
  if (!("module" in target) || !target.module.startsWith("file:")) return;
  const path = fromFileUrl(target.module);
  if (!isFile(path)) throw new UsageError(`Cannot find ${shownPath(path)}: no such file`);
}

/**
 * Builds the program that evaluates the cut `where`.
 *
 * @param condition the condition, as `worker/where.ts` reads it
 */
export async function bundleCondition(
  condition: unknown,
  options: BundleOptions,
): Promise<Bundle> {
  return await bundleConstant(CONDITION, condition, options);
}

async function bundleConstant(
  { place, parts }: ConstantProgram,
  constant: unknown,
  options: BundleOptions,
): Promise<Bundle> {
  const make = async () => await withConstant(await bundleScript(parts, options), place, constant);
  return await cachedLocal(options.cache, undefined, () => [place, JSON.stringify(constant)], make);
}

async function bundleScript(user: UserModule, options: BundleOptions): Promise<BuiltProgram> {
  const module = user.from?.module;
  // A program from the cache needs none of the modules that build programs.
  const make = async () => await (await import("./build/build_task.ts")).buildTask(user, options);
  if (user.isLibrary) return await cachedForAll(options.cache, () => [user.user], make);
  return await cachedLocal(options.cache, module, () => [configUrl(module), user.user], make);
}

async function bundlePython(target: FunctionRef, options: BundleOptions): Promise<Bundle> {
  const make = async () => {
    return await (await import("./python/build_python.ts")).buildPython(target, options);
  };
  const { module, method, dlJob } = target, { python = [], spread } = options;
  const keyOf = () => {
    const shape = JSON.stringify([spread, dlJob]);
    // The paths of the modules are below the real path, which a link may change.
    const file = Deno.realPathSync(fromFileUrl(module));
    return [Deno.cwd(), projectFolder(), module, file, method, shape, ...python];
  };
  return await cachedLocal(options.cache, module, keyOf, make, ".py");
}

/** The modules of `engines/` that run a part of a job on another machine, and their functions. */
const FAR_SIDES = {
  "slurm/on_node": "runOnNode",
  "compute/on_platform": "runOnPlatform",
  "stream/on_host": "runOnHost",
} as const;

/** A module of `engines/` that runs a part of a job on another machine. */
export type FarSide = keyof typeof FAR_SIDES;

/**
 * Builds the program that runs a part of a job, with its own workers, on another machine.
 *
 * @param name the module of `engines/` to run
 * @param cache the folder of the cache
 * @throws {UsageError} when the library itself cannot be read.
 */
export async function bundleFarSide(name: FarSide, cache: string): Promise<Bundle> {
  const entry = `
    import { ${FAR_SIDES[name]} as work } from "dl-jobs:engines/${name}";
    export { work };
    if (__dl_jobs_main) await work();`;
  const make = async () => {
    const { buildProgram } = await import("./build/build_program.ts");
    return await buildProgram({ entry, user: "", isLibrary: true, isWorker: true });
  };
  return await cachedForAll(cache, () => [name], make);
}
