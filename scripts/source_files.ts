/**
 * The files of the project that the checks read.
 *
 * @module
 */

/** A file to check. */
export interface SourceText {
  /** The path from the project's folder. */
  readonly path: string;
  /** The content of the file. */
  readonly text: string;
}

const CODE = /\.[cm]?[jt]sx?$/;

/** Lists the project's source files, except the user code in `tests/testdata`. */
export async function listFiles(root: string): Promise<string[]> {
  return (await filesIn(root, isSource)).filter((path) => CODE.test(path));
}

function isSource(folder: string): boolean {
  return /^(lib|repl|tests|tools|bench|scripts|examples|python|docs)\b/.test(folder) &&
    !/(^|\/)(\.[^/]*|testdata|node_modules)$/.test(folder);
}

/**
 * Lists the files of the project, by their paths from its folder.
 *
 * @param isEntered selects the folders to list, by their paths
 */
export async function filesIn(
  root: string,
  isEntered: (folder: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isFile, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      const path = `${folder}${name}`;
      if (isFile) found.push(path);
      else if (isDirectory && isEntered(path)) await walk(`${path}/`);
    }
  };
  await walk("");
  return found.sort();
}

/** Reads files of the project. */
export async function readTexts(root: string, paths: readonly string[]): Promise<SourceText[]> {
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(`${root}/${path}`) })),
  );
}
