/**
 * The compilation of a TypeScript module by Deno itself, for what the bundler cannot compile.
 *
 * @module
 */

import { dirname } from "../util/paths.ts";

/**
 * Returns the JavaScript of a local module, with an inline source map.
 *
 * @throws {TypeError} when the module cannot be compiled, or when the executable made by
 * `deno compile` cannot do it.
 * @see {@link https://docs.deno.com/runtime/reference/cli/}
 */
export async function transpile(path: string): Promise<string> {
  if (Deno.build.standalone) {
    throw new TypeError("emitDecoratorMetadata needs Deno; run dl_jobs with it");
  }
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["transpile", "--quiet", "--source-map", "inline", path],
    // Deno looks for the configuration from the working directory.
    cwd: dirname(path),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new TypeError(decoder.decode(stderr).trim().replace(/^error: /, ""));
  return decoder.decode(stdout);
}
