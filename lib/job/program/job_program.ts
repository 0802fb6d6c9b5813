/**
 * Finds a function of a new job and builds its program.
 *
 * @module
 */

import { bundleTask } from "../../bundle/build.ts";
import type { Bundle, BundleOptions, JobFunction } from "../../bundle/program/program.ts";
import { findInterpreter, isPythonFunction } from "../../bundle/function/interpreter.ts";
import { locate, locateModule } from "../../bundle/function/resolve.ts";
import { hashSources } from "../../bundle/modules/sources.ts";
import type { Config } from "../../config/config.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { FunctionRef } from "../../job_dir/record.ts";
import { defined } from "../../util/defined.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { CLI } from "../../worker/command.ts";
import type { JobOptions } from "../options/options.ts";
import type { Settings } from "../options/settings.ts";

/** A program, and what runs it. */
export interface JobProgram {
  readonly bundle: Bundle;
  /** The command of the interpreter of a function in Python. @default {the program is for Deno} */
  readonly python: readonly string[] | undefined;
}

/**
 * Finds the function of a job's tasks.
 *
 * @throws {UsageError} when its module does not exist.
 */
export async function findTarget(
  options: JobOptions,
  { defaultMethod }: Config,
  warn: (text: string) => void,
): Promise<JobFunction> {
  const { fn, moduleName = "", methodName, command, dlJob } = options;
  if (fn) return fn;
  if (command !== undefined) return (await import("./command.ts")).commandOf(options);
  const method = methodName ?? defaultMethod;
  // A file name may contain the mark of a method, too.
  if (moduleName.includes("#")) return await locate(moduleName, { defaultMethod: method });
  const module = await locateModule(moduleName, { warn });
  return defined<FunctionRef>({ module, method, dlJob });
}

/**
 * Builds the program that calls a function of a job.
 *
 * @param method the run method that creates the job, if any
 * @param shape the way in which the program calls the function
 * @throws {UsageError} when the program cannot be built, or its interpreter does not exist.
 */
export async function buildJobProgram(
  target: JobFunction,
  { config, permissions }: Settings,
  method: string | undefined,
  shape: Pick<BundleOptions, "hooks" | "spread" | "isTask"> = {},
): Promise<JobProgram> {
  const isPython = isPythonFunction(target);
  const python = isPython ? findInterpreter(config.python, target.module) : undefined;
  const isValue = typeof target === "function";
  const script = isValue ? await scriptFile(method, config) : undefined;
  const options = { ...shape, cache: cacheFolder(), permissions, python, script };
  const bundle = await bundleTask(target, options);
  if (!isValue) return { bundle, python };
  const sources = await hashSources(script === undefined ? [] : [script]);
  return { bundle: { ...bundle, sources }, python };
}

/** Returns the path of the script that contains a function that was passed as a value. */
async function scriptFile(
  method: string | undefined,
  config: Config,
): Promise<string | undefined> {
  // A Web Worker has no main module.
  const script: string | undefined = method === undefined
    ? Deno.mainModule
    : (await locate(method, config)).module;
  return script?.startsWith("file:") && script !== CLI ? fromFileUrl(script) : undefined;
}
