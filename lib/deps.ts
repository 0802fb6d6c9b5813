/**
 * The third-party packages and their versions, which are stated only here.
 *
 * The specifiers are complete, because an import map is not available when a module runs on another
 * machine. Each package is imported on demand through a variable, because Deno resolves every
 * literal `import("npm:...")` at startup, even one that never runs.
 *
 * @module
 */

// The package ships no types. The import only makes `deno install` fetch it.
import type {} from "npm:deno-std@1.4.0/text/mod.js";

const load = <T>(specifier: string): Promise<T> => import(specifier);

/** The part of `@std/yaml` that the library uses. */
export interface Yaml {
  parse(text: string, options?: { schema?: string; filename?: string }): unknown;
  stringify(value: unknown, options?: { lineWidth?: number; flowLevel?: number }): string;
}

/** Loads the YAML parser and writer (`@std/yaml`). */
export const loadYaml = (): Promise<Yaml> => load("npm:deno-std@1.4.0/yaml/mod.js");

/** Loads the parser for JSON with comments, as in `deno.jsonc` (`@std/jsonc`). */
export const loadJsonc = (): Promise<{ parse(text: string): unknown }> =>
  load("npm:deno-std@1.4.0/jsonc/mod.js");

/** Loads the functions that suggest the right spelling of a mistyped word (`@std/text`). */
export const loadText = (): Promise<{
  closestString(word: string, possible: readonly string[]): string;
  levenshteinDistance(a: string, b: string): number;
  wordSimilaritySort(word: string, possible: readonly string[]): string[];
}> => load("npm:deno-std@1.4.0/text/mod.js");

/** A column or a group of columns of a Parquet file. */
export type ParquetNode = import("npm:hyparquet@1.33.0").SchemaTree;
/** The footer of a Parquet file. */
export type ParquetFooter = import("npm:hyparquet@1.33.0").FileMetaData;
/** The values of one column in one row group of a Parquet file. */
export type ParquetChunk = import("npm:hyparquet@1.33.0").ColumnMetaData;
/** The type of a column of a Parquet file. */
export type ParquetElement = import("npm:hyparquet@1.33.0").SchemaElement;
/** The values of a page, of the type that the file stores. */
export type ParquetValues = import("npm:hyparquet@1.33.0").DecodedArray;

/** The decoders of Parquet, hyparquet. */
export type Parquet =
  & typeof import("npm:hyparquet@1.33.0/src/metadata.js")
  & typeof import("npm:hyparquet@1.33.0/src/column.js")
  & typeof import("npm:hyparquet@1.33.0/src/datapage.js")
  & typeof import("npm:hyparquet@1.33.0/src/plain.js")
  & typeof import("npm:hyparquet@1.33.0/src/thrift.js")
  & typeof import("npm:hyparquet@1.33.0/src/snappy.js");

/** Loads the decoders of Parquet. */
export const loadParquet = async (): Promise<Parquet> =>
  Object.assign(
    {},
    ...await Promise.all([
      load("npm:hyparquet@1.33.0/src/metadata.js"),
      load("npm:hyparquet@1.33.0/src/column.js"),
      load("npm:hyparquet@1.33.0/src/datapage.js"),
      load("npm:hyparquet@1.33.0/src/plain.js"),
      load("npm:hyparquet@1.33.0/src/thrift.js"),
      load("npm:hyparquet@1.33.0/src/snappy.js"),
    ]),
  );

/** Loads the codecs of compression of Parquet, other than Snappy. */
export const loadParquetCodecs = (): Promise<typeof import("npm:hyparquet-compressors@1.1.2")> =>
  load("npm:hyparquet-compressors@1.1.2");

/** The writer of Parquet files, hyparquet-writer. */
export type ParquetOutput =
  & typeof import("npm:hyparquet-writer@0.17.0")
  & typeof import("npm:hyparquet-writer@0.17.0/src/wkb.js");

/** Loads the writer of Parquet files. */
export const loadParquetWriter = async (): Promise<ParquetOutput> => {
  const [writer, wkb] = await Promise.all([
    load<typeof import("npm:hyparquet-writer@0.17.0")>("npm:hyparquet-writer@0.17.0"),
    load<typeof import("npm:hyparquet-writer@0.17.0/src/wkb.js")>(
      "npm:hyparquet-writer@0.17.0/src/wkb.js",
    ),
  ]);
  return { ...writer, ...wkb };
};

/** The validator of JSON Schema, Ajv, for one of its drafts. */
export type Ajv = typeof import("npm:ajv@8.20.0/dist/2020.js").default;
/** The function that adds the formats of texts, such as `date-time`, to Ajv. */
export type AjvFormats = typeof import("npm:ajv-formats@3.0.1").default;
/** A reason why an element does not fit a JSON Schema. */
export type AjvError = import("npm:ajv@8.20.0").ErrorObject;

// The one-file build finds only whole specifiers.
const AJV_DRAFTS = {
  "2020": "npm:ajv@8.20.0/dist/2020.js",
  "2019": "npm:ajv@8.20.0/dist/2019.js",
  draft7: "npm:ajv@8.20.0/dist/ajv.js",
} as const;

/**
 * Loads Ajv, and the function that adds formats to it.
 *
 * @param draft the draft of JSON Schema
 */
export const loadAjv = async (
  draft: keyof typeof AJV_DRAFTS,
): Promise<{ Ajv: Ajv; addFormats: AjvFormats["default"] }> => {
  const [{ default: ajv }, { default: formats }] = await Promise.all([
    load<{ default: { default: Ajv } }>(AJV_DRAFTS[draft]),
    load<{ default: AjvFormats }>("npm:ajv-formats@3.0.1"),
  ]);
  return { Ajv: ajv.default, addFormats: formats.default };
};

/** The module of the bundler. */
export type Esbuild = typeof import("npm:esbuild@0.28.2");
/** The options of a build. */
export type BuildOptions = import("npm:esbuild@0.28.2").BuildOptions;
/** A plugin of the bundler. */
export type EsbuildPlugin = import("npm:esbuild@0.28.2").Plugin;
/** The build object that a plugin's `setup` receives. */
export type EsbuildHooks = import("npm:esbuild@0.28.2").PluginBuild;

/** An import to resolve, which a plugin receives. */
export type OnResolveArgs = import("npm:esbuild@0.28.2").OnResolveArgs;
/** The options with which a plugin resolves an import. */
export type ResolveOptions = import("npm:esbuild@0.28.2").ResolveOptions;

/** Loads the bundler, esbuild. */
export const loadEsbuild = (): Promise<Esbuild> => load("npm:esbuild@0.28.2");

/** Loads the resolver for import maps (`@import-maps/resolve`). */
export const loadImportMaps = (): Promise<typeof import("npm:@import-maps/resolve@2.0.0")> =>
  load("npm:@import-maps/resolve@2.0.0");

/** Loads a lexer that finds the imports of a JavaScript module. */
export const loadModuleLexer = (): Promise<typeof import("npm:es-module-lexer@1.7.0")> =>
  load("npm:es-module-lexer@1.7.0");

/** Loads the decoder and encoder for the mappings of source maps. */
export const loadMappings = (): Promise<typeof import("npm:@jridgewell/sourcemap-codec@1.5.5")> =>
  load("npm:@jridgewell/sourcemap-codec@1.5.5");

/** Loads a JavaScript parser. */
export const loadAcorn = (): Promise<typeof import("npm:acorn@8.19.0")> => load("npm:acorn@8.19.0");

/** Loads the scope analyzer, which finds the free variables of JavaScript code. */
export const loadPeriscopic = (): Promise<typeof import("npm:periscopic@4.0.3")> =>
  load("npm:periscopic@4.0.3");

/** The module of zx, which runs other programs. */
export type Zx = typeof import("npm:zx@8.8.5");
/** Loads zx. */
export const loadZx = (): Promise<Zx> => load("npm:zx@8.8.5");

/** Loads the zip library. */
export const loadFflate = (): Promise<typeof import("npm:fflate@0.8.3")> =>
  load("npm:fflate@0.8.3");

/**
 * The packages with the executable of Deno, by the system and the machine as `uname` names them.
 * Their version is that of Deno.
 */
export const DENO_PACKAGES: Readonly<Record<string, string>> = {
  "Linux x86_64": "@deno/linux-x64-glibc",
  "Linux aarch64": "@deno/linux-arm64-glibc",
  "Darwin x86_64": "@deno/darwin-x64",
  "Darwin arm64": "@deno/darwin-arm64",
};
