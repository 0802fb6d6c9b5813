/**
 * The compilation of a TypeScript module by Deno itself, for what the bundler cannot compile.
 *
 * @module
 */

import { dirname } from "../../util/paths.ts";
import { reasonOf, runDeno } from "../modules/deno.ts";

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
  const args = ["transpile", "--quiet", "--source-map", "inline", path];
  const output = await runDeno(args, dirname(path));
  if (!output.success) throw new TypeError(reasonOf(output));
  return output.stdout;
}
