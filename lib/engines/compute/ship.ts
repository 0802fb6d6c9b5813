/**
 * Packs the zip that dl_jobs uploads to the platform. The zip contains the programs of dl_jobs, and
 * the modules, requirements and data of a job.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { loadFflate } from "../../deps.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { Shipment } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { dirname } from "../../util/paths.ts";
import type { EngineContext } from "../engine.ts";
import { type DataFiles, findData } from "../shared/data_files.ts";
import { findModules } from "../shared/module_files.ts";
import { ENTRYPOINT } from "./entrypoint.ts";
import { farSideInPython } from "./far_side_python.ts";

/** The contents of files, by path in the zip. */
type Members = Record<string, Uint8Array>;

/** A zip to upload, with its list of files and warnings. */
export interface Shipped {
  /** The bytes of the zip. */
  readonly zip: Uint8Array<ArrayBuffer>;
  /** The paths of the files in the zip. */
  readonly names: readonly string[];
  /** Warnings for the user. */
  readonly warnings: readonly string[];
}

// With a fixed time, the same files always produce the same zip. The hash of the zip is part of the
// function's name.
const MTIME = new Date("1980-01-01T12:00:00");
const NO_SHIPMENT: Shipment = { modules: [], requirements: [], data: [] };

/**
 * Packs the files of a job.
 *
 * @param deno the version of Deno on the platform
 * @throws {UsageError} on a module, a requirement or a data file that cannot be packed.
 */
export async function ship(
  { folder, bundle, ship = NO_SHIPMENT }: Pick<EngineContext, "folder" | "bundle" | "ship">,
  deno: string,
): Promise<Shipped> {
  const isPython = bundle.endsWith(".py");
  const needed = isPython ? [] : [`deno==${deno}`];
  const own: Members = {
    ...isPython ? await pythonMembers(bundle) : await denoMembers(bundle, folder),
    "requirements.txt": encode(requirementLines(ship.requirements, needed).join("\n")),
  };
  const data = findOtherData(ship.data, own), modules = read(findModules(ship.modules, isPython));
  const list = executables(data.files, isPython ? "dl_jobs_far_side" : "dl_jobs");
  const members: Members = { ...own, ...modules, ...read(data.files), ...list };
  // The order of files in a folder differs between file systems.
  const sorted = Object.fromEntries(Object.entries(members).sort(([a], [b]) => a < b ? -1 : 1));
  const { zipSync } = await loadFflate();
  const zip = zipSync(sorted, { mtime: MTIME, level: 6 });
  return { zip: new Uint8Array(zip), names: Object.keys(sorted), warnings: data.warnings };
}

// The entry points read the programs as data of the package `dl_jobs`.
async function denoMembers(bundle: string, folder: string): Promise<Members> {
  // A dry run has no folder, and must not create one.
  const farSide = await bundleFarSide("compute/on_platform", cacheFolder(dirname(folder)));
  return {
    "__dlentrypoint__.py": encode(ENTRYPOINT),
    "dl_jobs/__init__.py": encode(""),
    "dl_jobs/bundle.js": await Deno.readFile(bundle),
    "dl_jobs/on_platform.js": encode(farSide.code),
  };
}

async function pythonMembers(bundle: string): Promise<Members> {
  const texts = Object.entries(await farSideInPython());
  return {
    ...Object.fromEntries(texts.map(([path, text]) => [path, encode(text)])),
    "dl_jobs_far_side/bundle.py": await Deno.readFile(bundle),
  };
}

// https://peps.python.org/pep-0508/: a name, extras, versions or an address, and a condition.
const NAME = String.raw`[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?`;
const EXTRAS = String.raw`(?:\[[\w\s,.-]*\])?`;
const VERSION = String.raw`(?:===|~=|==|!=|<=|>=|<|>)\s*[\w.*+!-]+`;
const VERSIONS = String
  .raw`(?:${VERSION}(?:\s*,\s*${VERSION})*|\(\s*${VERSION}(?:\s*,\s*${VERSION})*\s*\)|@\s*\S+)?`;
const REQUIREMENT = new RegExp(`^${NAME}\\s*${EXTRAS}\\s*${VERSIONS}\\s*(?:;.*)?$`);
// Comments, options and addresses, which pip also accepts.
const OTHER = /^(#|-|https:\/\/|(git|hg|svn|bzr)\+[a-z]+:\/\/)/;

/** Returns the lines of `requirements.txt`, with those that the far side needs. */
function requirementLines(
  given: Shipment["requirements"],
  needed: readonly string[],
): string[] {
  const lines = typeof given === "string" ? readLines(given) : given;
  const wanted = lines.map((line) => line.trim()).filter((line) => line !== "");
  const wrong = wanted.find((line) => !OTHER.test(line) && !REQUIREMENT.test(line));
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot use the requirement "${wrong}": write it as pip accepts it, such as numpy>=2`,
    );
  }
  const hasDeno = wanted.some((line) => /^deno(?![\w.-])/i.test(line));
  return [...(hasDeno ? [] : needed), ...wanted];
}

function readLines(path: string): string[] {
  try {
    const file = Deno.statSync(path).isDirectory ? `${path}/requirements.txt` : path;
    return Deno.readTextFileSync(file).split("\n");
  } catch (cause) {
    throw new UsageError(
      `Cannot read the requirements in ${path}: ${(cause as Error).message}, ` +
        "write the path of a file or folder, or a list",
      { cause },
    );
  }
}

/** Finds data files. Their paths must differ from those of `own`. */
function findOtherData(patterns: readonly string[], own: Members): DataFiles {
  const found = findData(patterns);
  const taken = Object.keys(found.files).find((name) =>
    name === "__main__.py" || Object.hasOwn(own, name)
  );
  if (taken !== undefined) {
    throw new UsageError(
      `Cannot ship the data ${taken}: dl_jobs uses this path in the zip, rename the file`,
    );
  }
  return found;
}

/**
 * Returns the list of the executable data files, if there are any. The platform may unpack the zip
 * without the permissions of files, so the entry points set them.
 */
function executables(files: DataFiles["files"], folder: string): Members {
  const isExecutable = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o100) !== 0;
  const names = Object.keys(files).filter((name) => isExecutable(files[name]!)).sort();
  return names.length === 0
    ? {}
    : { [`${folder}/executables.json`]: encode(JSON.stringify(names)) };
}

function read(files: Readonly<Record<string, string>>): Members {
  const members = Object.entries(files).map(([name, path]) => [name, Deno.readFileSync(path)]);
  return Object.fromEntries(members);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
