/**
 * The import of a user's function into this process.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { UsageError } from "../util/errors.ts";
import { cachedLocal } from "./program/cache.ts";
import { stackOf } from "./build/diagnostics.ts";
import { configUrl } from "./modules/import_map.ts";
import { importCode } from "./import_code.ts";
import { ImportError } from "./import_place.ts";
import type { AnyFunction } from "./program/parameters.ts";
import { isPythonModule } from "./function/interpreter.ts";
import type { BuiltProgram } from "./program/program.ts";
import { type UserModule, userModule } from "./program/user_module.ts";
import { shortPath } from "../util/paths.ts";

/**
 * Imports an export of a user's module into this process. The module's imports of `dl_jobs` resolve
 * to the running library.
 *
 * @param location the module, and the name of the export
 * @param cache the folder of the cache. @default {without a cache}
 * @returns the function, and the text of the program that contains it.
 *
 * @throws {UsageError} when code cannot be parsed or an import cannot be resolved, when the module
 * throws while it loads, or when the export does not exist or is not a function.
 */
export async function importMethod(
  location: FunctionRef,
  cache?: string,
): Promise<{ readonly method: AnyFunction; readonly program: string }> {
  if (isPythonModule(location.module)) throw notHere(location.module);
  const user = await userModule(location, {}), make = () => build(user, location.module);
  const keyOf = () => ["method", configUrl(location.module), user.user];
  const { code } = await cachedLocal(cache, location.module, keyOf, make);
  const { default: method } = await importCode(code).catch((cause) => {
    if (cause instanceof ImportError) throw cause;
    throw new UsageError(`Cannot load ${shortPath(location.module)}: ${stackOf(cause)}`, { cause });
  });
  if (typeof method === "function") return { method: method as AnyFunction, program: code };
  throw new UsageError(
    `Cannot call "${location.method}" of ${shortPath(location.module)}: it is not a function`,
  );
}

async function build(user: UserModule, module: string): Promise<BuiltProgram> {
  // A program from the cache needs none of these modules.
  const [{ buildProgram }, { readGraph }] = await Promise.all([
    import("./build/build_program.ts"),
    import("./modules/graph.ts"),
  ]);
  // This process can do everything, so the caller has checked that the module is trusted.
  const permissions = ["--allow-all"];
  return await buildProgram({
    entry: `export { default } from "dl-jobs:user";`,
    ...user,
    graph: await readGraph(module, permissions),
    isWorker: false,
    permissions,
  });
}

function notHere(module: string): UsageError {
  return new UsageError(
    `Cannot load ${shortPath(module)}: it is a Python module, and a TypeScript or JavaScript ` +
      "module is needed here",
  );
}
