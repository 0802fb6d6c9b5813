/**
 * Node's built-in modules, loaded on demand.
 *
 * @module
 */

// Node's `process` is loaded on first use. User code may have replaced the global by then.
const getProcess = Object.getOwnPropertyDescriptor(globalThis, "process")?.get;

/**
 * Returns a built-in module of Node, or `undefined` for any other name. Unlike an import, the call
 * does not load the module at startup, which is slow.
 *
 * @example
 * ```ts
 * import { nodeModule } from "./node_module.ts";
 *
 * const { basename } = nodeModule<typeof import("node:path")>("node:path");
 * if (basename("/data/a.csv") !== "a.csv") throw new Error("another name");
 * ```
 *
 * @param name the name, such as `node:path`
 */
export function nodeModule<Module>(name: string): Module {
  const process = getProcess?.call(globalThis) as { getBuiltinModule(name: string): Module };
  return process.getBuiltinModule(name);
}
