/**
 * Fails on an import that points the wrong way: `deno run -A scripts/check_layers.ts [folder]`.
 *
 * Prints one line a finding, with what to do, and exits with 1 when there is one.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/**
 * The rows: a file imports only from rows above its own and, within its row, only from names left
 * of its own. A new file is one more word here. Names start from `lib/`; `*` stands for any name in
 * its folder and gives way to a longer match; `|` stands between names that do not import each
 * other.
 */
export const ROWS = {
  ground: "deps errors helpers timer remote width paint",
  data:
    "bytes batch ndjson/stringify ndjson/bad_line ndjson/blocks ndjson/read ndjson/write ndjson values config task event visit decorators permissions image table",
  steps:
    "call locate closure bundle_cache bundle lines journal results retry store replay reuse digest progress/screen progress/rate progress/line progress/watch progress capture answers launch",
  contract: "engine worker",
  engines: "engines/_* engines/local engines/slurm/* engines/compute/* engines/* engines/mod",
  job: "summary run show plan job run_method resume submit past cancel",
  ui:
    "ui/snapshot ui/tail|ui/rate|ui/timeline|ui/failures|ui/sample ui/summary ui/jobs|ui/details ui/stream ui/page/deps ui/page/* ui/page ui/server|ui/report",
  commands: "cli/_* selftest ../repl/* cli/* cli/mod",
  doors: "../mod|../cli",
};

/** Names whose files also import each other, as long as no cycle comes of it. */
const AMONG_THEMSELVES = [
  ...["engines/_*", "engines/slurm/*", "engines/compute/*"],
  ...["ui/page/*", "cli/_*", "../repl/*"],
];

/** Who may import what only with `await import()` or as a type, so that `--help` stays quick. */
const ON_DEMAND: Readonly<Record<string, string>> = {
  "engines/mod": "engines/local engines/*",
  "cli/mod": "selftest ../repl/* cli/*",
  "cli/*": "ui/server|ui/report",
};

/** The files that name third-party packages: one for Deno, and one for a browser. */
const DEPS = ["lib/deps.ts", "lib/ui/page/deps.ts"];

/** One import, as it stands in the source. */
export interface Import {
  /** What the source says: `./job.ts`. */
  readonly specifier: string;
  /** The file that this is, from the project's folder: `lib/job.ts`. Nothing, when it is no file. */
  readonly target?: string | undefined;
  /** The line, counted from 1. */
  readonly line: number;
  /** When it loads: with the file, on demand, or never. */
  readonly kind: "static" | "dynamic" | "type";
}

/** One source file with its imports. */
export interface SourceFile {
  /** The path from the project's folder. */
  readonly path: string;
  /** What it imports, in the order of the source. */
  readonly imports: readonly Import[];
  /** Why it could not be read. */
  readonly error?: string | undefined;
}

/** Every source file of the project. */
export type Graph = readonly SourceFile[];

/** Says what is wrong with the imports of a graph, one line a finding. */
export function checkLayers(graph: Graph): string[] {
  const paths = new Set(graph.map((file) => file.path));
  return [...graph.flatMap((file) => checkFile(file, paths)), ...findCycles(graph)];
}

function checkFile(file: SourceFile, paths: ReadonlySet<string>): string[] {
  if (file.error) return [`${file.path}:1 cannot be read: ${file.error}`];
  const inRows = isLayered(file.path);
  if (inRows && !placeOf(file.path)) {
    return [`${file.path}:1 stands in no row: add it to ROWS in scripts/check_layers.ts`];
  }
  return file.imports.flatMap((one) => {
    const why = isThirdParty(one)
      ? checkThirdParty(file.path, one)
      : inRows && (checkBareName(one) ?? checkDirection(file.path, one, paths));
    return why ? [at(file.path, one, why)] : [];
  });
}

function at(path: string, { line, target, specifier }: Import, why: string): string {
  return `${path}:${line} imports ${target ?? specifier}: ${why}`;
}

/** Whether the rows are about this file: tests, scripts and examples import what they like. */
function isLayered(path: string): boolean {
  return !/^(tests|scripts|examples)\//.test(path);
}

const CODE = /\.[cm]?[jt]sx?$/;

interface Place {
  /** The row's name. */
  readonly row: string;
  /** The row's number, from the top. */
  readonly y: number;
  /** The name in the table: `engines/*`. */
  readonly cell: string;
  /** Its number, from the left. */
  readonly x: number;
}

const PLACES: readonly Place[] = Object.entries(ROWS).flatMap(([row, cells], y) =>
  cells.split(" ").map((cell, x) => ({ row, y, cell, x }))
);

function placeOf(path: string): Place | undefined {
  const name = `../${path}`.replace("../lib/", "").replace(CODE, "");
  return PLACES
    .filter(({ cell }) => toPattern(cell).test(name))
    .sort((a, b) => b.cell.length - a.cell.length)[0];
}

function toPattern(cell: string): RegExp {
  return new RegExp(`^(${cell.replaceAll(".", "\\.").replaceAll("*", "[^/]+")})$`);
}

function isThirdParty({ specifier }: Import): boolean {
  return /^(npm|jsr|https?|data|blob):/.test(specifier);
}

function checkThirdParty(path: string, { specifier }: Import): string | undefined {
  if (isLayered(path) && !DEPS.includes(path)) {
    return `it is third-party, give it a name in ${DEPS[0]}`;
  }
  if (!/^npm:(@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+([-+][\w.+-]+)?(\/.*)?$/.test(specifier)) {
    return "it is not one exact version, write npm:name@1.2.3";
  }
  return undefined;
}

function checkBareName({ specifier }: Import): string | undefined {
  if (/^(\.\.?\/|node:)/.test(specifier)) return undefined;
  return "an import map does not travel, write a relative path or node:";
}

function checkDirection(
  path: string,
  one: Import,
  paths: ReadonlySet<string>,
): string | undefined {
  // A JSON or text file has no imports of its own, so it points no way at all.
  if (one.target === undefined || !CODE.test(one.target)) return undefined;
  const from = placeOf(path)!;
  const to = isLayered(one.target) ? placeOf(one.target) : undefined;
  if (!to) {
    // A file of ours in no row has its own line already.
    const known = isLayered(one.target) && paths.has(one.target);
    return known ? undefined : "it is in no row, take what is needed from a file that is";
  }
  if (to.y > from.y) {
    return `row ${to.row} is below row ${from.row}, move what both need to row ${from.row} or above`;
  }
  if (to.y === from.y && !isAllowedInRow(from, to)) {
    return `in row ${from.row} it is not left of ${path}, move what both need to the left`;
  }
  if (one.kind === "static" && ON_DEMAND[from.cell]?.split(" ").includes(to.cell)) {
    return "it must load on demand, write await import() or import type";
  }
  return undefined;
}

function isAllowedInRow(from: Place, to: Place): boolean {
  return to.x < from.x || (to.x === from.x && AMONG_THEMSELVES.includes(to.cell));
}

/** Walks the files depth first: an import of a file on the way here closes a cycle. */
function findCycles(graph: Graph): string[] {
  const files = new Map(graph.filter((f) => isLayered(f.path)).map((f) => [f.path, f]));
  const done = new Set<string>();
  const findings: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    done.add(path);
    const here = [...way, path];
    for (const one of files.get(path)?.imports ?? []) {
      if (one.target === undefined || !files.has(one.target)) continue;
      const start = here.indexOf(one.target);
      if (start >= 0) {
        const cycle = [...here.slice(start), one.target].join(" > ");
        findings.push(at(path, one, `it closes the cycle ${cycle}, move what both need up`));
      } else if (!done.has(one.target)) visit(one.target, here);
    }
  };
  for (const path of files.keys()) if (!done.has(path)) visit(path, []);
  return findings;
}

/** Lists the project's source files, without the user code in `tests/testdata`. */
export async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isFile, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      const path = `${folder}${name}`;
      if (isFile) found.push(path);
      else if (isDirectory && isSource(path)) await walk(`${path}/`);
    }
  };
  await walk("");
  return found.filter((path) => CODE.test(path)).sort();
}

function isSource(folder: string): boolean {
  return /^(lib|repl|tests|scripts|examples)\b/.test(folder) &&
    !/(^|\/)(\.[^/]*|testdata|node_modules)$/.test(folder);
}

/** What is used of the answer of `deno info --json`. */
interface Info {
  readonly modules: readonly InfoModule[];
}

interface InfoModule {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly InfoDependency[];
}

interface InfoDependency {
  readonly specifier: string;
  readonly code?: InfoResolved;
  readonly type?: InfoResolved;
  readonly isDynamic?: boolean;
}

interface InfoResolved {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

/** Reads the imports of every source file with Deno's own parser. */
export async function readGraph(root: string): Promise<Graph> {
  const base = `${pathToFileURL(await Deno.realPath(root)).href}/`;
  const paths = await listFiles(root);
  const { modules } = await denoInfo(paths.map((path) => base + encodeURI(path)));
  const byUrl = new Map(modules.map((module) => [module.specifier, module]));
  return paths.map((path) => {
    const module = byUrl.get(base + encodeURI(path));
    const imports = (module?.dependencies ?? []).map((one) => toImport(one, base));
    return { path, imports, error: module?.error?.split("\n")[0] };
  });
}

function toImport({ specifier, code, type, isDynamic }: InfoDependency, base: string): Import {
  const resolved = [code, type].filter((one) => one !== undefined);
  const url = resolved.find((one) => one.specifier)?.specifier;
  return {
    specifier,
    target: url?.startsWith(base) ? decodeURI(url.slice(base.length)) : undefined,
    line: Math.min(...resolved.map((one) => one.span.start.line)) + 1,
    kind: isDynamic ? "dynamic" : code ? "static" : "type",
  };
}

/** Asks `deno info`, which takes one file, about a file that imports them all. */
async function denoInfo(urls: readonly string[]): Promise<Info> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};`).join("\n"));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-config", "--no-lock", "--no-npm", "--no-remote", entry],
      stdin: "null",
    }).output();
    if (!success) {
      throw new Error(`Cannot read the imports: deno info: ${new TextDecoder().decode(stderr)}`);
    }
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(entry);
  }
}

if (import.meta.main) {
  const graph = await readGraph(Deno.args[0] ?? `${import.meta.dirname}/..`);
  const findings = checkLayers(graph);
  for (const finding of findings) console.log(finding);
  console.error(`${graph.length} files, ${findings.length} findings`);
  Deno.exit(findings.length > 0 ? 1 : 0);
}
