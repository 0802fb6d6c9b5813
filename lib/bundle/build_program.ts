/**
 * The build of a program from its parts.
 *
 * @module
 */

import { fromFileUrl } from "../util/paths.ts";
import { withoutNamespace } from "./addresses.ts";
import { buildOptions } from "./build_options.ts";
import { withBundler } from "./bundler.ts";
import { toUsageError } from "./diagnostics.ts";
import { shortHash } from "./hash.ts";
import { mapUrl, nearestConfig, type UserConfig } from "./import_map.ts";
import { LIB } from "./plugin.ts";
import type { BuiltProgram, Bundle, ProgramParts } from "./program.ts";
import { hashSources } from "./sources.ts";

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
      const { outputFiles, metafile } = await esbuild.build(await buildOptions(program, config));
      const { code, hash } = await toBundle(outputFiles!);
      const inputs = inputFiles(metafile!, config);
      const sources = await hashSources(inputs.filter((path) => !isOwn(path)));
      return { code, hash, inputs, sources };
    } catch (error) {
      throw await toUsageError(error, program, esbuild);
    }
  });
}

/** Returns the paths of the local files that a program was built from. */
function inputFiles(
  { inputs }: { readonly inputs: Readonly<Record<string, unknown>> },
  config: UserConfig,
): string[] {
  const modules = Object.keys(inputs).filter((path) => !/^[\w-]+:/.test(path));
  const configs = [config.url, mapUrl(config)].map(({ href }) => href)
    .filter((href) => href.startsWith("file:") && !href.endsWith("/"));
  return [...modules.map((path) => `/${path}`), ...new Set(configs.map(fromFileUrl))];
}

/** Returns true for a file of the library, whose changes are not those of the user. */
function isOwn(path: string): boolean {
  return LIB.startsWith("file:") && path.startsWith(fromFileUrl(LIB));
}

async function toBundle(files: readonly { path: string; text: string }[]): Promise<Bundle> {
  const code = files.find((file) => file.path.endsWith(".js"))!.text;
  const map = JSON.parse(files.find((file) => file.path.endsWith(".map"))!.text);
  map.sources = map.sources.map(addressOf);
  const bytes = new TextEncoder().encode(JSON.stringify(map));
  return {
    code: `${code}//# sourceMappingURL=data:application/json;base64,${bytes.toBase64()}\n`,
    hash: await shortHash(code),
  };
}

/** Returns the address of a source file, which the bundler names by a path relative to the root. */
function addressOf(source: string): string {
  const path = withoutNamespace(source);
  return path.startsWith("dl-jobs:") ? path : new URL(path, "file:///").href;
}
