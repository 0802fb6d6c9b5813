/**
 * The control groups of a cluster's pods, of version 1: one tree for each resource.
 *
 * @module
 */

import { exists, readIfThere, statIfThere } from "../../lib/util/files/fs.ts";
import { listNames } from "../support/system.ts";

const ROOT = "/sys/fs/cgroup";

/** Creates a group in each tree. */
export function makeCgroup(path: string): void {
  for (const tree of listNames(ROOT)) {
    Deno.mkdirSync(`${ROOT}/${tree}${path}`, { recursive: true });
    // A group without CPUs and memory nodes cannot have processes.
    for (const name of ["cpuset.cpus", "cpuset.mems"]) copySetting(`${ROOT}/${tree}`, path, name);
  }
}

function copySetting(tree: string, path: string, name: string): void {
  if (!exists(`${tree}/${name}`)) return;
  const value = Deno.readTextFileSync(`${tree}/${name}`);
  const names = path.split("/").slice(1);
  for (let i = 1; i <= names.length; i++) {
    Deno.writeTextFileSync(`${tree}/${names.slice(0, i).join("/")}/${name}`, value);
  }
}

/** Removes a group and those below it, which have no processes any more. */
export function removeCgroup(path: string): void {
  for (const tree of listNames(ROOT)) {
    for (const dir of foldersBelow(`${ROOT}/${tree}${path}`).reverse()) Deno.removeSync(dir);
  }
}

/** Lists the folders of the groups below a group that limit memory, itself first. */
export function memoryGroups(path: string): string[] {
  return foldersBelow(`${ROOT}/memory${path}`);
}

/** Lists the processes of a group. */
export function processesOfGroup(folder: string): number[] {
  return readIfThere(`${folder}/cgroup.procs`).split("\n").filter(Boolean).map(Number);
}

function foldersBelow(dir: string): string[] {
  if (!exists(dir)) return [];
  const folders = listNames(dir).map((name) => `${dir}/${name}`).filter((path) =>
    statIfThere(path)?.isDirectory
  );
  return [dir, ...folders.flatMap(foldersBelow)];
}
