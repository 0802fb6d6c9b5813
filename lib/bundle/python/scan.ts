/**
 * The modules that a Python module needs, as its interpreter reads them.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { awaitSharedSignal } from "../../util/process/shared_signal.ts";
import { interpreterError } from "../../util/process/interpreter_error.ts";
import { writeStdin } from "../../util/process/write_stdin.ts";
import { nearest } from "../../util/text/nearest.ts";
import { fromFileUrl, shortPath } from "../../util/paths.ts";
import { isRemote, readModule, shortenMissing } from "../../util/remote.ts";
import { shellWord } from "../../util/shell.ts";
import { tryJson } from "../../util/try_json.ts";
import type { FunctionRef } from "../../job_dir/record.ts";
import { projectFolder } from "../function/resolve.ts";
import { type PythonSource, scanText } from "./worker_texts.ts";

/** The modules of a program, which `python/dl_jobs/worker/scan.py` prints as JSON. */
export interface Scan {
  /** The version of the interpreter, such as `3.11.7`. */
  readonly version: string;
  /** The name under which the user's module is imported. */
  readonly module: string;
  /** The folders in which modules are looked up before those of the interpreter, and after them. */
  readonly folders: readonly string[];
  readonly late: readonly string[];
  /** The names of local modules that the standard library has, too. */
  readonly standard: readonly string[];
  /** The local modules by their names. */
  readonly modules: Readonly<Record<string, PythonSource>>;
  /** The paths of files that would change the program. */
  readonly absent: readonly string[];
  /** The functions of the module when it does not define the method; otherwise null. */
  readonly functions: readonly string[] | null;
  /** The parameters that a call must fill. @default {unknown, as with a decorator} */
  readonly required?: readonly string[] | null | undefined;
  /** The reason for which the module cannot run. */
  readonly error?: string | undefined;
}

// An older version cannot read the program itself. Modules of the user may have names of the
// standard library.
const GUARD = `import sys
if sys.path[:1] == [""]: del sys.path[0]
if sys.version_info < (3, 8): print('{"version": "%d.%d.%d"}' % sys.version_info[:3])
else: exec(sys.stdin.read())`;

/**
 * Reads a Python module and the local modules that it imports. Does not run them.
 *
 * @param target the function
 * @param python the command of the interpreter
 * @throws {UsageError} when the interpreter is missing or too old, the module cannot be parsed, or
 * it has no such function.
 */
export async function scanModule(
  { module, method, dlJob }: FunctionRef,
  python: readonly string[],
): Promise<Scan> {
  if (isRemote(module)) return await scanRemote({ module, method }, python);
  const file = Deno.realPathSync(fromFileUrl(module)), path = shortPath(module);
  const cwd = Deno.realPathSync(Deno.cwd()), request = { file, method, cwd };
  const extra = dlJob ? { name: dlJob.import, late: [projectFolder()] } : {};
  const scan = await runScan(python, { ...request, ...extra }, path);
  return await checkScan(scan, path, { method, python });
}

/** Reads a module from the network. It can import no local modules. */
async function scanRemote(
  { module, method }: FunctionRef,
  python: readonly string[],
): Promise<Scan> {
  const name = new URL(module).pathname.replace(/^.*\//, "");
  const cwd = await Deno.makeTempDir({ prefix: "dl_jobs_" }), file = `${cwd}/${name}`;
  try {
    await Deno.writeTextFile(file, await readModule(module));
    const scan = await runScan(python, { file, method, cwd }, module);
    const [[found, [, isPackage, text]] = ["", [file, false, ""]]] = Object.entries(
      scan.modules ?? {},
    );
    const alone = { folders: [], late: [], absent: [] };
    const modules = { [found]: [`/${module}`, isPackage, text] } as const;
    return await checkScan({ ...scan, ...alone, modules }, module, { method, python });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`Cannot load ${shortenMissing(cause.message)}`, { cause });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

/** @throws {UsageError} when the module cannot run. */
async function checkScan(
  scan: Scan,
  path: string,
  { method, python }: { readonly method: string; readonly python: readonly string[] },
): Promise<Scan> {
  if (isOld(scan.version)) {
    throw new UsageError(
      `Cannot run ${path}: its interpreter ${nameOf(python)} is Python ${scan.version}, older ` +
        "than 3.8; set --python to another one",
    );
  }
  if (scan.error !== undefined) throw new UsageError(`Cannot run ${path}: ${scan.error}`);
  if (scan.functions === null) return scan;
  // The method of a module that was named without one.
  const way = `, write ${path}#NAME`;
  const known = scan.functions.length > 0
    ? `its functions are ${await nearest(method, scan.functions)}${method === "task" ? way : ""}`
    : "it has no functions";
  throw new UsageError(`Cannot find "${method}" in ${path}: ${known}`);
}

async function runScan(python: readonly string[], request: object, path: string): Promise<Scan> {
  const [program = "", ...args] = python;
  const text = await scanText();
  const child = startInterpreter(program, [...args, "-c", GUARD, JSON.stringify(request)], path);
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    writeStdin(child, text),
  ]);
  // Wrappers of the interpreter may print lines before the answer.
  const answer = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
  const found = success ? tryJson(answer) as Scan | undefined : undefined;
  if (found) return found;
  await awaitSharedSignal();
  const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-5).join("\n");
  throw new UsageError(
    `Cannot run ${path}: its interpreter ${nameOf(python)} failed; set --python to another one` +
      (said ? `\n${said}` : ""),
  );
}

function startInterpreter(program: string, args: string[], path: string): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    throw interpreterError(`run ${path}`, program, error);
  }
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 3 || (major === 3 && minor < 8);
}

function nameOf(python: readonly string[]): string {
  return `"${python.map(shellWord).join(" ")}"`;
}
