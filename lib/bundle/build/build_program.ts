/**
 * The build of a program from its parts.
 *
 * @module
 */

import { isFile } from "../../util/files/fs.ts";
import { fromFileUrl } from "../../util/paths.ts";
import { LIB, withoutNamespace } from "../modules/addresses.ts";
import { buildOptions } from "./build_options.ts";
import { withBundler } from "./bundler.ts";
import { hasBadMap, refuseMissing, toUsageError, toWarnings } from "./diagnostics.ts";
import { NO_GRAPH } from "../modules/graph.ts";
import { shortHash } from "../modules/hash.ts";
import {
  decidingFiles,
  mapUrl,
  nearestConfig,
  NO_CONFIG,
  type UserConfig,
} from "../modules/import_map.ts";
import { hasRenamed, nameClasses } from "./names.ts";
import { likeNode } from "./node_interop.ts";
import { withOwnNames } from "./own_names.ts";
import { parallelImports } from "./parallel_imports.ts";
import type { BuiltProgram, Bundle, ProgramParts } from "../program/program.ts";
import { hashSources } from "../modules/sources.ts";
import { lacksMethod } from "../program/user_module.ts";
import { addMap, type SourceMap, USES_NODE, withoutMap } from "../program/worker_part.ts";

/**
 * Builds a program.
 *
 * @throws {UsageError} when code cannot be parsed or an import cannot be resolved, or when the
 * export does not exist.
 */
export async function buildProgram(parts: ProgramParts): Promise<BuiltProgram> {
  const folders = new Set<string>(), compiled = new Map<string, string>();
  const program = { ...parts, folders, compiled };
  return await withBundler(async (esbuild) => {
    try {
      const config = program.isLibrary ? NO_CONFIG : await nearestConfig(program.from?.module);
      const options = await buildOptions(program, config);
      const first = await esbuild.build(options);
      refuseMissing(first.warnings);
      if (lacksMethod(outputText(first.outputFiles!, ".js"))) {
        await esbuild.build(await buildOptions({ ...program, asScript: true }, config));
      }
      const isNamed = await needsNames(first.outputFiles!, program);
      const built = isNamed ? await esbuild.build({ ...options, keepNames: true }) : first;
      const { outputFiles, metafile, warnings } = built;
      const plain = isNamed ? outputText(first.outputFiles!, ".js") : undefined;
      const bundle = await toBundle(outputFiles!, metafile!, program, plain);
      const inputs = inputFiles(metafile!, config, program);
      const sources = await hashSources(inputs.filter((path) => !isOwn(path) && isFile(path)));
      return {
        ...bundle,
        warnings: await toWarnings(warnings, program),
        inputs: [...inputs, ...folders],
        sources,
      };
    } catch (error) {
      if (!parts.ignoresMaps && hasBadMap(error)) {
        return await buildProgram({ ...parts, ignoresMaps: true });
      }
      throw await toUsageError(error, program, esbuild);
    }
  });
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
    ...new Set([
      ...modules,
      ...configs.map(fromFileUrl),
      ...decidingFiles(from?.module, config, modules.filter((path) => !isOwn(path))),
    ]),
  ];
}

/** Returns true for a file of the library, whose changes are not those of the user. */
function isOwn(path: string): boolean {
  return LIB.startsWith("file:") && path.startsWith(fromFileUrl(LIB));
}

type OutputFiles = readonly { readonly path: string; readonly text: string }[];

/** Returns the text of the program or of its source map from the files of the bundler. */
export function outputText(files: OutputFiles, ending: ".js" | ".map"): string {
  return files.find(({ path }) => path.endsWith(ending))!.text;
}

async function needsNames(files: OutputFiles, program: ProgramParts): Promise<boolean> {
  return !program.isLibrary &&
    await hasRenamed(userCodeIn(files, program), JSON.parse(outputText(files, ".map")));
}

/** Returns the text of a program without the worker, whose lines become empty. */
function userCodeIn(files: OutputFiles, { worker = "" }: ProgramParts): string {
  const part = withoutMap(worker);
  return outputText(files, ".js").replace(part, () => "\n".repeat(part.split("\n").length - 1));
}

async function toBundle(
  files: OutputFiles,
  { outputs }: { readonly outputs: Readonly<Record<string, { imports: { path: string }[] }>> },
  { worker = "", graph = NO_GRAPH }: ProgramParts,
  plain: string | undefined,
): Promise<Omit<Bundle, "warnings">> {
  const imports = Object.values(outputs).flatMap((output) =>
    output.imports.map(({ path }) => path)
  );
  const usesNode = imports.some((path) => /^(node|npm):/.test(path));
  const printed = outputText(files, ".js");
  const text = plain === undefined ? printed : withOwnNames(printed, plain);
  // These changes keep the lines, so the source map stays valid.
  const code = parallelImports(nameClasses(withNamespaces(likeNode(text)))).replace(
    USES_NODE,
    USES_NODE.replace("false", `${usesNode}`),
  );
  const packages = graph.neededBy(imports).map((address) => `import("${address}")`);
  const own: SourceMap = JSON.parse(outputText(files, ".map"));
  const map = await addMap({ ...own, sources: own.sources.map(addressOf) }, text, worker);
  const bytes = new TextEncoder().encode(JSON.stringify(map));
  const whole = packages.length > 0 ? code + pin(packages) : code;
  const url = `data:application/json;base64,${bytes.toBase64()}`;
  return {
    // The sandbox imports the program as text, from which Deno removes a source map at the end.
    code: `${whole}//# sourceMappingURL=${url}\n// The end.\n`,
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

/**
 * Makes the namespace objects of modules like those of the language, without the properties of other
 * objects, such as `toString`. The properties of a CommonJS module are copied to such an object.
 */
function withNamespaces(code: string): string {
  const tag = `Symbol.toStringTag, { value: "Module" })`;
  return code
    .replace(EXPORT, (start) => `${start} __defProp(Object.setPrototypeOf(target, null), ${tag};`)
    .replace(TO_ESM, `$1__defProp(__create(null), ${tag}`);
}

// The lines of the bundler's functions that create these objects.
const EXPORT = /^ *var __export = \(target, all\) => \{$/gm;
const TO_ESM =
  /^( *var __toESM = .*\(target = )mod != null \? __create\(__getProtoOf\(mod\)\) : \{\}/gm;

/** Returns the address of a source file, which the bundler names by a path relative to the root. */
function addressOf(source: string): string {
  const path = withoutNamespace(source);
  return path.startsWith("dl-jobs:") ? path : new URL(path, "file:///").href;
}
