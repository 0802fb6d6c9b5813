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

/** Reads the text of a local module, which a CommonJS module may require. */
export type ModuleReader = (path: string, isRequired?: boolean) => Promise<ModuleText>;

/**
 * Returns a function that reads each module once. A program is often built a second time, with the
 * names of its functions, and both builds then have the same texts.
 */
export function moduleReader(): ModuleReader {
  const known = new Map<string, Promise<ModuleText>>(), types = packageTypes();
  const read = async (path: string, isRequired: boolean) => {
    const text = await Deno.readTextFile(path);
    return { text, isCommon: !isLibrary(path) && await isCommon(path, text, types, isRequired) };
  };
  return (path, isRequired = false) => {
    const key = `${isRequired}:${path}`, text = known.get(key) ?? read(path, isRequired);
    known.set(key, text);
    return text;
  };
}
