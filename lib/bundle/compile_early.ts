/**
 * The compilation of single modules before the bundler includes them in a program.
 *
 * @module
 */

import type { Esbuild } from "../deps.ts";
import type { CompilerOptions } from "./compiler_options.ts";
import type { GlobCheck } from "./globs.ts";

/** The loaders of the bundler for code. */
export type CodeLoader = "ts" | "tsx" | "js" | "jsx";

/** A module to load, in the form of the bundler. */
export interface LoadedModule {
  readonly contents: string;
  readonly loader: CodeLoader;
}

/** Compiles a module to JavaScript with an inline source map. */
export type Compiler = (module: LoadedModule, url: string) => Promise<LoadedModule>;

/** The parts of a build that load single modules. */
export interface ModuleTools {
  readonly compile: Compiler;
  readonly isWhole: GlobCheck;
}

/** Returns the compiler of a build. */
export function compilerOf(
  { esbuild }: { readonly esbuild: Pick<Esbuild, "transform"> },
  compiler: CompilerOptions,
): Compiler {
  return async ({ contents, loader }, url) => {
    const { code } = await esbuild.transform(contents, {
      loader,
      sourcemap: "inline",
      sourcesContent: false,
      sourcefile: url,
      supported: { using: false },
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false, ...compiler } },
    });
    return { contents: code, loader: "js" };
  };
}

/** Rewrites what Deno runs and the bundler does not understand. Keeps the lines. */
export async function forBundler(
  module: LoadedModule,
  url: string,
  compile: Compiler,
): Promise<LoadedModule> {
  const { loader } = module;
  const contents = module.contents.replace(SOURCE_IMPORT, `$1$2 with { type: "${WASM_SOURCE}" }`);
  if (USING.test(contents)) return await compile({ contents, loader }, url);
  const isAutomatic = loader.endsWith("x") && JSX_SOURCE.test(contents);
  return { contents: isAutomatic ? contents + AUTOMATIC : contents, loader };
}

const SOURCE_IMPORT = /^(\s*import\s)\s*source(\s+[\w$]+\s+from\s*(?:"[^"\n]+"|'[^'\n]+'))/gm;
/** The attribute of an import of a compiled WebAssembly module. */
export const WASM_SOURCE = "dl-jobs-source";
// The bundler would never dispose of what a module declares outside of functions.
const USING = /(?:^|[;{}])\s*(?:await\s+)?using\s+[\w$]+\s*[:=]/m;
// To Deno, this comment is enough.
const JSX_SOURCE = /@jsxImportSource\s/, AUTOMATIC = "\n/** @jsxRuntime automatic */";
