/**
 * The CommonJS modules of a program, which Node finds instead of their files when it requires
 * modules at run time, such as `require("./plugins/" + name)`. This module is a part of the programs
 * that have CommonJS modules.
 *
 * @module
 */

import { nodeModule } from "../../util/node_module.ts";

/** A CommonJS module, in the form of Node. */
interface CommonModule {
  exports: unknown;
  /** Removes the module, whose code has thrown an error. The function of the bundler calls it. */
  forget?(): void;
}

const own = new Map<string, CommonModule>();
/** The modules that Node has loaded, once the program shares its own with them. */
let cache: Record<string, CommonModule> | undefined;

/**
 * Adds a module of the program, before its code runs.
 *
 * @returns true when Node has loaded the file already; the module then has the same exports.
 */
export function addCommon(module: CommonModule, filename: string): boolean {
  const found = cache?.[filename];
  if (found && found !== own.get(filename)) {
    module.exports = found.exports;
    return true;
  }
  // Node changes the exports of a module that it finds before it is loaded.
  const entry: CommonModule = Object.create(module, { loaded: { value: true } });
  own.set(filename, entry);
  if (cache) cache[filename] = entry;
  Object.defineProperty(module, "forget", { value: () => removeCommon(filename) });
  return false;
}

function removeCommon(filename: string): void {
  own.delete(filename);
  if (cache) delete cache[filename];
}

/** Shares the modules of the program. Loading Node's loader takes some milliseconds. */
export function shareCommon(): void {
  if (cache) return;
  cache = nodeModule<{ _cache: Record<string, CommonModule> }>("node:module")._cache;
  for (const [filename, module] of own) cache[filename] ??= module;
}
