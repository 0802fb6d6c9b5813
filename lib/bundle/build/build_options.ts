/**
 * The options passed to the bundler for a program.
 *
 * @module
 */

import type { BuildOptions } from "../../deps.ts";
import type { UserConfig } from "../modules/import_map.ts";
import { ENDINGS } from "../imports/package_imports.ts";
import { userCode } from "../imports/plugin.ts";
import { type ProgramParts, PROTOCOL_LINE } from "../program/program.ts";
import { USES_NODE, withoutMap } from "../program/worker_part.ts";

/** Returns the options to pass to the bundler for a program. */
export async function buildOptions(
  program: ProgramParts,
  config: UserConfig,
): Promise<BuildOptions> {
  return {
    entryPoints: ["dl-jobs:entry"],
    bundle: true,
    ...program.global ? { format: "iife", globalName: program.global } : { format: "esm" },
    platform: "neutral",
    target: "esnext",
    // Deno does not support decorators yet, so the bundler compiles them.
    supported: { decorators: false },
    mainFields: ["main", "module"],
    conditions: ["deno", "node", "module-sync"],
    resolveExtensions: ENDINGS,
    sourcemap: "external",
    sourcesContent: false,
    // The hash of the text identifies the function, so the text must not depend on the current
    // folder.
    absWorkingDir: "/",
    outfile: "/bundle.js",
    write: false,
    metafile: true,
    logLevel: "silent",
    banner: { js: banner(program) },
    define: {
      "import.meta.main": "false",
      "import.meta": "__dl_jobs_meta",
    },
    tsconfigRaw: JSON.stringify({ compilerOptions: config.compiler }),
    plugins: [await userCode(program, config)],
  };
}

/** Returns the text that precedes all modules of a program. The controller reads its first line. */
function banner({ worker = "", global }: ProgramParts): string {
  if (global) return "";
  const isMain = "const __dl_jobs_main = import.meta.main;";
  return [PROTOCOL_LINE, isMain, USES_NODE, withoutMap(worker)].join("\n");
}
