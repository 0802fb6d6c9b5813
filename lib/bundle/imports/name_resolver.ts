/**
 * The resolution of names at run time: `import.meta.resolve(name)`, and the `import(name)` of a name
 * that is not in the text. This module is a part of the programs that need it.
 *
 * @module
 */

import { nodeModule } from "../../util/node_module.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { shareCommon } from "./common_modules.ts";
import { findInPackages, isCommonFile } from "./package_files.ts";

/**
 * Returns a function that resolves a name relative to a module.
 *
 * @param imports the names and the prefixes that the user's modules can import, with their addresses
 * @param base the URL of the module
 */
export function nameResolver(
  imports: Readonly<Record<string, string>>,
  base: string,
): (name: unknown) => string {
  return (given) => {
    const name = String(given);
    // A package does not see the names of the user's modules.
    const own = base.includes("/node_modules/") ? findIfReadable(name, base) : undefined;
    const mapped = own ?? resolveMapped(name, imports);
    if (mapped !== undefined) return mapped;
    if (/^\.{0,2}\//.test(name)) return new URL(name, base).href;
    if (URL.canParse(name)) return new URL(name).href;
    if (isBuiltin(name)) return `node:${name}`;
    const found = findInPackages(name, base);
    if (found !== undefined) return found;
    const error = new TypeError(
      `Relative import path "${name}" not prefixed with / or ./ or ../ from "${base}"; add it to ` +
        '"imports" in deno.json or write it as npm:<name>',
    );
    // Programs recognise an optional package that is not installed by this code.
    throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
  };
}

/** Returns the address of a module of a package; undefined when the program may not read it. */
function findIfReadable(name: string, base: string): string | undefined {
  try {
    return findInPackages(name, base);
  } catch {
    return undefined;
  }
}

/** Imports a module that is not in the program, with optional attributes. */
type Import = (url: string, options?: ImportCallOptions) => Promise<unknown>;

/**
 * Returns a function that imports a module by a name known only at run time. A module that is in
 * the program is not loaded a second time, so its classes and variables stay the same.
 *
 * @param resolve resolves names
 * @param known imports the modules in the program, by their addresses
 * @param knownJson imports the files that are in the program as JSON
 */
export function moduleLoader(
  resolve: (name: unknown) => string,
  known: Readonly<Record<string, () => Promise<unknown>>>,
  knownJson: Readonly<Record<string, () => Promise<unknown>>>,
): (load: Import, name: unknown, options?: ImportCallOptions) => Promise<unknown> {
  return async (load, name, options) => {
    const url = resolve(name);
    const own = options === undefined ? known : options.with?.type === "json" ? knownJson : {};
    if (Object.hasOwn(own, url)) return await own[url]!();
    return options === undefined && isCommonFile(url)
      ? await loadCommon(url)
      : await load(url, options);
  };
}

/**
 * Returns a function that imports one of the files of the program that match a name with variable
 * parts, or else the module at run time, such as a file that the task has written.
 *
 * @param load imports modules at run time
 */
export function matchLoader(
  load: ReturnType<typeof moduleLoader>,
): (other: Import, match: () => Promise<unknown>) => Promise<unknown> {
  return async (other, match) => {
    let found;
    try {
      found = match();
    } catch (error) {
      // The bundler's code throws this when no file matches.
      const [, name] = /^Module not found in bundle: (.*)$/s.exec((error as Error)?.message) ?? [];
      if (name === undefined) throw error;
      return await load(other, name);
    }
    return await found;
  };
}

/** Loads a CommonJS module, which Deno imports only as a part of a package that it resolves itself. */
function loadCommon(url: string): Promise<unknown> {
  return new Promise((resolve) => {
    const { createRequire } = nodeModule<typeof import("node:module")>("node:module");
    shareCommon();
    const exports = createRequire(url)(fromFileUrl(url));
    if (Object.prototype.toString.call(exports) === "[object Module]") return resolve(exports);
    resolve({ ...exports, default: exports, "module.exports": exports });
  });
}

function resolveMapped(name: string, imports: Readonly<Record<string, string>>) {
  if (Object.hasOwn(imports, name)) return imports[name];
  // The longest prefix applies.
  const prefix = Object.keys(imports)
    .filter((key) => key.endsWith("/") && name.startsWith(key))
    .sort((a, b) => b.length - a.length)[0];
  return prefix === undefined ? undefined : imports[prefix] + name.slice(prefix.length);
}

/** Returns true for the name of a built-in module of Node. */
export function isBuiltin(name: string): boolean {
  return nodeModule(name) !== undefined;
}
