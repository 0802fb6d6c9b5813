/**
 * The filters of placeholders: `{path|stem}`.
 *
 * @module
 */

/** The filter that returns the JSON of a value. */
export const JSON_FILTER = "json";

/**
 * The filters of paths, by name. `a/b.tar.gz` has the name `b.tar.gz`, the stem `b.tar`, the
 * extension `.gz` and the folder `a`.
 */
export const PATH_FILTERS: Readonly<Record<string, (path: string) => string>> = {
  /** The last part of a path. */
  name: nameOf,
  /** The last part of a path, without its extension. */
  stem: (path) => nameOf(path).slice(0, extensionStart(nameOf(path))),
  /** The folder of a path; `.` when it names none. */
  dir: folderOf,
  /** The host of a URL, with its port if it has one. */
  host: hostOf,
  /** The extension of a path with its dot; empty when it has none. */
  ext: (path) => nameOf(path).slice(extensionStart(nameOf(path))),
};

/** The names of all filters. */
export const FILTER_NAMES: readonly string[] = [...Object.keys(PATH_FILTERS), JSON_FILTER];

function nameOf(path: string): string {
  const own = withoutSlashes(path);
  return own.slice(own.lastIndexOf("/") + 1);
}

function folderOf(path: string): string {
  const own = withoutSlashes(path), end = own.lastIndexOf("/");
  if (end < 0) return path.startsWith("/") ? "/" : ".";
  return withoutSlashes(own.slice(0, end)) || "/";
}

/** Returns the host of a URL; the text itself when it is not a URL with a host. */
function hostOf(text: string): string {
  return /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(text)?.[1]?.toLowerCase() ?? text;
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** Returns the offset of a name's extension. A name such as `.profile` has none. */
function extensionStart(name: string): number {
  const dot = name.lastIndexOf(".");
  return dot < 0 || /^\.*$/.test(name.slice(0, dot)) ? name.length : dot;
}
