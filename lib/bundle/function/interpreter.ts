/**
 * The choice of the Python interpreter of a job.
 *
 * @module
 */

import { searchedFolders } from "../../config/file.ts";
import { type FunctionRef, isInModule, type JobRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, isFile } from "../../util/files/fs.ts";
import { dirname, fromFileUrl, withHome } from "../../util/paths.ts";
import { splitWords } from "../../util/shell.ts";
import { checkTrusted } from "../../util/files/trust.ts";

/** Returns true for the address of a Python module. */
export function isPythonModule(module: string): boolean {
  return /\.py$/i.test(module);
}

/** Returns true for a function in a Python module. */
export function isPythonFunction(target: unknown): target is FunctionRef {
  return isInModule(target) && isPythonModule(target.module);
}

/**
 * Returns the command of the interpreter for a module: the option, the active virtual environment, a
 * folder `.venv` beside the module or above it in the project or the working directory, or `python3`.
 *
 * @param option the option `python`: a path or a command such as `uv run python`
 * @param module the URL of the module
 * @throws {UsageError} when the option is not a command, or when another user could have written the
 * folder `.venv` of the working directory.
 */
export function findInterpreter(option: string | null, module: string): readonly string[] {
  if (option !== null) return commandOf(option);
  const folders = module.startsWith("file:") ? foldersAbove(dirname(fromFileUrl(module))) : [];
  const environments = [Deno.env.get("VIRTUAL_ENV"), ...folders.map((dir) => `${dir}/.venv`)];
  const found = environments.map((dir) => `${dir}/bin/python`).find(exists);
  return [found ?? "python3"];
}

/** Lists a folder and those above it, up to the root of the project or the working directory. */
function foldersAbove(folder: string): string[] {
  const folders = searchedFolders(folder), cwd = Deno.cwd();
  if (!folder.startsWith(`${cwd}/`)) return folders;
  for (let dir = folders.at(-1)!; dir.length > cwd.length;) {
    dir = dirname(dir);
    if (exists(`${dir}/.venv`)) checkTrusted(`${dir}/.venv`);
    folders.push(dir);
  }
  return folders;
}

/**
 * Replaces the interpreter of a job.
 *
 * @param option the option `python`, or null to keep the interpreter
 * @throws {UsageError} when the option is not a command, or the job does not run Python.
 */
export function withInterpreter<T extends Pick<JobRecord, "id" | "python" | "versions">>(
  record: T,
  option: string | null,
): T {
  if (option === null) return record;
  if (record.python) {
    // The version of the new interpreter is unknown until it runs.
    const { python: _python, ...versions } = record.versions;
    return { ...record, python: commandOf(option), versions };
  }
  throw new UsageError(`Cannot use --python: the function of job ${record.id} is not in Python`);
}

function commandOf(given: string): string[] {
  const option = withHome(given);
  // The path of a file may contain blanks.
  const [program, ...args] = isPathOfFile(option) ? [option] : splitWords(option) ?? [];
  if (program === undefined) {
    throw new UsageError(
      `Cannot use the interpreter ${JSON.stringify(option)}: it is not a command; set --python ` +
        "to a path or to a command such as 'uv run python'",
    );
  }
  // Workers may start in another directory.
  const isRelative = program.includes("/") && !program.startsWith("/");
  return [isRelative ? `${Deno.cwd()}/${program.replace(/^\.\//, "")}` : program, ...args];
}

function isPathOfFile(option: string): boolean {
  return option.includes("/") && isFile(option);
}
