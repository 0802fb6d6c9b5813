/**
 * The globals that describe the running program. User code sees its own module, as if Deno ran it.
 *
 * @module
 */

import { fromFileUrl } from "../util/paths.ts";

/** The facts about a program that its globals must show. */
export interface UserProgram {
  /** The URL of the user's module; undefined when the function was passed as a value. */
  readonly module?: string | undefined;
  /** The name of the export. @default {a program of an earlier version does not have it} */
  readonly method?: string | undefined;
  /** True when the program has already loaded Node's `process`. */
  readonly usesNode?: boolean | undefined;
}

/** Hides the arguments and the program of the worker from user code. */
export function presentUserModule({ module, usesNode }: UserProgram): void {
  // Node's `process` copies the array when it is loaded.
  (Deno.args as string[]).length = 0;
  if (module === undefined) return;
  Object.defineProperty(Deno, "mainModule", {
    value: module,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  // Loading `process` is slow.
  if (usesNode) patchArgv(module);
}

function patchArgv(module: string): void {
  const { process } = globalThis as unknown as { process: { argv: string[] } };
  process.argv.splice(1, Infinity, module.startsWith("file:") ? fromFileUrl(module) : module);
}
