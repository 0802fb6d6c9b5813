/**
 * Splits paths, and converts between paths and `file:` URLs.
 *
 * The separator is a slash, as on Linux and macOS.
 *
 * @module
 */

/**
 * Returns the folder of a path without a trailing slash, or `.` for a path without a folder.
 *
 * @example
 * ```ts
 * import { dirname } from "./paths.ts";
 *
 * if (dirname("/data/a/b.csv") !== "/data/a") throw new Error("another folder");
 * ```
 */
export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

/** Returns the last part of a path. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Returns a path with the home of the user in place of `~/`, as in a shell. No shell does this in a
 * config file, `--python=~/bin/python` or `glob:~/data/*.tif`.
 */
export function withHome(path: string): string {
  const home = Deno.env.get("HOME");
  return home && path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
}

/** Returns a path from the root. A relative path starts at the current folder. */
export function absolutePath(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/**
 * Returns the `file:` URL of an absolute path, which may contain any characters. It is the URL to
 * which Deno resolves an import of the file, so a module has one URL.
 */
export function toFileUrl(path: string): string {
  const escaped = encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href.replace(LITERAL, decodeURIComponent);
}

// The characters that encodeURI() encodes and a URL does not. After one letter, a bar would be the
// colon of a drive.
const LITERAL = /%(?:5B|5D|5E)|(?<!^file:\/\/\/[a-z])%7C/gi;

/** Returns the path of a `file:` URL. */
export function fromFileUrl(url: string): string {
  // A percent sign that encodes nothing is a part of the name.
  return decodeURIComponent(new URL(url).pathname.replace(/%(?![\da-f]{2})/gi, "%25"));
}

/** Returns a path as it is shown to the user: relative when it is below the working folder. */
export function shownPath(path: string): string {
  const folder = `${Deno.cwd()}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/**
 * Returns the address to show to a user. The path of a file below the working directory is
 * relative.
 */
export function shortPath(module: string): string {
  return module.startsWith("file:") ? shownPath(fromFileUrl(module)) : module;
}
