/**
 * The data files that a job sends to machines without a shared folder.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";
import { nodeModule } from "../../util/node_module.ts";

/** The data files of a job. */
export interface DataFiles {
  /** The absolute paths of the files, by their paths on the other machine. */
  readonly files: Readonly<Record<string, string>>;
  /** Warnings for the user. */
  readonly warnings: readonly string[];
}

/** Returns the folders in which to look up modules and data, longest path first. */
export function importRoots(): string[] {
  const { PROJECT_DIR } = Deno.env.toObject(), cwd = Deno.cwd();
  const roots = PROJECT_DIR && exists(PROJECT_DIR) ? [cwd, Deno.realPathSync(PROJECT_DIR)] : [cwd];
  return [...new Set(roots)].sort((a, b) => b.length - a.length);
}

/**
 * Finds data files. Their paths on the other machine are relative to an import root.
 *
 * @param patterns paths or patterns
 * @throws {UsageError} when a path does not exist, is a folder, or is outside of the roots.
 */
export function findData(patterns: readonly string[]): DataFiles {
  const { globSync } = nodeModule<typeof import("node:fs")>("node:fs");
  const files: Record<string, string> = {}, warnings: string[] = [];
  for (const pattern of patterns) {
    const found = globSync(pattern);
    const isPattern = /[*?[{]/.test(pattern);
    if (found.length === 0 && !isPattern) {
      throw new UsageError(
        `Cannot ship the data ${pattern}: no such file (relative paths start at ${Deno.cwd()})`,
      );
    }
    if (found.length === 0) warnings.push(`no data file matches ${pattern}`);
    for (const path of found) addData(files, path, isPattern);
  }
  return { files, warnings };
}

function addData(files: Record<string, string>, path: string, isPattern: boolean): void {
  const { resolve } = nodeModule<typeof import("node:path")>("node:path");
  const full = Deno.realPathSync(path);
  if (Deno.statSync(full).isDirectory) {
    if (isPattern) return;
    throw new UsageError(`Cannot ship the data ${path}: it is a folder, write ${path}/*`);
  }
  // Tasks open a link under its own name, and the file may be on another disk.
  const name = nameBelow(resolve(path)) ?? nameBelow(full);
  if (name === undefined) {
    throw new UsageError(`Cannot ship the data ${path}: it is not in ${Deno.cwd()}`);
  }
  files[name] = full;
}

/** Returns a path relative to the import root that contains it; `undefined` for none. */
function nameBelow(path: string): string | undefined {
  const root = importRoots().find((root) => path.startsWith(`${root}/`));
  return root === undefined ? undefined : path.slice(root.length + 1);
}
