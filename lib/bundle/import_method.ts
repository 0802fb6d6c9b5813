/**
 * The import of a user's function into this process.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { shortPath } from "./addresses.ts";
import { buildProgram } from "./build_program.ts";
import { stackOf } from "./diagnostics.ts";
import { readGraph } from "./graph.ts";
import { importCode } from "./import_code.ts";
import type { AnyFunction } from "./parameters.ts";
import { isPythonModule } from "./python/interpreter.ts";
import { userModule } from "./user_module.ts";

/**
 * Imports an export of a user's module into this process. The module's imports of `dl_jobs` resolve
 * to the running library.
 *
 * @returns the function, and the text of the program that contains it.
 *
 * @throws {UsageError} when code cannot be parsed or an import cannot be resolved, when the module
 * throws while it loads, or when the export does not exist or is not a function.
 */
export async function importMethod(
  location: FunctionRef,
): Promise<{ readonly method: AnyFunction; readonly program: string }> {
  if (isPythonModule(location.module)) throw notHere(location.module);
  const entry = `export { default } from "dl-jobs:user";`;
  const { code } = await buildProgram({
    entry,
    ...await userModule(location, {}),
    graph: await readGraph(location.module),
    isWorker: false,
    // This process can do everything, so the caller has checked that the module is trusted.
    permissions: ["--allow-all"],
  });
  const { default: method } = await importCode(code).catch((cause) => {
    throw new UsageError(`Cannot load ${shortPath(location.module)}: ${stackOf(cause)}`, { cause });
  });
  if (typeof method === "function") return { method: method as AnyFunction, program: code };
  throw new UsageError(
    `Cannot call "${location.method}" of ${shortPath(location.module)}: it is not a function`,
  );
}

function notHere(module: string): UsageError {
  return new UsageError(
    `Cannot load ${
      shortPath(module)
    }: it is a Python module, and a TypeScript or JavaScript module ` +
      "is needed here",
  );
}
