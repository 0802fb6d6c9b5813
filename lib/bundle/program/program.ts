/**
 * The parts of a program, and the program built from them.
 *
 * @module
 */

import type { CommandRef, FunctionRef } from "../../job_dir/record.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { Hooks } from "../function/hooks.ts";
import type { Sources } from "../modules/sources.ts";

/**
 * The first line of a program: the version of the protocol that its worker speaks
 * (`lib/worker/protocol.ts`).
 */
export const PROTOCOL_LINE = "// dl_jobs worker protocol 4";

/**
 * The function of a job: an export of a JavaScript or Python module, a command, or the function
 * itself.
 */
export type JobFunction = FunctionRef | CommandRef | ((...args: never[]) => unknown);

/** The options for building the program of a job's function. */
export interface BundleOptions {
  /** True when a task is the array of all arguments of the function. @default {false} */
  readonly spread?: boolean | undefined;
  /** True when the function is called with an element of a list. @default {false} */
  readonly isTask?: boolean | undefined;
  /** `setup` and `teardown` of a function that is passed as a value. @default {none} */
  readonly hooks?: Hooks | undefined;
  /**
   * The path of the script with a function that is passed as a value, whose imports are relative to
   * it. @default {they are relative to the working directory}
   */
  readonly script?: string | undefined;
  /** The folder of the cache (`cache.ts`). @default {no cache} */
  readonly cache?: string | undefined;
  /**
   * Deno's permission flags of the job. They also apply to the download of its modules.
   *
   * @default {none}
   */
  readonly permissions?: readonly string[] | undefined;
  /** The command of the interpreter that reads a Python module. @default {python3} */
  readonly python?: readonly string[] | undefined;
}

/** The parts from which a program is built. */
export interface ProgramParts {
  /** The text of the entry module. It imports the module with the text `user` as `dl-jobs:user`. */
  readonly entry: string;
  /** The text of a module whose default export is the user's function. */
  readonly user: string;
  /**
   * True when `user` is code of the library, whose names need not be kept, and which does not depend on
   * a project. @default {false}
   */
  readonly isLibrary?: boolean | undefined;
  /** The user's module and export; undefined when `user` contains the source of the function. */
  readonly from?: FunctionRef | undefined;
  /** The graph of the user's module. @default {unknown} */
  readonly graph?: ModuleGraph | undefined;
  /** The text of the worker (`worker_part.ts`), which precedes the user's code. @default {none} */
  readonly worker?: string | undefined;
  /** The global variable with the exports of a program that is a script. @default {a module} */
  readonly global?: string | undefined;
  /** True when the program runs in its own process and must include the library. */
  readonly isWorker: boolean;
  /** Deno's permission flags of the job. @default {none} */
  readonly permissions?: readonly string[] | undefined;
  /** Receives the folders whose new files change the program. @default {none} */
  readonly folders?: Set<string> | undefined;
  /**
   * Receives the texts of the modules that are compiled before the bundler reads them, by their
   * URLs. Each has an inline source map. @default {none}
   */
  readonly compiled?: Map<string, string> | undefined;
  /**
   * True to compile all TypeScript before the bundler reads it. The bundler takes an export that
   * TypeScript passes on from nowhere for a type, and refuses it in JavaScript. @default {false}
   */
  readonly asScript?: boolean | undefined;
  /** True to ignore the source maps of the user's modules, one of which is broken. @default {false} */
  readonly ignoresMaps?: boolean | undefined;
}

/** A program that calls a function. */
export interface Bundle {
  /** The text of the program, with an inline source map. */
  readonly code: string;
  /** A hash of the text without the source map. */
  readonly hash: string;
  /**
   * The path of a file in the cache with this text, which is on the disk. @default {not cached}
   */
  readonly file?: string | undefined;
  /** Warnings about constructs that the program cannot keep. @default {none} */
  readonly warnings?: readonly string[] | undefined;
  /** The hashes of the local source files. */
  readonly sources?: Sources | undefined;
  /** The version of the interpreter that has read a Python module. */
  readonly python?: string | undefined;
  /** True when the module may have a schema of its elements. @default {false} */
  readonly mayCheck?: boolean | undefined;
}

/** The result of a build. */
export interface BuiltProgram extends Bundle {
  /** The paths of the local source files, and of files that would change the program. */
  readonly inputs: readonly string[];
}
