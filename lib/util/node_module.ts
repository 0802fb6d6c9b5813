/**
 * Node's built-in modules, loaded on demand.
 *
 * @module
 */

// Node's `process` is loaded on first use, or before a program that contains an npm package. User
// code may have replaced the global when it is needed.
const found = Object.getOwnPropertyDescriptor(globalThis, "process");

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
  const process: { getBuiltinModule(name: string): Module } = found?.get
    ? found.get.call(globalThis)
    : found?.value;
  return process.getBuiltinModule(name);
}
