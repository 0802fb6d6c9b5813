/**
 * The options passed to the bundler for a program.
 *
 * @module
 */

import type { BuildOptions } from "../deps.ts";
import { compilerOptions, type UserConfig } from "./import_map.ts";
import { userCode } from "./plugin.ts";
import { type ProgramParts, PROTOCOL_LINE } from "./program.ts";

/** Returns the options to pass to the bundler for a program. */
export async function buildOptions(
  program: ProgramParts,
  config: UserConfig,
): Promise<BuildOptions> {
  return {
    entryPoints: ["dl-jobs:entry"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    // Deno does not support decorators yet, so the bundler compiles them.
    supported: { decorators: false },
    mainFields: ["main", "module"],
    conditions: ["deno", "node"],
    sourcemap: "external",
    sourcesContent: false,
    // The hash of the text identifies the function, so the text must not depend on the current
    // folder.
    absWorkingDir: "/",
    outfile: "/bundle.js",
    write: false,
    metafile: true,
    logLevel: "silent",
    // As in Deno, an import of a name that does not exist is an error, not a warning.
    logOverride: { "import-is-undefined": "error" },
    keepNames: false,
    banner: { js: `${PROTOCOL_LINE}\nconst __dl_jobs_main = import.meta.main;` },
    define: {
      "import.meta.main": "false",
      "import.meta": "__dl_jobs_meta",
      __dirname: "__dl_jobs_meta.dirname",
      __filename: "__dl_jobs_meta.filename",
    },
    tsconfigRaw: JSON.stringify({ compilerOptions: compilerOptions(config) }),
    plugins: [await userCode(program, config)],
  };
}
