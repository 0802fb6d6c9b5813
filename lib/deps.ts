/**
 * The third-party packages: a version is changed here and nowhere else.
 *
 * The specifiers are full, because an import map does not follow a module to another machine. A
 * function imports each package on its first call, through a variable: Deno resolves a literal
 * `import("npm:...")` at every start, used or not.
 *
 * @module
 */

// The package has no types of its own. This import tells `deno install` to fetch it.
import type {} from "npm:deno-std@1.4.0/text/mod.js";

const load = <T>(specifier: string): Promise<T> => import(specifier);

/** Splits a command line into flags and the rest (`@std/cli`). */
export const loadArgs = (): Promise<{
  parseArgs(
    args: readonly string[],
    options: { readonly string: readonly string[]; readonly collect: readonly string[] },
  ): Readonly<Record<string, string | readonly string[]>>;
}> => load("npm:deno-std@1.4.0/cli/parse_args.js");

/** The used part of `@std/yaml`. */
export interface Yaml {
  parse(text: string, options?: { schema?: string; filename?: string }): unknown;
  stringify(value: unknown, options?: { lineWidth?: number; flowLevel?: number }): string;
}

/** YAML in and out (`@std/yaml`). */
export const loadYaml = (): Promise<Yaml> => load("npm:deno-std@1.4.0/yaml/mod.js");

/** JSON with comments, as in `deno.jsonc` (`@std/jsonc`). */
export const loadJsonc = (): Promise<{ parse(text: string): unknown }> =>
  load("npm:deno-std@1.4.0/jsonc/mod.js");

/** The nearest of several words to a mistyped one (`@std/text`). */
export const loadText = (): Promise<{
  closestString(word: string, possible: readonly string[]): string;
  levenshteinDistance(a: string, b: string): number;
  wordSimilaritySort(word: string, possible: readonly string[]): string[];
}> => load("npm:deno-std@1.4.0/text/mod.js");

/** The bundler's own types. */
export type Esbuild = typeof import("npm:esbuild@0.28.2");
/** The options of a build. */
export type BuildOptions = import("npm:esbuild@0.28.2").BuildOptions;
/** A plugin of the bundler. */
export type EsbuildPlugin = import("npm:esbuild@0.28.2").Plugin;
/** The hooks of a build, which a plugin receives. */
export type EsbuildHooks = import("npm:esbuild@0.28.2").PluginBuild;

/** The bundler, for the user's code. */
export const loadEsbuild = (): Promise<Esbuild> => load("npm:esbuild@0.28.2");

/** Import maps, as the standard says (`@import-maps/resolve`). */
export const loadImportMaps = (): Promise<typeof import("npm:@import-maps/resolve@2.0.0")> =>
  load("npm:@import-maps/resolve@2.0.0");

/** A JavaScript parser. */
export const loadAcorn = (): Promise<typeof import("npm:acorn@8.19.0")> => load("npm:acorn@8.19.0");

/** Which names a piece of JavaScript takes from around itself. */
export const loadPeriscopic = (): Promise<typeof import("npm:periscopic@4.0.3")> =>
  load("npm:periscopic@4.0.3");

/** Other programs, in one line (`zx`). */
export type Zx = typeof import("npm:zx@8.8.5");
/** Loads it. */
export const loadZx = (): Promise<Zx> => load("npm:zx@8.8.5");

/** Zip files. */
export const loadFflate = (): Promise<typeof import("npm:fflate@0.8.3")> =>
  load("npm:fflate@0.8.3");
