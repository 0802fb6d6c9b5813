/**
 * The bundler, which is one process for all builds.
 *
 * @module
 */

import { type Esbuild, loadEsbuild } from "../deps.ts";

// The bundler is one process for all builds: whoever is last ends it.
let builds = 0;

/** Does something with the bundler, and ends it when nobody else uses it. */
export async function withBundler<T>(use: (esbuild: Esbuild) => Promise<T>): Promise<T> {
  const esbuild = await loadEsbuild();
  builds++;
  try {
    return await use(esbuild);
  } finally {
    if (--builds === 0) await esbuild.stop();
  }
}
