/**
 * The modules in a folder and the folders below it.
 *
 * @module
 */

import { isFile, readIfThere } from "../../util/files/fs.ts";

/** The file name extensions of modules, in lookup order. */
export const EXTENSIONS = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx", ".cts", ".cjs"];
/** The ends of the paths of Python modules after their names, in lookup order. */
export const PYTHON_ENDINGS = ["/__init__.py", ".py"];

// Limits the time of a message.
const MOST_READ = 100;

/** Lists the dotted names of the modules in a folder and two levels of subfolders. */
export function namesIn(root: string): string[] {
  return [...new Set(modulesIn(root, "", 3))];
}

function* modulesIn(folder: string, prefix: string, depth: number): Generator<string> {
  const names = filesIn(folder).map((file) => file.slice(0, file.lastIndexOf(".")));
  yield* names.filter(isPart).map((name) => prefix + name);
  if (depth === 1) return;
  for (const { name, isDirectory } of entries(folder)) {
    if (!isDirectory || name === "node_modules" || !isPart(name)) continue;
    if (isFile(`${folder}/${name}${PYTHON_ENDINGS[0]}`)) yield prefix + name;
    yield* modulesIn(`${folder}/${name}`, `${prefix}${name}.`, depth - 1);
  }
}

/** Returns the file of a dotted name in a folder, and the files that it hides. */
export function moduleFiles(root: string, name: string): string[] {
  const path = `${root}/${name.replaceAll(".", "/")}`;
  return [...EXTENSIONS, ...PYTHON_ENDINGS].map((ending) => path + ending).filter(isFile);
}

/** Returns the dotted names of the modules below a folder whose text defines a function. */
export function modulesWith(root: string, method: string): string[] {
  if (!/^\w+$/.test(method)) return [];
  const pattern = new RegExp(
    `^(export (async )?(function\\*?|const|let)|(async )?def) +${method}\\b`,
    "m",
  );
  return namesIn(root).slice(0, MOST_READ).filter((name) => {
    const [file] = moduleFiles(root, name);
    return file !== undefined && pattern.test(readIfThere(file));
  });
}

/** Returns true when a name can be a part of a dotted name. */
function isPart(name: string): boolean {
  return !/[.#\\]|^__\w+__$/.test(name);
}

/**
 * Lists the names of the module files in a folder. Omits type declarations, which contain no code.
 */
export function filesIn(folder: string): string[] {
  return entries(folder).filter(({ isFile }) => isFile).map(({ name }) => name)
    .filter((name) => [...EXTENSIONS, ".py"].some((extension) => name.endsWith(extension)))
    .filter((name) => !/\.d\.[mc]?ts$/.test(name));
}

function entries(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => !name.startsWith("."))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    return [];
  }
}
