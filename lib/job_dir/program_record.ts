/**
 * The functions and programs in records.
 *
 * @module
 */

/** A function in a JavaScript module, or in a Python module, whose path ends in `.py`. */
export interface FunctionRef {
  /** The module, as an absolute URL: `file:`, `https:`, `npm:`, `jsr:` or `data:`. */
  readonly module: string;
  /** The name of the export or of the Python function. */
  readonly method: string;
  /** Present when a job in Python code (`python/dl_jobs/job.py`) has named the function. */
  readonly dlJob?: {
    /** The import path of the module, such as `work.ndvi`. */
    readonly import: string;
    /** True when the only task is a call, an object with `args` and `kwargs`. */
    readonly isCall: boolean;
  } | undefined;
}

/** A command: a program that runs once for each task. */
export interface CommandRef {
  /** The program and its arguments, with placeholders; for a shell, the parts of its script. */
  readonly command: readonly string[];
  /** True when a shell runs the command. @default {false} */
  readonly shell?: true | undefined;
  /** The form of the result on the stdout of the program. @default {a text} */
  readonly stdout?: "json" | "lines" | "none" | undefined;
}

/** Returns true for a function in a module. */
export function isInModule(target: unknown): target is FunctionRef {
  return typeof target === "object" && target !== null && "module" in target;
}

/** Returns the ending of the file of a program. */
export function programEnding(file: string): ".js" | ".py" {
  return file.endsWith(".py") ? ".py" : ".js";
}

/** A program that a job has run. */
export interface ProgramRecord {
  /** The hash of its text. */
  readonly hash: string;
  /** The name of its file in the job's folder, such as `bundle.js` or `bundle.py`. */
  readonly file: string;
  /** The time from which it ran, as ISO 8601 text. */
  readonly since: string;
  /** The hashes of its local source files, by paths relative to the job's directory. */
  readonly sources?: Readonly<Record<string, string>> | undefined;
  /** The Git revision that was checked out around its sources. @default {none} */
  readonly revision?: string | undefined;
}
