/**
 * Builds the executable with `deno compile`, which downloads a runtime.
 *
 * @module
 */

import { deno } from "../steps/deno.ts";
import { stage } from "./stage.ts";
import type { Target } from "./targets.ts";

/**
 * Compiles the executable.
 *
 * @returns false when the runtime cannot be downloaded
 */
export async function denoCompile(path: string, target: Target): Promise<boolean> {
  await using staged = await stage(target);
  const args = [
    // esbuild's program must be a file, because it is started as a process.
    ...["compile", "--self-extracting", "--allow-all", "--no-check", "--no-config", "--no-lock"],
    ...["--target", target.name, "--include", "mod.ts", "--include", "lib"],
    ...["--include", "lib/cli/mod.ts"],
    ...["--output", path, "cli.ts"],
  ];
  const options = { cwd: staged.path, env: { NO_COLOR: "1" } };
  const { success, stderr } = await deno(args, options).output();
  const said = new TextDecoder().decode(stderr);
  if (success || said.includes("Setting up base binary")) return success;
  throw new Error(`Cannot compile: ${said.split("\n\nStack backtrace:")[0]}`);
}
