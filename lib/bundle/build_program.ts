/**
 * The build of a program from its parts.
 *
 * @module
 */

import { isFile } from "../util/fs.ts";
import { fromFileUrl } from "../util/paths.ts";
import { withoutNamespace } from "./addresses.ts";
import { buildOptions } from "./build_options.ts";
import { withBundler } from "./bundler.ts";
import { shortHash } from "./cache.ts";
import { toUsageError, toWarnings } from "./diagnostics.ts";
import { NO_GRAPH } from "./graph.ts";
import { decidingFiles, mapUrl, nearestConfig, type UserConfig } from "./import_map.ts";
import { parallelImports } from "./parallel_imports.ts";
import type { BuiltProgram, Bundle, ProgramParts } from "./program.ts";
import { addMap, type SourceMap, USES_NODE } from "./worker_part.ts";

/**
 * Builds a program.
 *
 * @throws {UsageError} when code cannot be parsed or an import cannot be resolved, or when the
 * export does not exist.
 */
export async function buildProgram(program: ProgramParts): Promise<BuiltProgram> {
  return await withBundler(async (esbuild) => {
    try {
      const config = await nearestConfig(program.from?.module);
      const options = await buildOptions(program, config);
      const first = await esbuild.build(options);
      const { outputFiles, metafile, warnings } =
        hasUserCode(program) && needsNames(first.outputFiles!)
          ? await esbuild.build({ ...options, keepNames: true })
          : first;
      const bundle = await toBundle(outputFiles!, metafile!, program);
      return {
        ...bundle,
        warnings: toWarnings(warnings),
        inputs: inputFiles(metafile!, config, program),
      };
    } catch (error) {
      throw await toUsageError(error, program, esbuild);
    }
  });
}

function hasUserCode({ user }: ProgramParts): boolean {
  return user !== "";
}

/** Returns the paths of the local files that a program depends on. */
function inputFiles(
  { inputs }: { readonly inputs: Readonly<Record<string, unknown>> },
  config: UserConfig,
  { from }: ProgramParts,
): string[] {
  const modules = Object.keys(inputs).filter((path) => !/^[\w-]+:/.test(path))
    .map((path) => `/${path}`.replace(/[?#].*$/, (query) => isFile(`/${path}`) ? query : ""));
  const configs = [config.url, mapUrl(config)].map(({ href }) => href)
    .filter((href) => href.startsWith("file:") && !href.endsWith("/"));
  return [
    ...new Set([...modules, ...configs.map(fromFileUrl), ...decidingFiles(from?.module, config)]),
  ];
}

type OutputFiles = readonly { readonly path: string; readonly text: string }[];

function textOf(files: OutputFiles, ending: ".js" | ".map"): string {
  return files.find(({ path }) => path.endsWith(ending))!.text;
}

/**
 * Returns true when the bundler has renamed a part of the user's code, which the map records, or has
 * named a class or function without a name. The bundler can restore the names of classes and
 * functions, but with code in each function that contains another one.
 */
function needsNames(files: OutputFiles): boolean {
  const { names }: SourceMap = JSON.parse(textOf(files, ".map"));
  return names.length > 0 || RENAMED.test(textOf(files, ".js"));
}

// `K = class _K`, and the names of default exports.
const RENAMED =
  /\bclass _[\w$]+|(?:function\*? |class )\w+_default\b|\w_default\d* = (?:async|function|class|\(|[\w$]+ =>)/;

async function toBundle(
  files: OutputFiles,
  { outputs }: { readonly outputs: Readonly<Record<string, { imports: { path: string }[] }>> },
  { worker = "", graph = NO_GRAPH }: ProgramParts,
): Promise<Omit<Bundle, "warnings">> {
  const imports = Object.values(outputs).flatMap((output) =>
    output.imports.map(({ path }) => path)
  );
  const usesNode = imports.some((path) => /^(node|npm):/.test(path));
  const code = parallelImports(textOf(files, ".js")).replace(
    USES_NODE,
    USES_NODE.replace("false", `${usesNode}`),
  );
  const packages = graph.neededBy(imports).map((address) => `import("${address}")`);
  const own: SourceMap = JSON.parse(textOf(files, ".map"));
  const map = await addMap({ ...own, sources: own.sources.map(addressOf) }, code, worker);
  const bytes = new TextEncoder().encode(JSON.stringify(map));
  const whole = packages.length > 0 ? code + pin(packages) : code;
  return {
    code: `${whole}//# sourceMappingURL=data:application/json;base64,${bytes.toBase64()}\n`,
    hash: await shortHash(whole),
  };
}

/**
 * Returns a function that is never called. Deno resolves the packages in its text before all ranges
 * of versions in other packages, and then uses these versions where a range permits it.
 */
function pin(packages: readonly string[]): string {
  return `function __dl_jobs_packages() {\n  return [${packages.join(", ")}];\n}\n`;
}

/** Returns the address of a source file, which the bundler names by a path relative to the root. */
function addressOf(source: string): string {
  const path = withoutNamespace(source);
  return path.startsWith("dl-jobs:") ? path : new URL(path, "file:///").href;
}
