/**
 * The addresses of modules, as the bundler, Deno and users write them.
 *
 * @module
 */

import { fromFileUrl, toFileUrl } from "../util/paths.ts";

/** The bundler's namespace for modules from the network. */
export const REMOTE = "remote";

/** Matches the names of modules with code in them. The group is the name of the bundler's loader. */
export const CODE = /\.[mc]?([jt]sx?)$/;

/** Returns an address without the namespace that the bundler puts before it. */
export function withoutNamespace(file: string): string {
  return file.replace(new RegExp(`^${REMOTE}:`), "");
}

/** Returns the URL of an importer. The bundler names it by a path, a URL, or a part of the program. */
export function toUrl(importer: string): string {
  if (/^[a-z]+:/.test(importer)) return importer;
  return toFileUrl(importer.startsWith("/") ? importer : `${Deno.cwd()}/`);
}

/** Returns a module's address for a user: the path from the working directory where it is below. */
export function shortPath(module: string): string {
  if (!module.startsWith("file:")) return module;
  const path = fromFileUrl(module), cwd = `${Deno.cwd()}/`;
  return path.startsWith(cwd) ? path.slice(cwd.length) : path;
}
