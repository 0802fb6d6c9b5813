/**
 * Temporary files and folders.
 *
 * @module
 */

import { loadEsbuild } from "../../lib/deps.ts";
import { dirname, toFileUrl } from "../../lib/util/paths.ts";

/** A folder that is removed on disposal. */
export interface Folder extends AsyncDisposable {
  /** The path of the folder. */
  readonly path: string;
  /** Returns the URL of a file in the folder. */
  url(name: string): string;
  /** Writes a file and creates the folders above it. */
  write(name: string, text: string): Promise<void>;
}

/**
 * Creates a folder with some files, by their names.
 *
 * @param parent the path of the folder above; the folder for temporary files by default
 */
export async function makeFolder(
  files: Readonly<Record<string, string>> = {},
  parent?: string,
): Promise<Folder> {
  // Stack traces and messages show the real path, which tests compare with this one.
  const path = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "dl_jobs_test_", ...parent && { dir: parent } }),
  );
  const write = async (name: string, text: string) => {
    const file = `${path}/${name}`;
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    path,
    write,
    url: (name) => toFileUrl(`${path}/${name}`),
    [Symbol.asyncDispose]: () => removeFolder(path),
  };
}

/** Creates a folder as {@linkcode makeFolder}, and makes it the working directory until disposal. */
export async function enterFolder(...content: Parameters<typeof makeFolder>): Promise<Folder> {
  // esbuild's service starts in the folder in which esbuild is loaded, which must remain.
  await loadEsbuild();
  const folder = await makeFolder(...content);
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  return {
    ...folder,
    [Symbol.asyncDispose]: () => {
      Deno.chdir(before);
      return folder[Symbol.asyncDispose]();
    },
  };
}

const REMOVE_LIMIT_MS = 30_000;
const REMOVE_POLL_MS = 20;

/**
 * Removes a folder with its content.
 *
 * Tries again for a short time, because a process that is ending may still write to the folder.
 */
async function removeFolder(path: string): Promise<void> {
  for (const end = Date.now() + REMOVE_LIMIT_MS;;) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (!isNotEmpty(error) || Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, REMOVE_POLL_MS));
  }
}

/** Returns true when a file appeared in a folder during the removal. */
function isNotEmpty(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTEMPTY";
}

/** Returns the folder of Deno's downloads. */
export async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
