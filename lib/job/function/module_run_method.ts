/**
 * Calls run methods in TypeScript and JavaScript.
 *
 * @module
 */

import { importMethod } from "../../bundle/import_method.ts";
import { type AnyFunction, readParameters } from "../../bundle/program/parameters.ts";
import { loadAcorn } from "../../deps.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import { UsageError } from "../../util/errors.ts";
import { dlJobsInvoke } from "../../worker/invoke.ts";
import { bindArguments } from "./bind_arguments.ts";
import type { RunMethodCall } from "./python_run_method.ts";

/** The options that a run method may ask for. */
const INJECTED = ["cpus", "gpus", "cpuJob", "cpuImage", "gpuImage", "noisy"] as const;

/**
 * Calls a run method in this process, with the arguments bound to its parameters.
 *
 * @throws {UsageError} when the module or the method cannot be used, or the arguments do not fit.
 */
export async function callModule(
  { name, location, config, args, kwargs }: RunMethodCall,
): Promise<unknown> {
  // The parser of parameters is loaded while the bundler works.
  const importing = importMethod(location, cacheFolder());
  const [{ method, program }] = await Promise.all([importing, loadAcorn()]);
  if (/^class\b/.test(method.toString())) {
    throw new UsageError(`Cannot run "${name}": it is a class, a run method is a function`);
  }
  const options = Object.fromEntries(INJECTED.map((key) => [key, config[key]]));
  const parameters = await readParameters(method, program);
  const values = parameters
    ? await bindArguments(name, parameters, { args, kwargs, options })
    : [...pad(args, method), { ...options, ...kwargs }];
  return dlJobsInvoke(() => method(...values), []);
}

/**
 * Pads the positional arguments of a function whose parameters are unknown, so that the named
 * arguments are its last one.
 */
function pad(args: readonly unknown[], { length }: AnyFunction): unknown[] {
  return [...args, ...new Array(Math.max(0, length - 1 - args.length)).fill(undefined)];
}
