/**
 * The addresses of modules, in the forms of the bundler, of Deno and of users.
 *
 * @module
 */

import { fromFileUrl, toFileUrl } from "../../util/paths.ts";

/** The URL of the library's folder `lib/`. */
export const LIB: string = new URL("../../", import.meta.url).href;
/** The URL of the library's module `mod.ts`. */
export const MOD: string = new URL("../../../mod.ts", import.meta.url).href;

/** The bundler's namespace for modules from the network. */
export const REMOTE = "remote";

/** The loaders of the bundler for code. */
export type CodeLoader = "ts" | "tsx" | "js" | "jsx";

/** Matches the file names of code modules. The group is the name of the bundler's loader. */
export const CODE = /\.[mc]?([jt]sx?)$/i;
// To Deno, a local file without an ending is TypeScript.
const NO_ENDING = /(?:^|\/)\.?[^./]+$/;

/** Returns the bundler's loader for a file; `undefined` for a file that is not code. */
export function loaderOf(path: string): CodeLoader | undefined {
  const [, ending] = CODE.exec(path) ?? [];
  return ending?.toLowerCase() as CodeLoader | undefined ??
    (NO_ENDING.test(path) ? "ts" : undefined);
}

/** Removes the bundler's namespace from the start of an address. */
export function withoutNamespace(file: string): string {
  return file.replace(new RegExp(`^${REMOTE}:`), "");
}

/**
 * Returns the URL of an importer. The bundler passes a path, a URL, or the name of a program part.
 */
export function toUrl(importer: string): string {
  if (/^[a-z]+:/.test(importer)) return importer;
  return toFileUrl(importer.startsWith("/") ? importer : `${Deno.cwd()}/`);
}

/** Returns true for a module of a package in a folder `node_modules`. */
export function isInPackage(path: string): boolean {
  return path.includes("/node_modules/");
}

/** Returns true for a module of the library, or for a file of its Python package. */
export function isLibrary(importer: string): boolean {
  const isPath = importer.startsWith("/"), address = isPath ? importer : toUrl(importer);
  const [mod, ...folders] = isPath ? OWN_PATHS : OWN_URLS;
  return address === mod || folders.some((folder) => address.startsWith(folder));
}

// The library imports the files of the last folder as texts.
const OWN_URLS = [MOD, LIB, new URL("../python/", LIB).href];
// A URL for each path that is tested would take longer than the test.
const OWN_PATHS = OWN_URLS.filter((url) => url.startsWith("file:")).map(fromFileUrl);
