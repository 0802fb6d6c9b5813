/**
 * Finds imports that break the order of layers: `deno run -A scripts/check_layers.ts [folder]`.
 *
 * Prints one line for each finding, with the way to fix it. Exits with status 1 when it finds
 * anything.
 *
 * @module
 */

import { type Graph, type Import, readGraph, type SourceFile } from "./import_graph.ts";

/**
 * The folders and files of the project, from the top down. A file imports only from its own entry
 * and from lower entries. A path belongs to the longest entry that is a prefix of the path. Entries
 * on one line, separated by bars, do not import each other.
 */
export const LAYERS = [
  "tests",
  "bench",
  "tools",
  "scripts",
  "examples",
  "mod.ts | cli.ts",
  "lib/cli",
  "repl",
  "lib/web",
  "lib/web/page",
  "lib/web/protocol.ts",
  "lib/api",
  "lib/job/inspect | lib/job/query",
  "lib/job/resume",
  "lib/job/run",
  "lib/job/plan",
  "lib/job/steer",
  "lib/job/reduce",
  "lib/job/program",
  "lib/job/schema",
  "lib/job/list",
  "lib/job/function",
  "lib/job/files",
  "lib/job/options",
  "lib/job/canary",
  "lib/job/report",
  "lib/engines/mod.ts",
  "lib/engines/slurm | lib/engines/compute | lib/engines/ssh | lib/engines/kubernetes",
  "lib/engines/stream",
  "lib/engines/batch",
  "lib/engines/inline.ts",
  "lib/engines/local",
  "lib/engines/shared",
  "lib/engines/engine.ts",
  "lib/worker",
  "lib/bundle",
  "lib/bundle/build | lib/bundle/python",
  "lib/bundle/imports",
  "lib/bundle/program",
  "lib/bundle/function",
  "lib/bundle/modules",
  "lib/job_dir",
  "lib/tasks",
  "lib/config",
  "lib/terminal",
  "lib/journal",
  "lib/formats",
  "lib/ndjson",
  "lib/compat",
  "lib/values",
  "lib/util/text | lib/util/process",
  "lib/util/files",
  "lib/util/time | lib/util/bytes",
  "lib/util",
  "lib/deps.ts",
] as const;

/** Imports that must be dynamic or type-only, so that `--help` starts quickly. */
const ON_DEMAND: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^lib\/engines\/mod\.ts$/, /^lib\/engines\/(inline\.ts|local|slurm|compute|ssh|kubernetes)/],
  [
    /^lib\/cli\/mod\.ts$/,
    /^(lib\/cli\/(?!mod\.ts|output\.ts|exit_status\.ts)|lib\/(job|api|web)\/|repl\/)/,
  ],
  [/^lib\/cli\//, /^lib\/(web|api|engines)\//],
];

/** The only files that name third-party packages, for Deno and for the browser. */
const DEPS = ["lib/deps.ts", "lib/web/page/deps.ts"];

const CODE = /\.[cm]?[jt]sx?$/;

/** Returns the findings in a graph, one line each. */
export function checkLayers(graph: Graph): string[] {
  return [...graph.flatMap(checkFile), ...findCycles(graph)];
}

function checkFile(file: SourceFile): string[] {
  const { path, imports, error } = file;
  if (error) return [`${path}:1 cannot be read: ${error}`];
  if (layerOf(path) < 0) return [`${path}:1 is in no layer: add it to scripts/check_layers.ts`];
  return imports.flatMap((one) => {
    const problem = isThirdParty(one) ? thirdPartyProblem(path, one) : ownProblem(path, one);
    return problem ? [finding(path, one, problem)] : [];
  });
}

function finding(path: string, { line, target, specifier }: Import, problem: string): string {
  return `${path}:${line} imports ${target ?? specifier}: ${problem}`;
}

/** The entries of {@linkcode LAYERS}, each with the number of its line. */
const PLACES = LAYERS.flatMap((line, layer) => line.split(" | ").map((name) => ({ name, layer })));

function placeOf(path: string): typeof PLACES[number] | undefined {
  return PLACES.filter(({ name }) => path === name || path.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function layerOf(path: string): number {
  return placeOf(path)?.layer ?? -1;
}

/** True for files that users import. Tests and tools may import any npm package. */
function isShipped(path: string): boolean {
  return /^(lib|repl|mod\.ts|cli\.ts)/.test(path);
}

function isThirdParty({ specifier }: Import): boolean {
  return /^(npm|jsr|https?|data|blob):/.test(specifier);
}

function thirdPartyProblem(path: string, { specifier }: Import): string | undefined {
  if (isShipped(path) && !DEPS.includes(path)) {
    return `it is third-party, give it a name in ${DEPS[0]}`;
  }
  const isExact = /^npm:(@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+([-+][\w.+-]+)?(\/.*)?$/.test(specifier);
  return isExact ? undefined : "it is not one exact version, write npm:name@1.2.3";
}

function ownProblem(path: string, { specifier, target, kind }: Import): string | undefined {
  if (isShipped(path) && !/^(\.\.?\/|node:)/.test(specifier)) {
    return "an import map does not travel, write a relative path or node:";
  }
  // A JSON or text file has no imports, so it belongs to no layer.
  if (target === undefined || !CODE.test(target)) return undefined;
  const from = placeOf(path)!, to = placeOf(target);
  if (!to) return "it is in no layer";
  if (from.name === to.name) return privateProblem(path, target) ?? lateProblem(path, target, kind);
  if (to.layer < from.layer) {
    return `${to.name} is above ${from.name}, move what both need to ${from.name} or below`;
  }
  if (to.layer === from.layer) {
    return `${to.name} is beside ${from.name}, move what both need below both`;
  }
  return privateProblem(path, target) ?? lateProblem(path, target, kind);
}

/** Reports an import from another folder of a file whose name starts with an underscore. */
function privateProblem(path: string, target: string): string | undefined {
  const folder = (file: string) => file.slice(0, file.lastIndexOf("/"));
  const isPrivate = target.slice(target.lastIndexOf("/") + 1).startsWith("_");
  return isPrivate && folder(path) !== folder(target) ? "it is private to its folder" : undefined;
}

function lateProblem(path: string, target: string, kind: Import["kind"]): string | undefined {
  const isLate = ON_DEMAND.some(([from, to]) => from.test(path) && to.test(target));
  return isLate && kind === "static"
    ? "it must load on demand, write await import() or import type"
    : undefined;
}

/** Visits the files depth first. An import of a file on the current path closes a cycle. */
function findCycles(graph: Graph): string[] {
  const files = new Map(graph.map((file) => [file.path, file]));
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
        findings.push(finding(path, one, `it closes the cycle ${cycle}`));
      } else if (!done.has(one.target)) visit(one.target, here);
    }
  };
  for (const path of files.keys()) if (!done.has(path)) visit(path, []);
  return findings;
}

if (import.meta.main) {
  const graph = await readGraph(Deno.args[0] ?? `${import.meta.dirname}/..`);
  const findings = checkLayers(graph);
  for (const finding of findings) console.log(finding);
  console.error(`${graph.length} files, ${findings.length} findings`);
  Deno.exit(findings.length > 0 ? 1 : 0);
}
