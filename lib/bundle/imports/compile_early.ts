/**
 * The compilation of single modules before the bundler includes them in a program.
 *
 * @module
 */

import type { EsbuildHooks } from "../../deps.ts";
import type { CodeLoader } from "../modules/addresses.ts";
import type { CompilerOptions, OptionsFinder } from "../modules/compiler_options.ts";
import type { GlobCheck } from "./globs.ts";

/** A module to load, in the form of the bundler. */
export interface LoadedModule {
  readonly contents: string;
  readonly loader: CodeLoader;
}

/**
 * Compiles a module to JavaScript with an inline source map.
 *
 * @param supported whether the result may contain a kind of syntax. @default {no `using`}
 */
export type Compiler = (
  module: LoadedModule,
  url: string,
  supported?: Record<string, boolean>,
) => Promise<LoadedModule>;

/** The parts of a build that load single modules. */
export interface ModuleTools {
  readonly compile: Compiler;
  /** Finds the compiler options of a module, if they are not those of the program. */
  readonly ownOptions: (url: string) => Promise<CompilerOptions | undefined>;
  readonly isWhole: GlobCheck;
}

/** Returns the compiler of a build, which keeps names when the build does. */
export function compilerOf(
  { esbuild, initialOptions: { keepNames = false } }: Pick<
    EsbuildHooks,
    "esbuild" | "initialOptions"
  >,
  optionsOf: OptionsFinder,
): Compiler {
  return async ({ contents, loader }, url, supported = { using: false }) => {
    const compilerOptions = { verbatimModuleSyntax: false, ...await optionsOf(url) };
    const { code } = await esbuild.transform(contents, {
      loader,
      keepNames,
      sourcemap: "inline",
      sourcesContent: false,
      sourcefile: url,
      supported,
      tsconfigRaw: { compilerOptions },
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
  const isOrdered = loader.startsWith("ts") && hasParameterProperties(contents);
  if (isOrdered) return await compile({ contents, loader }, url, FIELDS_IN_ORDER);
  if (USING.test(contents)) return await compile({ contents, loader }, url);
  const isAutomatic = loader.endsWith("x") && JSX_SOURCE.test(contents);
  const suffix = (isAutomatic ? AUTOMATIC : "") + (asksForRequire(contents) ? NO_REQUIRE : "");
  return { contents: contents + suffix, loader };
}

/**
 * Returns true when an ES module tests for a `require` that it does not declare. The bundler would
 * provide one, and code for CommonJS would run that does not run in Deno.
 */
function asksForRequire(text: string): boolean {
  return /\btypeof\s+require\b/.test(text) &&
    !DECLARED_REQUIRE.test(text.replace(/\bdeclare\s+\w+\s+require\b/g, ""));
}

const DECLARED_REQUIRE = /\b(?:as|const|let|var|function|class)\s+require\b|[{,]\s*require\s*[,}=]/;
const NO_REQUIRE = "\nvar require;";

const SOURCE_IMPORT = /^(\s*import\s)\s*source(\s+[\w$]+\s+from\s*(?:"[^"\n]+"|'[^'\n]+'))/gm;
/** The attribute of an import of a compiled WebAssembly module. */
export const WASM_SOURCE = "dl-jobs-source";
// The bundler would never dispose of what a module declares outside of functions.
const USING = /(?:^|[;{}])\s*(?:await\s+)?using\s+[\w$]+\s*[:=]/m;
// To Deno, this comment is enough.
const JSX_SOURCE = /@jsxImportSource\s/, AUTOMATIC = "\n/** @jsxRuntime automatic */";

// Without fields, decorators of private members must be compiled in the same step.
const FIELDS_IN_ORDER = { using: false, "class-field": false, decorators: false };

/**
 * Returns true when a constructor has parameter properties, such as `constructor(readonly x = 1)`.
 * Deno sets them before the fields of the class. The bundler does so only where fields are
 * statements of the constructor, so a field such as `y = this.x` would be undefined.
 */
function hasParameterProperties(text: string): boolean {
  for (const { index, 0: start } of text.matchAll(/\bconstructor\s*\(/g)) {
    let depth = 1;
    PARAMETERS.lastIndex = index + start.length;
    for (let found; depth > 0 && (found = PARAMETERS.exec(text));) {
      if (found[2]) return true;
      depth += found[0] === "(" ? 1 : found[0] === ")" ? -1 : 0;
    }
  }
  return false;
}

// Comments, texts, parentheses, and the modifiers of parameter properties.
const PARAMETERS =
  /\/\/.*|\/\*[^]*?\*\/|(["'`])(?:\\[^]|(?!\1)[^\\])*\1|[()]|\b(public|private|protected|readonly|override)\s/g;
