/**
 * The Python package `dl_jobs` as text, for functions that import it on a machine without it.
 *
 * @module
 */

import { type LoadText, loadTexts } from "../util/text_files.ts";

/** The modules of the package. */
const MODULES: Readonly<Record<string, LoadText>> = {
  __init__: () => import("../../python/dl_jobs/__init__.py", { with: { type: "text" } }),
  _command: () => import("../../python/dl_jobs/_command.py", { with: { type: "text" } }),
  _description: () => import("../../python/dl_jobs/_description.py", { with: { type: "text" } }),
  _rate: () => import("../../python/dl_jobs/_rate.py", { with: { type: "text" } }),
  _run_method: () => import("../../python/dl_jobs/_run_method.py", { with: { type: "text" } }),
  _runner: () => import("../../python/dl_jobs/_runner.py", { with: { type: "text" } }),
  _task: () => import("../../python/dl_jobs/_task.py", { with: { type: "text" } }),
  config: () => import("../../python/dl_jobs/config.py", { with: { type: "text" } }),
  constants: () => import("../../python/dl_jobs/constants.py", { with: { type: "text" } }),
  decorators: () => import("../../python/dl_jobs/decorators.py", { with: { type: "text" } }),
  helpers: () => import("../../python/dl_jobs/helpers.py", { with: { type: "text" } }),
  image_map: () => import("../../python/dl_jobs/image_map.py", { with: { type: "text" } }),
  job: () => import("../../python/dl_jobs/job.py", { with: { type: "text" } }),
  nd_json: () => import("../../python/dl_jobs/nd_json.py", { with: { type: "text" } }),
  utils: () => import("../../python/dl_jobs/utils.py", { with: { type: "text" } }),
  // The package shares these with the worker.
  "worker.__init__": () =>
    import("../../python/dl_jobs/worker/__init__.py", { with: { type: "text" } }),
  "worker.results": () =>
    import("../../python/dl_jobs/worker/results.py", { with: { type: "text" } }),
  "worker.signature": () =>
    import("../../python/dl_jobs/worker/signature.py", { with: { type: "text" } }),
  "worker.sources": () =>
    import("../../python/dl_jobs/worker/sources.py", { with: { type: "text" } }),
  "worker.values": () =>
    import("../../python/dl_jobs/worker/values.py", { with: { type: "text" } }),
};

const INIT = ".__init__";

/** A module of the package: its path in tracebacks, true for a package, and its text. */
export type PackageSource = readonly [path: string, isPackage: boolean, text: string];

/** Returns the modules of the package by their import paths, such as `dl_jobs.job`. */
export async function packageSources(): Promise<Record<string, PackageSource>> {
  const entries = Object.entries(await loadTexts(MODULES)).map(([name, text]) => {
    const module = `dl_jobs.${name}`, path = `/<dl_jobs>/${module.replaceAll(".", "/")}.py`;
    const isPackage = module.endsWith(INIT);
    return [isPackage ? module.slice(0, -INIT.length) : module, [path, isPackage, text]] as const;
  });
  return Object.fromEntries(entries);
}
