/**
 * The files of Python modules that a job sends to machines without a shared folder.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";
import { importRoots } from "./data_files.ts";

/** The paths of files here, by their paths on the other machine. */
type Files = Record<string, string>;

/**
 * Finds the files of Python modules, in an import root.
 *
 * @param modules the names by which they are imported
 * @param isPython true for the modules of a Python function, which finds folders without an
 * `__init__.py` here, too
 * @throws {UsageError} when a module does not exist.
 */
export function findModules(modules: readonly string[], isPython: boolean): Files {
  return Object.assign({}, ...modules.map((name) => oneModule(name, isPython)));
}

/** Returns the files of a module. */
function oneModule(name: string, isPython: boolean): Files {
  const path = name.replaceAll(".", "/");
  for (const root of importRoots()) {
    const files = {
      ...packageFiles(root, path, isPython),
      ...fileAt(root, `${path}.py`),
      ...fileAt(root, `${path}.pyx`),
    };
    if (Object.keys(files).length > 0) {
      return { ...parentFiles(root, path, isPython ? undefined : name), ...files };
    }
  }
  throw new UsageError(
    `Cannot ship the module ${name}: there is no ${path}.py and no ${path}/__init__.py in ` +
      importRoots().join(" or "),
  );
}

/**
 * Returns the modules of a package and its subpackages; an empty object when the path is not a
 * package.
 */
function packageFiles(root: string, path: string, isPython: boolean): Files {
  const marker = isPython ? path : `${path}/__init__.py`;
  return exists(`${root}/${marker}`) ? folderFiles(root, path) : {};
}

function folderFiles(root: string, path: string): Files {
  const files: Files = {};
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${path}`)) {
    const below = `${path}/${name}`;
    if (isDirectory) Object.assign(files, folderFiles(root, below));
    else if (/\.pyx?$/.test(name)) files[below] = `${root}/${below}`;
  }
  return files;
}

/**
 * Returns the `__init__.py` files of a module's parent packages, which Python imports first.
 *
 * @param name the name of the module, each of whose parent packages needs such a file
 */
function parentFiles(root: string, path: string, name: string | undefined): Files {
  const parts = path.split("/").slice(0, -1);
  const inits = parts.map((_, i) => `${parts.slice(0, i + 1).join("/")}/__init__.py`);
  const missing = name && inits.find((init) => !exists(`${root}/${init}`));
  if (missing) {
    throw new UsageError(
      `Cannot ship the module ${name}: ${root}/${missing} is missing, create an empty file there`,
    );
  }
  return Object.assign({}, ...inits.map((init) => fileAt(root, init)));
}

function fileAt(root: string, path: string): Files {
  return exists(`${root}/${path}`) ? { [path]: `${root}/${path}` } : {};
}
