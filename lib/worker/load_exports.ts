/**
 * The import of the user's function.
 *
 * @module
 */

import type { LoadError } from "../journal/format.ts";
import { toTaskError } from "../journal/task_error.ts";
import { applyFn, matches } from "../util/builtins.ts";
import { shortPath } from "../util/paths.ts";
import type { UserProgram } from "./program_globals.ts";
import type { UserExports } from "./worker_contexts.ts";

/** Imports the module with the user's function. */
export interface FunctionLoader extends UserProgram {
  (): Promise<UserExports>;
}

/** The error of an export that is not a function. */
class NoFunction extends Error {}

const { toString } = Function.prototype, CLASS = /^class\b/;

/**
 * Imports the user's function.
 *
 * @throws {Error} when the module throws, or its export is not a function or is a class.
 */
export async function loadFrom(load: FunctionLoader): Promise<UserExports> {
  // User code may replace what the name needs.
  const name = nameOf(load), exports = await load();
  if (typeof exports.default !== "function") throw new NoFunction(`${name} is not a function`);
  if (matches(CLASS, applyFn(toString, exports.default, []) as string)) {
    throw new NoFunction(`${name} is a class, export a function`);
  }
  return exports;
}

/** Describes an error of {@linkcode loadFrom}. */
export function toLoadError(error: unknown): LoadError {
  if (!(error instanceof NoFunction)) return toTaskError(error);
  return { message: error.message, type: "NoFunction", class: "error" };
}

function nameOf({ module, method }: UserProgram): string {
  if (module === undefined || method === undefined) return "the export";
  return `"${method}" of ${shortPath(module)}`;
}
