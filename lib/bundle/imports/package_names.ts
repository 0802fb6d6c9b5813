/**
 * The names that a module can import because of its package.json and its workspace.
 *
 * @module
 */

import { isDict } from "../../util/is_dict.ts";
import { exists, isFile } from "../../util/files/fs.ts";
import { fromFileUrl, toFileUrl } from "../../util/paths.ts";
import {
  DENO_CONFIGS,
  filesAbove,
  foldersAbove,
  readConfig,
  type Workspace,
} from "../modules/config_files.ts";

/** The parts of a build that find packages. */
export interface PackageFinder {
  /** Finds the file of a package in `node_modules`; `undefined` when there is no such file. */
  find(name: string, folder: string): Promise<string | undefined>;
  /** Receives the path of each file on which the names depend. */
  watch(path: string): void;
}

/**
 * Returns the names of members of the workspace and of packages, with their addresses, for the
 * imports whose names are known only at run time. Deno itself resolves the others.
 *
 * @param module the URL of the module, which is a local file
 * @param workspace the workspace of the module
 */
export async function packageNames(
  module: string,
  workspace: Workspace | undefined,
  finder: PackageFinder,
): Promise<Record<string, string>> {
  const [packages, members] = await Promise.all([
    dependencies(module, finder),
    workspace ? memberNames(workspace, finder) : {},
  ]);
  return { ...packages, ...members };
}

/** Returns the packages of the nearest package.json. */
async function dependencies(
  module: string,
  finder: PackageFinder,
): Promise<Record<string, string>> {
  const url = filesAbove(module, ["package.json"]).find(isFile), found: Record<string, string> = {};
  const values = url && await readConfig(url);
  for (const part of [values?.devDependencies, values?.dependencies]) {
    for (const [name, range] of Object.entries(isDict(part) ? part : {})) {
      const places = foldersAbove(module)
        .map(({ href }) => fromFileUrl(`${href}node_modules/${name}/package.json`));
      places.forEach(finder.watch);
      const isThere = places.some(exists), folder = fromFileUrl(new URL(".", url).href);
      const path = isThere ? await finder.find(name, folder) : undefined;
      if (path !== undefined) found[name] = toFileUrl(path);
      else if (!isThere) Object.assign(found, addresses(name, String(range)));
    }
  }
  return found;
}

const RANGE = /^[\w.^~<>=*+-]+$/, ALIAS = /^npm:[^\s]+$/;

/** Returns the address of a package of the registry, and that of the modules in it. */
function addresses(name: string, range: string): Record<string, string> {
  const address = ALIAS.test(range)
    ? range
    : RANGE.test(range)
    ? `npm:${name}@${range}`
    : undefined;
  if (address === undefined) return {};
  return { [name]: address, [`${name}/`]: `${address.replace(/^npm:/, "npm:/")}/` };
}

/** Returns the exports of the members of a workspace. */
async function memberNames(
  { url, members }: Workspace,
  finder: PackageFinder,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const member of ["./", ...members]) {
    Object.assign(found, await exportsOf(new URL(`${member}/`, url), finder));
  }
  return found;
}

async function exportsOf(folder: URL, { watch }: PackageFinder): Promise<Record<string, string>> {
  const urls = DENO_CONFIGS.map((name) => new URL(name, folder)), url = urls.find(isFile);
  urls.forEach(({ href }) => watch(fromFileUrl(href)));
  const { name, exports } = url && await readConfig(url) || {};
  if (typeof name !== "string") return {};
  const all = isDict(exports) ? exports : { ".": exports };
  const known = Object.entries(all).filter((one): one is [string, string] =>
    typeof one[1] === "string"
  );
  return Object.fromEntries(
    known.map(([path, file]) => [name + path.slice(1), new URL(file, url).href]),
  );
}
