/**
 * Makes the command one executable file, `dist/dl_jobs`: `deno task compile`, or for another machine
 * `deno task compile --target aarch64-apple-darwin`.
 *
 * @module
 */

import { dirname } from "node:path";
import { parseArgs } from "../../lib/deps.ts";
import { makeSelfExtracting } from "./_self_extracting.ts";
import { stage } from "./_stage.ts";
import { findTarget, type Target } from "./_targets.ts";

const DIST = `${dirname(dirname(import.meta.dirname!))}/dist`;

/** Makes the file and says what it is. */
async function main(args: readonly string[]): Promise<void> {
  const target = findTarget(targetOf(args)), path = `${DIST}/dl_jobs`;
  await Deno.mkdir(DIST, { recursive: true });
  // Aside, as the old one may be running, and `deno compile` writes over nothing that it did not make.
  const aside = `${path}.${Deno.pid}`;
  const how = await denoCompile(aside, target)
    ? "by deno compile"
    : `self-extracting, with Deno ${await makeSelfExtracting(aside, target)}`;
  await Deno.rename(aside, path);
  const { size } = await Deno.stat(path);
  console.log(`dist/dl_jobs for ${target.name}: ${(size / 1e6).toFixed(1)} MB, ${how}`);
}

function targetOf(args: readonly string[]): string {
  const unknown = (arg: string): never => {
    throw new TypeError(`Cannot use ${arg}: the one option is --target`);
  };
  const { target } = parseArgs(args, { string: ["target"], unknown });
  return String(target ?? Deno.build.target);
}

/** Whether `deno compile` could make it: it downloads the runtime that it puts into the file. */
async function denoCompile(path: string, target: Target): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "dl_jobs_stage_" });
  try {
    await stage(folder, target);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        // The bundler's program must be a file to be started.
        ...[
          "compile",
          "--self-extracting",
          "--allow-all",
          "--no-check",
          "--no-config",
          "--no-lock",
        ],
        ...["--target", target.name, "--include", "mod.ts", "--include", "lib"],
        ...["--output", path, "cli.ts"],
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stderr);
    if (!success && !said.includes("Setting up base binary")) throw new Error(said);
    if (!success) {
      console.error("deno compile cannot get its runtime, so the file will unpack itself instead.");
    }
    return success;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

try {
  await main(Deno.args);
} catch (error) {
  console.error(`Error: ${(error as Error).message}`);
  Deno.exit(error instanceof TypeError || error instanceof RangeError ? 2 : 1);
}
