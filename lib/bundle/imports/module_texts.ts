/**
 * The texts of the local modules of a program.
 *
 * @module
 */

import { isLibrary } from "../modules/addresses.ts";
import { isCommon, packageTypes } from "./commonjs.ts";

/** The text of a module, and its kind. */
export interface ModuleText {
  readonly text: string;
  /** True for a CommonJS module. */
  readonly isCommon: boolean;
}

/** Reads the text of a local module. */
export type ModuleReader = (path: string) => Promise<ModuleText>;

/**
 * Returns a function that reads each module once. A program is often built a second time, with the
 * names of its functions, and both builds then have the same texts.
 */
export function moduleReader(): ModuleReader {
  const known = new Map<string, Promise<ModuleText>>(), types = packageTypes();
  const read = async (path: string) => {
    const text = await Deno.readTextFile(path);
    return { text, isCommon: !isLibrary(path) && await isCommon(path, text, types) };
  };
  return (path) => {
    const text = known.get(path) ?? read(path);
    known.set(path, text);
    return text;
  };
}
