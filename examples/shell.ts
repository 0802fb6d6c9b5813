/**
 * Tasks that call other programs: `printf '"%s"\n' *.ts | dl_jobs map examples/shell.ts#lines`.
 *
 * @module
 */

import { $ } from "npm:zx@8.8.5";

/** Counts the lines of a file with `wc`. Each `${}` value is passed as a single argument. */
export async function lines(path: string) {
  const { stdout } = await $`wc -l -- ${path}`;
  return { path, lines: parseInt(stdout) };
}

/** Computes the SHA-256 of a file with `sha256sum`. */
export async function digest(path: string) {
  const { stdout } = await $`sha256sum < ${path}`;
  return { path, sha256: stdout.slice(0, 64) };
}
