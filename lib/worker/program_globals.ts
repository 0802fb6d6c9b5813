/**
 * The globals that describe the running program.
 *
 * @module
 */

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
  Deno.args.length = 0;
  // Loading `process` is slow.
  if (usesNode) dropArguments();
  if (module === undefined) return;
  Object.defineProperty(Deno, "mainModule", {
    value: module,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** Keeps the path of the program: code that finds its own path there runs as the main module. */
function dropArguments(): void {
  const { process } = globalThis as unknown as { process: { argv: string[] } };
  process.argv.splice(2);
}
