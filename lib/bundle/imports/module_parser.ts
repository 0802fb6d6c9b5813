/**
 * The imports and exports in the text of a module.
 *
 * @module
 */

import { loadModuleLexer } from "../../deps.ts";

/** Returns the imports, the exports and whether the text has syntax that only ES modules have. */
export type ModuleParser = (code: string) => ReturnType<
  Awaited<ReturnType<typeof loadModuleLexer>>["parse"]
>;

/** Loads the parser. It throws a `SyntaxError` for text that it cannot read. */
export async function moduleParser(): Promise<ModuleParser> {
  const { init, parse } = await loadModuleLexer();
  await init;
  return (code) => parse(code.replace(/^#!/, "//"));
}
