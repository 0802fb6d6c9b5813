/**
 * The program of a Python function: one file with the worker, the user's module and the local
 * modules that it imports.
 *
 * @module
 */

import type { FunctionRef } from "../../job_dir/record.ts";
import { exists } from "../../util/files/fs.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { isRemote } from "../../util/remote.ts";
import { LIB } from "../modules/addresses.ts";
import { shortHash } from "../modules/hash.ts";
import type { BuiltProgram, BundleOptions } from "../program/program.ts";
import { hashSources } from "../modules/sources.ts";
import { checkParameters } from "./check_parameters.ts";
import { type Scan, scanModule } from "./scan.ts";
import { type PythonSource, startText, workerSources } from "./worker_texts.ts";

/** The first line of a Python program, the comment form of `PROTOCOL_LINE`. */
const PYTHON_PROTOCOL = "# dl_jobs worker protocol 4";

/**
 * Builds the program of a Python function.
 *
 * @throws {UsageError} when the interpreter or the function is missing, or code cannot be parsed.
 */
export async function buildPython(
  target: FunctionRef,
  { python = ["python3"], spread = false, isTask = false }: BundleOptions,
): Promise<BuiltProgram> {
  const [scan, worker, start] = await Promise.all([
    scanModule(target, python),
    workerSources(),
    startText(),
  ]);
  const { version, module, folders, late, standard, modules, absent } = scan,
    { method, dlJob } = target;
  const warnings = isTask && !spread && !dlJob ? checkParameters(target, scan) : [];
  const code = [
    PYTHON_PROTOCOL,
    `FUNCTION = ${literal({ module, method, spread: spread ? 1 : 0, ...callOf(dlJob) })}`,
    `FOLDERS = ${literal(folders)}`,
    `LATE = ${literal(late)}`,
    `STANDARD = ${literal(standard)}`,
    `SOURCES = ${sourcesText({ ...modules, ...await packageOf(scan, dlJob) })}`,
    `WORKER = ${sourcesText(worker)}`,
    start,
  ].join("\n");
  const files = Object.values(modules).flatMap(([path, , text]) => text === null ? [] : [path]);
  const interpreter = python[0]!.includes("/") && exists(python[0]!) ? [python[0]!] : [];
  return {
    code,
    hash: await shortHash(code),
    sources: await hashSources(files),
    inputs: [...files, ...absent, ...interpreter, ...ownFiles()],
    python: version,
    warnings,
  };
}

/** Returns the paths of the files of this library that are a part of each program. */
function ownFiles(): string[] {
  if (isRemote(LIB)) return [];
  const folder = fromFileUrl(`${LIB}../python/dl_jobs`);
  return [folder, `${folder}/worker`].flatMap(pythonFiles);
}

function pythonFiles(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`)
      .filter((path) => path.endsWith(".py"));
  } catch {
    return []; // An executable contains the files without their folder.
  }
}

function callOf(dlJob: FunctionRef["dlJob"]): Readonly<Record<string, number>> {
  return dlJob ? { isDLJob: 1, isCall: dlJob.isCall ? 1 : 0 } : {};
}

/** Returns the modules of the package `dl_jobs` for code that imports it. */
async function packageOf({ modules }: Scan, dlJob: FunctionRef["dlJob"]) {
  const texts = Object.values(modules).map(([, , text]) => text ?? "");
  if (!dlJob && !texts.some((text) => /\bdl_jobs\b/.test(text))) return {};
  return await (await import("../../compat/python_package.ts")).packageSources();
}

/** Returns a value as a literal of Python, which JSON is as long as it has only texts and numbers. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}

/** Returns modules as a dictionary of Python. */
export function sourcesText(sources: Readonly<Record<string, PythonSource>>): string {
  const lines = Object.entries(sources).map(([name, [path, isPackage, text]]) => {
    const parts = [
      literal(path),
      isPackage ? "True" : "False",
      text === null ? "None" : literal(text),
    ];
    return `    ${literal(name)}: (${parts.join(", ")}),`;
  });
  return `{\n${lines.join("\n")}\n}`;
}
