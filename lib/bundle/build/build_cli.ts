/**
 * Builds the command `dl_jobs` as one program.
 *
 * @module
 */

import type { Esbuild, EsbuildPlugin } from "../../deps.ts";
import { PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { dirname, fromFileUrl, toFileUrl } from "../../util/paths.ts";
import { LIB } from "../modules/addresses.ts";
import { outputText } from "./build_program.ts";
import { cached } from "../program/cache.ts";
import { compileEarly, importedBy } from "./early_functions.ts";
import { COMMAND_PARTS, commandKey, type CommandPart } from "../program/cli_program.ts";
import { openLibraryCache } from "../program/library_cache.ts";
import { shortHash } from "../modules/hash.ts";
import type { BuiltProgram } from "../program/program.ts";

/**
 * Builds the programs unless the cache has them. Does nothing where the cache cannot be written.
 *
 * @param esbuild the bundler
 */
export async function keepCommand(esbuild: Esbuild): Promise<void> {
  const folder = openLibraryCache();
  if (folder === undefined) return;
  try {
    for (const part of COMMAND_PARTS) {
      await cached(folder, commandKey(part), () => buildPart(esbuild, folder, part));
    }
  } catch {
    // The programs only save time.
  }
}

async function buildPart(
  esbuild: Esbuild,
  folder: string,
  part: CommandPart,
): Promise<BuiltProgram> {
  const program = `command_${part}.js`, map = `${program}.map`;
  const { outputFiles, metafile } = await esbuild.build({
    stdin: {
      contents: part === "help" ? HELP : ALL,
      resolveDir: fromFileUrl(LIB),
    },
    absWorkingDir: "/",
    outfile: `/${program}`,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    sourcemap: "inline",
    sourceRoot: "file:///",
    sourcesContent: false,
    define: { "import.meta": META },
    plugins: part === "help" ? [REST, modules(withoutRun)] : [modules()],
    logLevel: "silent",
  });
  const early = part === "help" ? [] : EARLY.map((path) => fromFileUrl(LIB + path).slice(1));
  const text = compileEarly(outputText(outputFiles, ".js"), importedBy(early, metafile));
  // Errors name the lines of the modules. The source map is as large as the program, so it is in
  // another file, which only errors load.
  const small = await esbuild.transform(text, { minifyWhitespace: true, sourcemap: "external" });
  // Deno would load the module of a literal import at the start.
  const code = small.code.replaceAll('import("file:', 'import(""+"file:') +
    `//# sourceMappingURL=${map}\n`;
  writeAtomic(`${folder}/${map}`, small.map, { isContended: true, mode: PRIVATE_FILE });
  const paths = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>");
  const inputs = [fromFileUrl(import.meta.url), ...paths.map((path) => `/${path}`)];
  return { code, hash: await shortHash(code), inputs };
}

const HELP = `export { main } from "./cli/mod.ts";`;
// Each module is evaluated when it is imported, so that functions can be compiled early.
const ALL = `export const main = async (args) => (await import("./cli/mod.ts")).main(args);`;
// With their imports, these are the modules of a job on this machine.
const EARLY = [
  "cli/mod.ts",
  "cli/map.ts",
  "api/job.ts",
  "engines/local/local.ts",
];

// The name of a constant in the modules.
const META = "__dl_jobs_meta";
// An import of a text. The file is read when the import runs, so the import must not be literal.
const TEXT_IMPORT = /\bimport\(\s*("\.[^"]+")(?=,\s*\{\s*with: \{ type: "text" \})/g;

/** Removes the function of a command, and with it all that only this function uses. */
function withoutRun(text: string, path: string): string {
  const isCommand = dirname(path) === fromFileUrl(`${LIB}cli`) && !path.endsWith("/mod.ts");
  return isCommand ? text.replace(/^ {2}run: .*,$/m, "") : text;
}

/**
 * Leaves out what only a command that runs imports. Within `lib/cli/`, the imports on demand are
 * those of the tables; all others remain imports of the modules. A module that help does not use is
 * not evaluated.
 */
const REST: EsbuildPlugin = {
  name: "modules that help does not need",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
      const from = toFileUrl(`${resolveDir}/`), url = new URL(path, from).href;
      if (kind !== "dynamic-import") return { path: fromFileUrl(url), sideEffects: false };
      const isOwn = [from, url].every((one) => one.startsWith(`${LIB}cli/`));
      return isOwn ? undefined : { path: url, external: true };
    });
  },
};

/** Gives each module its own `import.meta`. Imports that are not files remain imports. */
const modules = (change = (text: string, _path: string) => text): EsbuildPlugin => ({
  name: "modules of the command",
  setup(build) {
    build.onResolve({ filter: /^[a-z]+:/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = change(await Deno.readTextFile(path), path)
        .replace(TEXT_IMPORT, "import(import.meta.resolve($1)");
      return { contents: text.includes("import.meta") ? metaOf(path) + text : text, loader: "ts" };
    });
  },
});

/** Returns the declaration of a module's `import.meta`, which adds no line. */
function metaOf(path: string): string {
  const url = JSON.stringify(toFileUrl(path));
  return `const ${META} = { url: ${url}, resolve: (path) => new URL(path, ${url}).href };`;
}
