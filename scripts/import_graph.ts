/**
 * The imports of every source file of the project, as Deno's own parser reads them.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { listFiles } from "./source_files.ts";
import { deno } from "./steps/deno.ts";

/** One import of a source file. */
export interface Import {
  /** The specifier in the source: `./job.ts`. */
  readonly specifier: string;
  /** The path of the imported file from the project's folder: `lib/job.ts`. Absent for packages. */
  readonly target?: string | undefined;
  /** The line of the import, counted from 1. */
  readonly line: number;
  /** The time when the imported module loads: with the file, on demand, or never. */
  readonly kind: "static" | "dynamic" | "type";
}

/** One source file with its imports. */
export interface SourceFile {
  /** The path from the project's folder. */
  readonly path: string;
  /** The imports in the order of the source. */
  readonly imports: readonly Import[];
  /** The reason that the file could not be read. Absent when it was read. */
  readonly error?: string | undefined;
}

/** Every source file of the project. */
export type Graph = readonly SourceFile[];

/** The part of the output of `deno info --json` that is used here. */
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

/**
 * Runs `deno info` on a temporary file that imports all others, because it accepts only one file.
 */
async function denoInfo(urls: readonly string[]): Promise<Info> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};`).join("\n"));
    const flags = ["--json", "--no-config", "--no-lock", "--no-npm", "--no-remote"];
    const { success, stdout, stderr } = await deno(["info", ...flags, entry]).output();
    if (!success) {
      throw new Error(`Cannot read the imports: deno info: ${new TextDecoder().decode(stderr)}`);
    }
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(entry);
  }
}
