/**
 * The bundler esbuild, a process that all builds share.
 *
 * @see {@link https://esbuild.github.io/api/}
 *
 * @module
 */

import { type Esbuild, loadEsbuild } from "../../deps.ts";
import { messageOf } from "../../util/errors.ts";
import { awaitSharedSignal } from "../../util/process/shared_signal.ts";

// The number of running builds. The last build ends the process.
let builds = 0;

/**
 * Calls a function with the bundler. Ends the bundler afterwards, unless another call uses it.
 *
 * @throws {Error} when the process of the bundler ends early.
 */
export async function withBundler<T>(use: (esbuild: Esbuild) => Promise<T>): Promise<T> {
  const esbuild = await loadEsbuild();
  builds++;
  try {
    return await use(esbuild);
  } catch (error) {
    if (!ENDED.test(messageOf(error))) throw error;
    await awaitSharedSignal();
    throw new Error(
      "Cannot build the program: the bundler esbuild ended early, often because of the kernel's " +
        "out-of-memory killer or a limit on processes; run the command again",
    );
  } finally {
    if (--builds === 0) await esbuild.stop();
  }
}

// The errors of a process that has ended.
const ENDED = /^The service (?:was stopped|is no longer running)/;
