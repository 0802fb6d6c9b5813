/**
 * The imports of the packages in `node_modules`, resolved by the rules of Node.
 *
 * The bundler resolves an import for a plugin, but then reads all folders above the module again. A
 * large package has thousands of imports, and most of them name a file of the package. Such an import
 * is resolved here. The bundler resolves each of the others once, for all builds of a program.
 *
 * @module
 */

import type { EsbuildHooks, OnResolveArgs, ResolveOptions } from "../../deps.ts";
import { basename, dirname } from "../../util/paths.ts";
import { isInPackage } from "../modules/addresses.ts";

/** The place of an import, in the form of the bundler. */
export interface PackageImport {
  readonly path: string;
  readonly external?: boolean;
  readonly suffix?: string;
  readonly namespace?: string;
  readonly sideEffects: true;
}

/** An import to resolve. */
export type Asked = Pick<
  OnResolveArgs,
  "path" | "importer" | "kind" | "namespace" | "resolveDir" | "with"
>;

/**
 * The endings that the bundler adds to a name, in its order. The first three are those of Node, which
 * takes a compiled file and not the TypeScript beside it.
 */
export const ENDINGS = [".js", ".json", ".node", ".jsx", ".ts", ".tsx"];

/** Marks an import that the bundler resolves by itself. */
export const BY_NODE = "by node";

/** Resolves imports by the rules of Node. Reads each folder once, as the bundler does in a build. */
export class PackageImports {
  readonly #folders = new Map<string, Folder | undefined>();
  readonly #found = new Map<string, Promise<PackageImport | undefined>>();

  /**
   * Resolves an import as the bundler does. Deno runs all modules of a package, also if the package
   * declares that its modules have no side effects.
   *
   * @returns the place of the module; undefined when the bundler does not find it
   */
  resolve(
    bundler: Pick<EsbuildHooks, "resolve">,
    asked: Asked,
  ): Promise<PackageImport | undefined> | PackageImport {
    const { path: name, kind, namespace, resolveDir, with: attributes } = asked;
    if (namespace !== "file") return askBundler(bundler, asked);
    const path = RELATIVE.test(name) ? this.#fileOf(join(resolveDir, name)) : undefined;
    if (path !== undefined) return { path, namespace: "file", sideEffects: true };
    const folder = BARE.test(name) ? this.#scopeOf(resolveDir) : resolveDir;
    const key = JSON.stringify([kind, name, folder, attributes]);
    const found = this.#found.get(key) ?? askBundler(bundler, asked);
    this.#found.set(key, found);
    return found;
  }

  /**
   * Returns the file of a package for a path, whose ending `.js` may be missing. Returns undefined
   * for links and folders, and outside of packages.
   */
  #fileOf(path: string): string | undefined {
    if (!isInPackage(path)) return undefined;
    const folder = this.#folderAt(dirname(path)), name = basename(path);
    const entry = folder?.entries.get(name);
    if (entry?.isFile) return `${folder!.path}/${name}`;
    if (entry?.isSymlink) return undefined;
    return folder?.entries.get(`${name}.js`)?.isFile ? `${folder.path}/${name}.js` : undefined;
  }

  /**
   * Returns the nearest folder that decides on the names of packages: all folders of a package have
   * the same packages unless they contain a package.json or packages.
   */
  #scopeOf(folder: string): string {
    for (let path = folder; isInPackage(path); path = dirname(path)) {
      const entries = this.#folderAt(path)?.entries;
      if (!entries || entries.has("package.json") || entries.has("node_modules")) return path;
    }
    return folder;
  }

  #folderAt(path: string): Folder | undefined {
    if (!this.#folders.has(path)) this.#folders.set(path, readFolder(path));
    return this.#folders.get(path);
  }
}

// A relative path that does not end like the path of a folder.
const RELATIVE = /^\.\.?\/(?:.*\/)?(?!\.\.?$)[^/]+$/;
// The name of a package or of a part of it.
const BARE = /^[^./]/;

/** A folder. */
interface Folder {
  /** Its path without links. */
  readonly path: string;
  readonly entries: ReadonlyMap<string, Deno.DirEntry>;
}

function readFolder(path: string): Folder | undefined {
  try {
    const entries = Deno.readDirSync(path);
    return {
      path: Deno.realPathSync(path),
      entries: new Map(Array.from(entries, (entry) => [entry.name, entry])),
    };
  } catch {
    // The bundler reports a folder that does not exist.
    return undefined;
  }
}

/** Returns the path of a relative name, as the bundler joins them: links are not followed. */
function join(folder: string, name: string): string {
  const parts = folder.split("/");
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

async function askBundler(
  bundler: Pick<EsbuildHooks, "resolve">,
  { path: name, importer, kind, namespace, resolveDir, with: attributes }: Asked,
): Promise<PackageImport | undefined> {
  const options = { importer, kind, namespace, resolveDir, with: attributes, pluginData: BY_NODE };
  const { path, errors, ...rest } = await bundler.resolve(name, options as ResolveOptions);
  if (errors.length > 0) return undefined;
  const { external, suffix, namespace: found } = rest;
  return { path, external, suffix, namespace: found, sideEffects: true };
}
