/**
 * The bundler esbuild, a process that all builds share.
 *
 * @see {@link https://esbuild.github.io/api/}
 *
 * @module
 */

import { type Esbuild, loadEsbuild } from "../../deps.ts";

// The number of running builds. The last build ends the process.
let builds = 0;

/** Calls a function with the bundler. Ends the bundler afterwards, unless another call uses it. */
export async function withBundler<T>(use: (esbuild: Esbuild) => Promise<T>): Promise<T> {
  const esbuild = await loadEsbuild();
  builds++;
  try {
    return await use(esbuild);
  } finally {
    if (--builds === 0) await esbuild.stop();
  }
}
