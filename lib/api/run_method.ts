/**
 * The function `run`, which runs the jobs that a run method returns.
 *
 * @module
 */

import { loadConfig } from "../config/load.ts";
import { jobsOf, type RunMethodOptions } from "../job/function/run_method.ts";
import { checkIsOptions, checkShapes, METHOD_SHAPES } from "../job/options/code_options.ts";
import { checkMethodNames } from "../job/options/option_names.ts";
import { forceEngine } from "../job/options/settings.ts";
import type { Summary } from "../job/report/summary.ts";
import { UsageError } from "../util/errors.ts";
import { shortInspect } from "../util/text/short_inspect.ts";
import { Job } from "./job.ts";

/**
 * Calls a run method and runs the jobs that it returns, one after another. A run method is a
 * function that returns one or more jobs. This function is equivalent to the command `dl_jobs run`.
 *
 * @example Run the jobs of a module
 * ```ts
 * import { run } from "dl_jobs";
 *
 * const library = new URL("../../mod.ts", import.meta.url).href;
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * Deno.mkdirSync("run");
 * Deno.writeTextFileSync(
 *   "run/squares.ts",
 *   `import { Job } from "${library}";
 *   export const all = (count: number) =>
 *     new Job({ moduleName: import.meta.url, methodName: "square", argsList: count });
 *   export const square = (x: number) => x * x;`,
 * );
 * const [summary] = await run("squares.all", { args: [3], flags: { noisy: false } });
 * Deno.chdir(cwd);
 * if (summary?.succeeded !== 3) throw new Error("not run");
 * ```
 *
 * @param method the run method: `module.method` in the folder of run methods, or a path or URL
 * followed by `#method`.
 * @param options the method's arguments, and options for its jobs.
 * @returns the summaries of the jobs, in the order in which they ran.
 * @throws {UsageError} when the method does not exist or returns no job, or an option is invalid.
 */
export async function run(method: string, options: RunMethodOptions = {}): Promise<Summary[]> {
  if (typeof method !== "string") {
    throw new UsageError(
      `Cannot use ${shortInspect(method)} as a run method: pass its name, such as "tiles.all"`,
    );
  }
  checkIsOptions(options, "run()");
  const { args = [], kwargs = {}, ...rest } = options, { flags = {}, stop } = rest;
  await checkMethodNames(rest);
  checkShapes({ args, kwargs }, METHOD_SHAPES, "of run()");
  const loaded = options.loaded ?? await loadConfig({ flags });
  const summaries: Summary[] = [];
  for await (const job of jobsOf(method, { ...options, loaded })) {
    const origin = { method, args, kwargs, flags, index: summaries.length };
    const overrides = forceEngine(flags);
    // A job of Python code is only described.
    const own = "run" in job ? job as Job : new Job(job.options);
    summaries.push(await own.run({ ...rest, flags, loaded, overrides, origin }));
    if (stop?.aborted) break;
  }
  return summaries;
}
