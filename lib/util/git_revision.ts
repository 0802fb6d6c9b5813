/**
 * Finds the revision of the Git repository that contains a folder.
 *
 * @module
 */

import { dirname } from "./paths.ts";

/**
 * Returns the revision that is checked out in the repository around a folder. Reads files only,
 * because starting `git` takes longer than the start of a small job.
 *
 * @param folder an absolute path
 * @returns the hash of the commit; `undefined` outside of repositories, or before the first commit
 * @see https://git-scm.com/docs/gitrepository-layout
 *
 * @example
 * ```ts
 * import { gitRevision } from "./git_revision.ts";
 *
 * const folder = Deno.makeTempDirSync(), hash = "c0ffee".repeat(7).slice(2);
 * Deno.mkdirSync(`${folder}/.git`);
 * Deno.writeTextFileSync(`${folder}/.git/HEAD`, `${hash}\n`);
 * const revision = gitRevision(`${folder}/src`);
 * Deno.removeSync(folder, { recursive: true });
 * if (revision !== hash) throw new Error(revision);
 * ```
 */
export function gitRevision(folder: string): string | undefined {
  for (let at = folder;; at = dirname(at)) {
    const git = gitFolder(`${at}/.git`, at);
    if (git !== undefined) return headOf(git);
    if (at === dirname(at)) return undefined;
  }
}

/** Returns the folder of a repository. In a worktree or a submodule, `.git` is a file with its path. */
function gitFolder(path: string, parent: string): string | undefined {
  if (read(`${path}/HEAD`) !== undefined) return path;
  const [, link] = /^gitdir: (.+)$/m.exec(read(path) ?? "") ?? [];
  return link?.startsWith("/") ? link : link && `${parent}/${link}`;
}

function headOf(git: string): string | undefined {
  const head = read(`${git}/HEAD`) ?? "", [, ref] = /^ref: (.+)$/m.exec(head) ?? [];
  if (ref === undefined) return hashIn(head);
  // A worktree shares the references of its repository.
  const common = read(`${git}/commondir`)?.trim() ?? ".";
  const shared = common.startsWith("/") ? common : `${git}/${common}`;
  for (const one of [git, shared]) {
    const hash = hashIn(read(`${one}/${ref}`) ?? "");
    if (hash !== undefined) return hash;
  }
  const packed = (read(`${shared}/packed-refs`) ?? "").split("\n");
  return hashIn(packed.find((line) => line.endsWith(` ${ref}`)) ?? "");
}

function hashIn(text: string): string | undefined {
  return /^[\da-f]{40,64}\b/.exec(text)?.[0];
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The file does not exist, or is a folder.
    return undefined;
  }
}
