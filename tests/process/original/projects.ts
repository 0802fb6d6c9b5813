/**
 * Projects of Python code in the manner of the Python package, and commands in them.
 *
 * @module
 */

import { fromFileUrl } from "../../../lib/util/paths.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { endOf, readBelow } from "../../support/jobs.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url).href);
const CODE_BASE = `${ROOT}tests/testdata/original/`;

/** The folder of the Python package. */
export const PACKAGE = `${ROOT}python`;

/** The words that start the command `dl_jobs`. */
export const DL_JOBS: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  "--quiet",
  `${ROOT}cli.ts`,
];

/** The end of a command. */
interface Done {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Creates a folder with the code base in tests/testdata/original. */
export async function makeCodeBase(): Promise<Folder> {
  const texts = [...readBelow(CODE_BASE)].filter(([path]) => !path.endsWith(".pyc"));
  return await makeFolder(
    Object.fromEntries(texts.map(([path, text]) => [path.slice(CODE_BASE.length), text])),
  );
}

/** Runs a program in a folder. Python finds the package in this project. */
export async function runIn(
  { path: cwd }: Folder,
  [program = "", ...args]: readonly string[],
  { env = {}, stdin }: { env?: Readonly<Record<string, string>>; stdin?: string } = {},
): Promise<Done> {
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: "1", NO_COLOR: "1", ...env },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout: out, stderr: err } = await endOf(child, stdin);
  return { out, err, code };
}

/** Returns the lines of the files that jobs have written into folders, in order, by their paths. */
export function filesOf({ path }: Folder, folders: readonly string[]): Record<string, unknown[]> {
  const files = folders.flatMap((folder) => [...readBelow(`${path}/${folder}`)]);
  const entries = files.map(([file, text]) => {
    const name = file.slice(path.length + 1).replace(/_\d{8}T\d{6}(-\d+)?/, "_TIME");
    return [name, text.split("\n").filter(Boolean).sort().map((line) => JSON.parse(line))] as const;
  });
  return Object.fromEntries(entries);
}
