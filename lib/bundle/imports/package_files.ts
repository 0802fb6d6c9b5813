/**
 * The files of packages in `node_modules`, found at run time by the rules of Node. This module is a
 * part of the programs that compute names of imports.
 *
 * @see {@link https://nodejs.org/api/esm.html#resolution-algorithm-specification}
 *
 * @module
 */

import { isDict } from "../../util/is_dict.ts";
import { dirname, fromFileUrl, toFileUrl } from "../../util/paths.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * Returns the address of a module of a package, such as `dayjs/locale/de.js`; undefined when no
 * package has it.
 *
 * @param name the name in the import; `#name` is one of the importing package itself
 * @param base the URL of the module that imports it
 * @throws {Deno.errors.NotCapable} when the program may not read the packages.
 */
export function findInPackages(name: string, base: string): string | undefined {
  if (!base.startsWith("file:")) return undefined;
  const folders = foldersAbove(fromFileUrl(base));
  if (name.startsWith("#")) return findOwn(name, folders);
  const [, packageName, rest] = NAME.exec(name) ?? [];
  if (packageName === undefined) return undefined;
  const subpath = `.${rest}`;
  let own: Values | undefined;
  for (const folder of folders) {
    if (!own) {
      own = readPackage(folder);
      if (own?.name === packageName && own.exports) return fileOf(folder, own, subpath);
    }
    const place = `${folder}/node_modules/${packageName}`, values = readPackage(place);
    if (values) return fileOf(place, values, subpath);
  }
  return undefined;
}

// The name of a package, and the rest of the path.
const NAME = /^((?:@[^/\\%]+\/)?[^./\\%@:#][^/\\%:]*)((?:\/.*)?)$/s;

/** Returns the address for a name in the `imports` of the nearest package, such as `#lib/a.js`. */
function findOwn(name: string, folders: readonly string[]): string | undefined {
  const [folder, target] = ownTarget(name, folders) ?? [];
  if (!target) return undefined;
  if (target.startsWith("./")) return firstFile(folder!, [target]);
  return URL.canParse(target)
    ? target
    : findInPackages(target, toFileUrl(`${folder}/package.json`));
}

/** Returns the name that `#name` means in the package of a module, such as `node:fs`. */
export function ownName(name: string, base: string): string | undefined {
  if (!name.startsWith("#") || !base.startsWith("file:")) return undefined;
  return ownTarget(name, foldersAbove(fromFileUrl(base)))?.[1];
}

/** Returns the nearest package, and the target of a name in its `imports`. */
function ownTarget(
  name: string,
  folders: readonly string[],
): [folder: string, target: string | undefined] | undefined {
  const [folder, values] = nearestPackage(folders) ?? [];
  if (folder === undefined || !isDict(values?.imports)) return undefined;
  return [folder, targetIn(values.imports, name) ?? undefined];
}

/** Returns true for a file of a package that is a CommonJS module. */
export function isCommonFile(url: string): boolean {
  if (!url.startsWith("file:") || !url.includes("/node_modules/")) return false;
  if (!/(?:\.c?js|\/[^./]+)$/.test(url)) return false;
  const path = fromFileUrl(url);
  return path.endsWith(".cjs") || nearestPackage(foldersAbove(path))?.[1].type !== "module";
}

/** Returns the first folder with a package.json. The program may be unable to read those above it. */
function nearestPackage(folders: readonly string[]): [folder: string, Values] | undefined {
  for (const folder of folders) {
    const values = readPackage(folder);
    if (values) return [folder, values];
  }
  return undefined;
}

/** Returns the folders that contain a file, from the innermost. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) folders.push(folder);
  return [...folders, ""];
}

/** Returns the values of the package.json in a folder; undefined when there is none, or no JSON. */
function readPackage(folder: string): Values | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

function fileOf(folder: string, { exports, main }: Values, subpath: string): string | undefined {
  const start = typeof main === "string" ? `./${main}` : "./index.js";
  const paths = exports
    ? [targetOf(exports, subpath)]
    : subpath === "."
    ? [start, `${start}.js`, `${start}/index.js`]
    : [subpath];
  return firstFile(folder, paths);
}

/** Returns the address of the first path below a folder that is a file. */
function firstFile(
  folder: string,
  paths: readonly (string | null | undefined)[],
): string | undefined {
  for (const path of paths) {
    if (!path?.startsWith("./")) continue;
    try {
      const file = Deno.realPathSync(folder + path.slice(1));
      if (Deno.statSync(file).isFile) return toFileUrl(file);
    } catch {
      // The next path may exist.
    }
  }
  return undefined;
}

/** Returns the path for which the exports of a package have a subpath. */
function targetOf(exports: unknown, subpath: string): string | null | undefined {
  const hasPaths = isDict(exports) && Object.keys(exports).some((key) => key.startsWith("."));
  return targetIn(hasPaths ? exports : { ".": exports }, subpath);
}

/** Returns the path for a key, which may match a pattern. */
function targetIn(map: Values, subpath: string): string | null | undefined {
  if (Object.hasOwn(map, subpath)) return choose(map[subpath], "");
  const parts = Object.keys(map).map((key) => [key, ...key.split("*")] as const);
  const [best] = parts.filter(([, before, after]) =>
    after !== undefined && subpath.startsWith(before!) && subpath.endsWith(after) &&
    subpath.length >= before!.length + after.length
  ).sort(([key, a], [other, b]) => b!.length - a!.length || other.length - key.length);
  if (!best) return undefined;
  const [key, before, after] = best;
  return choose(map[key], subpath.slice(before!.length, subpath.length - after!.length));
}

const CONDITIONS = ["deno", "node", "import", "module-sync", "default"];

/** Returns the first target that applies; null for a path that is not exported. */
function choose(target: unknown, star: string): string | null | undefined {
  if (typeof target === "string") return target.replaceAll("*", () => star);
  if (target === null) return null;
  const parts = Array.isArray(target) ? target : Object.entries(isDict(target) ? target : {})
    .filter(([condition]) => CONDITIONS.includes(condition)).map(([, value]) => value);
  for (const part of parts) {
    const found = choose(part, star);
    if (found !== undefined) return found;
  }
  return undefined;
}
