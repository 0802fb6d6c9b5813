/**
 * The options of the bundler for a program.
 *
 * @module
 */

import type { BuildOptions } from "../deps.ts";
import { compilerOptions, type UserConfig } from "./import_map.ts";
import { userCode } from "./plugin.ts";
import type { Program } from "./program.ts";

export async function buildOptions(program: Program, config: UserConfig) {
  return {
    entryPoints: ["dl-jobs:entry"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    // Deno has no decorators of its own yet.
    supported: { decorators: false },
    mainFields: ["main", "module"],
    conditions: ["deno", "node"],
    sourcemap: "external",
    sourcesContent: false,
    // What the program says of its parts must not depend on where it is made.
    absWorkingDir: "/",
    outfile: "/bundle.js",
    write: false,
    metafile: true,
    logLevel: "silent",
    // As in Deno: a module without exports is a module, too.
    logOverride: { "import-is-undefined": "error" },
    keepNames: false,
    banner: { js: "const __dl_jobs_main = import.meta.main;" },
    define: {
      "import.meta.main": "false",
      "import.meta": "__dl_jobs_meta",
      __dirname: "__dl_jobs_meta.dirname",
      __filename: "__dl_jobs_meta.filename",
    },
    tsconfigRaw: JSON.stringify({ compilerOptions: compilerOptions(config) }),
    plugins: [await userCode(program, config)],
  } as const satisfies BuildOptions;
}
