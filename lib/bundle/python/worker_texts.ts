/**
 * The files of the Python worker, as text.
 *
 * @module
 */

import { type LoadText, loadTexts } from "../../util/text_files.ts";

/** The module that finds the others. */
const FINDER: LoadText = () =>
  import("../../../python/dl_jobs/worker/sources.py", { with: { type: "text" } });

/** The modules of the worker. */
const MODULES: Readonly<Record<string, LoadText>> = {
  arguments: () =>
    import("../../../python/dl_jobs/worker/arguments.py", { with: { type: "text" } }),
  asynchronous: () =>
    import("../../../python/dl_jobs/worker/asynchronous.py", { with: { type: "text" } }),
  channel: () => import("../../../python/dl_jobs/worker/channel.py", { with: { type: "text" } }),
  concurrent: () =>
    import("../../../python/dl_jobs/worker/concurrent.py", { with: { type: "text" } }),
  context: () => import("../../../python/dl_jobs/worker/context.py", { with: { type: "text" } }),
  errors: () => import("../../../python/dl_jobs/worker/errors.py", { with: { type: "text" } }),
  handlers: () => import("../../../python/dl_jobs/worker/handlers.py", { with: { type: "text" } }),
  instances: () =>
    import("../../../python/dl_jobs/worker/instances.py", { with: { type: "text" } }),
  main: () => import("../../../python/dl_jobs/worker/main.py", { with: { type: "text" } }),
  models: () => import("../../../python/dl_jobs/worker/models.py", { with: { type: "text" } }),
  plain: () => import("../../../python/dl_jobs/worker/plain.py", { with: { type: "text" } }),
  process_end: () =>
    import("../../../python/dl_jobs/worker/process_end.py", { with: { type: "text" } }),
  reduce: () => import("../../../python/dl_jobs/worker/reduce.py", { with: { type: "text" } }),
  responses: () =>
    import("../../../python/dl_jobs/worker/responses.py", { with: { type: "text" } }),
  results: () => import("../../../python/dl_jobs/worker/results.py", { with: { type: "text" } }),
  runner: () => import("../../../python/dl_jobs/worker/runner.py", { with: { type: "text" } }),
  signature: () =>
    import("../../../python/dl_jobs/worker/signature.py", { with: { type: "text" } }),
  sources: FINDER,
  stdio: () => import("../../../python/dl_jobs/worker/stdio.py", { with: { type: "text" } }),
  values: () => import("../../../python/dl_jobs/worker/values.py", { with: { type: "text" } }),
};

/** The start of a program, after its variables. */
const PROGRAM: LoadText = () =>
  import("../../../python/dl_jobs/worker/program.py", { with: { type: "text" } });

/** The program that reads the imports of a module. */
const SCAN: LoadText = () =>
  import("../../../python/dl_jobs/worker/scan.py", { with: { type: "text" } });

/** A module in a program: its path, true for a package, and its text unless it is only a folder. */
export type PythonSource = readonly [path: string, isPackage: boolean, text: string | null];

/** Returns the modules of the worker, by the names under which a program imports them. */
export async function workerSources(): Promise<Record<string, PythonSource>> {
  const modules = Object.entries(await loadTexts(MODULES)).map(([name, text]) =>
    [`_dl_jobs_worker.${name}`, [`/<dl_jobs>/${name}.py`, false, text]] as const
  );
  return { _dl_jobs_worker: ["/<dl_jobs>/__init__.py", true, ""], ...Object.fromEntries(modules) };
}

/** Returns the text of the module with which a program finds its modules. */
export async function finderText(): Promise<string> {
  return (await FINDER()).default;
}

/** Returns the text with which a program starts the worker. */
export async function startText(): Promise<string> {
  return (await PROGRAM()).default;
}

/** Returns the text of the program that reads the imports of a module. */
export async function scanText(): Promise<string> {
  return (await SCAN()).default;
}
