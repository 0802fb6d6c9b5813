/**
 * Finds the paths that match a pattern.
 *
 * @module
 */

import { isDirectory, lstatIfThere } from "./fs.ts";
import { parsePatterns, type PathPart, type PathPattern } from "./glob_pattern.ts";

/** The rest of a pattern that the names in a folder must match. */
type Rest = Omit<PathPattern, "root">;

/** A path in a folder, and the order of its name. */
interface Entry {
  /** The name, with a slash after it for the paths in it. */
  readonly key: string;
  /** The path, if it matches. */
  readonly path?: string | undefined;
  /** The patterns of the paths in it. */
  readonly inside?: readonly Rest[] | undefined;
}

/** Receives a folder that cannot be read, and the reason. */
export type FolderListener = (folder: string, reason: string) => void;

/**
 * Yields the paths that match a pattern, as bash with the option `globstar` finds them, in the order
 * of their bytes. Only one folder of each level is in memory.
 *
 * A name that starts with a dot matches only a pattern that does. `**` does not follow links to
 * folders, except that the last of its folders may be a link.
 *
 * @example
 * ```ts
 * import { findPaths } from "./glob.ts";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.mkdirSync(`${folder}/a`);
 * for (const name of ["a/x.tif", "b.tif", ".c.tif"]) Deno.writeTextFileSync(`${folder}/${name}`, "");
 * const found = [...findPaths(`${folder}/**\/*.tif`)].map((path) => path.slice(folder.length));
 * if (found.join() !== "/a/x.tif,/b.tif") throw new Error(found.join());
 * ```
 *
 * @param pattern the pattern
 * @param onUnreadable receives a folder that the user may not read, which is left out
 */
export function* findPaths(
  pattern: string,
  onUnreadable: FolderListener = () => {},
): Generator<string> {
  const patterns = parsePatterns(pattern);
  for (const root of ["", "/"]) {
    const rest = patterns.filter((one) => one.root === root);
    if (rest.length > 0) yield* pathsIn(root, rest, onUnreadable);
  }
}

function* pathsIn(
  folder: string,
  rests: readonly Rest[],
  onUnreadable: FolderListener,
): Generator<string> {
  for (const { path, key, inside } of entriesOf(folder, withoutFolders(rests), onUnreadable)) {
    if (path !== undefined) yield path;
    if (inside) yield* pathsIn(folder + key, inside, onUnreadable);
  }
}

/** Adds the patterns in which a leading `**` matches no folder. */
function withoutFolders(rests: readonly Rest[]): readonly Rest[] {
  const more = rests.filter(({ parts: [first, ...others] }) =>
    first?.type === "folders" && others.length > 0
  );
  if (more.length === 0) return rests;
  return [
    ...rests,
    ...withoutFolders(more.map((rest) => ({ ...rest, parts: rest.parts.slice(1) }))),
  ];
}

/** Returns the paths in a folder that match or may contain matches, in order. */
function entriesOf(
  folder: string,
  rests: readonly Rest[],
  onUnreadable: FolderListener,
): Entry[] {
  const names = new Map<string, { isFolder: boolean; isLink: boolean }>();
  const first = rests.map(({ parts: [part] }) => part);
  if (first.some((part) => part?.type !== "name")) {
    for (const one of readFolder(folder, onUnreadable)) {
      names.set(one.name, { isFolder: one.isDirectory, isLink: one.isSymlink });
    }
  }
  for (const part of first) if (part?.type === "name") addName(names, folder, part.name);
  const entries: Entry[] = [];
  for (const [name, kind] of names) addEntries(entries, folder, name, kind, rests);
  return entries.sort((a, b) => orderOfBytes(a.key, b.key));
}

type Kind = { readonly isFolder: boolean; readonly isLink: boolean };

/** Adds the entries of a name: the path itself, and the paths in it. */
function addEntries(
  entries: Entry[],
  folder: string,
  name: string,
  kind: Kind,
  rests: readonly Rest[],
): void {
  const inside: Rest[] = [];
  let isMatch = false, isFolderMatch = false;
  for (const rest of rests) {
    const [part, ...others] = rest.parts;
    if (!part || !isPart(part, name)) continue;
    if (part.type === "folders" && !kind.isLink) inside.push(rest);
    else if (others.length > 0 && (part.type !== "folders" || part.entersLinks)) {
      inside.push({ ...rest, parts: others });
    }
    if (others.length === 0 && rest.isFolder) isFolderMatch = true;
    else if (others.length === 0) isMatch = true;
  }
  if (isMatch) entries.push({ key: name, path: folder + name });
  if (!isFolderMatch && inside.length === 0) return;
  if (!kind.isFolder && !(kind.isLink && isDirectory(folder + name))) return;
  const path = isFolderMatch ? `${folder}${name}/` : undefined;
  entries.push({ key: `${name}/`, path, inside: inside.length > 0 ? inside : undefined });
}

function isPart(part: PathPart, name: string): boolean {
  if (part.type === "name") return part.name === name;
  if (part.type === "pattern") return part.matches(name);
  return !name.startsWith(".");
}

function readFolder(folder: string, onUnreadable: FolderListener): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(folder || ".")];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    onUnreadable(folder || ".", (error as Error).message.replace(/: readdir .*/s, ""));
    return [];
  }
}

/** Adds a name that the pattern states, if it exists. It may be `..`, or be in a hidden list. */
function addName(names: Map<string, Kind>, folder: string, name: string): void {
  if (names.has(name)) return;
  const found = lstatIfThere(folder + name);
  if (found) names.set(name, { isFolder: found.isDirectory, isLink: found.isSymlink });
}

/** Compares texts by their bytes in UTF-8. */
function orderOfBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const one = a.charCodeAt(at), other = b.charCodeAt(at);
    if (one !== other) return rank(one) - rank(other);
  }
  return a.length - b.length;
}

/** Places surrogates, which are parts of the longest characters, after all other units. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
