/**
 * The code of the user in a program, which two versions of the library surround with other workers.
 *
 * @module
 */

import { directoryOf } from "../../job_dir/layout.ts";
import { type JobRecord, programFile } from "../../job_dir/record.ts";
import { readIfThere } from "../../util/files/fs.ts";
import { toFileUrl } from "../../util/paths.ts";

/**
 * Returns a function that is true for another job which calls the same function and runs the same
 * code of the user, with any version of the library, and in any directory.
 *
 * @param folder the folder of the job
 * @param record the job
 */
export function sameCodeAs(
  folder: string,
  record: JobRecord,
): (folder: string, other: JobRecord) => boolean {
  // Most jobs of a directory have a few programs. A command is the function itself,
  // together with the scripts that it names.
  const known = new Map([[record.code, true]]), { function: target } = record;
  const isCommand = typeof target === "object" && "command" in target;
  let code: string | undefined;
  return (otherFolder, other) => {
    if (isCommand) return JSON.stringify(other.scripts) === JSON.stringify(record.scripts);
    if (!known.has(other.code)) {
      code ??= ownCode(folder, record);
      known.set(other.code, code !== undefined && code === ownCode(otherFolder, other));
    }
    return known.get(other.code)!;
  };
}

/**
 * Returns the code of the user in the program of a job, with paths relative to the directory of the
 * job. Returns `undefined` for a program that cannot be read, or whose parts are mixed.
 */
function ownCode(folder: string, record: JobRecord): string | undefined {
  const path = programFile(folder, record), text = readIfThere(path);
  const code = path.endsWith(".py") ? pythonCode(text) : scriptCode(text);
  return code && withoutDirectory(code, record.directory ?? directoryOf(folder));
}

// The worker is a statement of its own (`worker_part.ts`). The functions of the bundler follow, and
// then the modules, each after a comment with its name. The last one is the entry. Only those of the
// user count: the others are another text in another version of the library.
const WORKER = /^var __dl_jobs_worker = [^]*?^\}\)\(\);$/m;
const MODULES = /^\/\/ (?!The end\.$)[^]*(?=^\/\/ dl-jobs:entry$)/m;

// The versions of the packages (`build_program.ts`).
const PACKAGES = /^function __dl_jobs_packages\(\) \{$[^]*?^\}$/m;

function scriptCode(text: string): string | undefined {
  const worker = WORKER.exec(text);
  if (!worker) return undefined;
  const rest = text.slice(worker.index + worker[0].length), modules = MODULES.exec(rest);
  return modules ? modules[0] + (PACKAGES.exec(rest)?.[0] ?? "") : undefined;
}

/** Returns the constants of a Python program that precede the worker. */
function pythonCode(text: string): string | undefined {
  const from = text.indexOf("\nFUNCTION = "), to = text.indexOf("\nWORKER = ");
  return from < 0 || to < from ? undefined : text.slice(from, to);
}

/** Replaces the directory of a job, which may have moved since an earlier job. */
function withoutDirectory(code: string, directory: string): string {
  // The bundler names files by their paths from the root, without the first slash.
  const inUrls = toFileUrl(directory).slice("file://".length);
  return [directory, inUrls].filter((path) => path.length > 1).reduce(
    (text, path) =>
      text.replaceAll(
        new RegExp(`(?<![\\w.-])/?${RegExp.escape(path.slice(1))}(?=["'/])`, "g"),
        ".",
      ),
    code,
  );
}
