/**
 * Builds the command as one executable file, `dist/dl_jobs`: `deno task compile`, or for another
 * machine `deno task compile --target aarch64-apple-darwin`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ROOT } from "../steps/deno.ts";
import { denoCompile } from "./deno_compile.ts";
import { makeSelfExtracting } from "./self_extracting.ts";
import { findTarget, type Target } from "./targets.ts";

const DIST = `${ROOT}/dist`;

/** Builds the file and prints its size and its kind. */
async function main(args: readonly string[]): Promise<void> {
  const target = findTarget(targetOf(args)), path = `${DIST}/dl_jobs`;
  await Deno.mkdir(DIST, { recursive: true });
  // The file is built under another name, because the old file may be running, and because
  // `deno compile` overwrites only its own output.
  const aside = `${path}.${Deno.pid}`;
  const how = await make(aside, target);
  await Deno.rename(aside, path);
  const { size } = await Deno.stat(path);
  console.log(`dist/dl_jobs for ${target.name}: ${(size / 1e6).toFixed(1)} MB, ${how}`);
}

/**
 * Builds the file with `deno compile`, or as a self-extracting file if that fails. Returns the
 * kind.
 */
async function make(path: string, target: Target): Promise<string> {
  if (await denoCompile(path, target)) return "by deno compile";
  console.error(
    "deno compile cannot download its runtime here: the file will unpack itself instead",
  );
  return `self-extracting, with Deno ${await makeSelfExtracting(path, target)}`;
}

function targetOf(args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: { target: { type: "string" } } });
  return values.target ?? Deno.build.target;
}

try {
  await main(Deno.args);
} catch (error) {
  console.error(`Error: ${(error as Error).message}`);
  Deno.exit(error instanceof TypeError || error instanceof RangeError ? 2 : 1);
}
