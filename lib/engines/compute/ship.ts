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
import { exists } from "../../util/fs.ts";
import type { EngineContext } from "../engine.ts";
import { findData, importRoots } from "../shared/data_files.ts";
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
  const data = dataMembers(ship.data, own);
  const members: Members = { ...own, ...moduleMembers(ship.modules, isPython), ...data.members };
  // The order of files in a folder differs between file systems.
  const sorted = Object.fromEntries(Object.entries(members).sort(([a], [b]) => a < b ? -1 : 1));
  const { zipSync } = await loadFflate();
  const zip = zipSync(sorted, { mtime: MTIME, level: 6 });
  return { zip: new Uint8Array(zip), names: Object.keys(sorted), warnings: data.warnings };
}

// The entry points read the programs as data of the package `dl_jobs`.
async function denoMembers(bundle: string, folder: string): Promise<Members> {
  const farSide = await bundleFarSide("compute/on_platform", cacheFolder(`${folder}/..`));
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

/** Returns the files of Python modules, keyed by their import paths. */
function moduleMembers(modules: readonly string[], isPython: boolean): Members {
  return Object.assign({}, ...modules.map((name) => oneModule(name, isPython)));
}

/**
 * Returns the files of a module.
 *
 * @param isPython true for the modules of a Python function, which finds folders without an
 * `__init__.py` here, too
 */
function oneModule(name: string, isPython: boolean): Members {
  const path = name.replaceAll(".", "/");
  for (const root of importRoots()) {
    const members = {
      ...packageMembers(root, path, isPython),
      ...readIfThere(root, `${path}.py`),
      ...readIfThere(root, `${path}.pyx`),
    };
    if (Object.keys(members).length > 0) {
      return { ...parentMembers(root, path, isPython ? undefined : name), ...members };
    }
  }
  throw new UsageError(
    `Cannot ship the module ${name}: there is no ${path}.py and no ${path}/__init__.py in ` +
      importRoots().join(" or "),
  );
}

/**
 * Returns the modules of a package and its subpackages; an empty object when the path is not a
 * package.
 */
function packageMembers(root: string, path: string, isPython: boolean): Members {
  const marker = isPython ? path : `${path}/__init__.py`;
  return exists(`${root}/${marker}`) ? folderMembers(root, path) : {};
}

function folderMembers(root: string, path: string): Members {
  const members: Members = {};
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${path}`)) {
    const below = `${path}/${name}`;
    if (isDirectory) Object.assign(members, folderMembers(root, below));
    else if (/\.pyx?$/.test(name)) members[below] = Deno.readFileSync(`${root}/${below}`);
  }
  return members;
}

/**
 * Returns the `__init__.py` files of a module's parent packages, which Python imports first.
 *
 * @param name the name of the module, each of whose parent packages needs such a file
 */
function parentMembers(root: string, path: string, name: string | undefined): Members {
  const parts = path.split("/").slice(0, -1);
  const inits = parts.map((_, i) => `${parts.slice(0, i + 1).join("/")}/__init__.py`);
  const missing = inits.find((init) => !exists(`${root}/${init}`));
  if (missing === undefined || name === undefined) {
    return Object.assign(
      {},
      ...inits.map((init) => readIfThere(root, init)),
    );
  }
  throw new UsageError(
    `Cannot ship the module ${name}: ${root}/${missing} is missing, create an empty file there`,
  );
}

function readIfThere(root: string, path: string): Members {
  return exists(`${root}/${path}`) ? { [path]: Deno.readFileSync(`${root}/${path}`) } : {};
}

/** Returns data files, keyed by their paths relative to an import root. */
function dataMembers(
  patterns: readonly string[],
  own: Members,
): { members: Members; warnings: readonly string[] } {
  const { files, warnings } = findData(patterns);
  const taken = Object.keys(files).find((name) =>
    name === "__main__.py" || Object.hasOwn(own, name)
  );
  if (taken !== undefined) {
    throw new UsageError(
      `Cannot ship the data ${taken}: dl_jobs uses this path in the zip, rename the file`,
    );
  }
  const members = Object.entries(files).map(([name, path]) => [name, Deno.readFileSync(path)]);
  return { members: Object.fromEntries(members), warnings };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
