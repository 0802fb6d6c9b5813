/**
 * The record of a job: what was asked and how it ended.
 *
 * @module
 */

import type { Config } from "../config/options.ts";

/** Where a job's list comes from, so that a resumed job can read on. */
export type ListSource =
  | {
    readonly kind: "file";
    readonly path: string;
    readonly size: number;
    readonly modified: number;
  }
  | { readonly kind: "number"; readonly length: number }
  /** What a run method makes is made again by calling it again. */
  | {
    readonly kind: "method";
    readonly method: string;
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
    /** The options as flags gave them: its module, and what it is called with, come from them. */
    readonly flags: Readonly<Record<string, unknown>>;
    /** Which of the jobs that the method returned this is, from 0. */
    readonly index: number;
  }
  /** What stdin or a program gave is gone when its reader is. */
  | { readonly kind: "stream" };

/** The numbers of a job's tasks. */
export interface JobCounts {
  /** The number of tasks that were read from the list. */
  readonly total: number;
  /** The number of tasks that succeeded. */
  readonly succeeded: number;
  /** The number of tasks that failed at their last attempt. */
  readonly failed: number;
}

/** What travels with a function to where there is nothing of this machine. */
export interface Shipment {
  /** Python modules, by the names that they are imported by. */
  readonly modules: readonly string[];
  /** What is installed there, as a list or the path of a file. */
  readonly requirements: readonly string[] | string;
  /** Files, as paths or patterns. */
  readonly data: readonly string[];
}

/** The record of a job, `job.json`: its function, options and list, and its end. */
export interface JobRecord {
  /** The job's id, the name of its folder. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The function in its module, or the word `function` for a function without a module. */
  readonly function: FunctionRef | "function";
  /** A hash of the code that runs. */
  readonly code: string;
  /** The engine that runs the tasks. */
  readonly engine: Config["engine"];
  /** The options in force. */
  readonly options: Config;
  /** The source of the list. */
  readonly source: ListSource;
  /** The files that travel with the function. */
  readonly ship?: Shipment;
  /** The length of the list, when it was known before the list was read. */
  readonly length?: number;
  /** The time of the start, as ISO text. */
  readonly started: string;
  /** The versions of Deno, V8 and TypeScript. */
  readonly versions: Readonly<Record<string, string>>;
  /** The paths of the results and errors files that exist. */
  readonly files: { readonly results?: string; readonly errors?: string };
  /** True when the whole list has been read. */
  readonly isRead?: boolean;
  /** The time of the end, as ISO text. */
  readonly ended?: string;
  /** The state at the end. */
  readonly state?: "succeeded" | "failed" | "canceled";
  /** The numbers of tasks at the end. */
  readonly counts?: JobCounts;
}

/** Reads what was asked of a job. */
export async function readRecord(folder: string): Promise<JobRecord> {
  return JSON.parse(await Deno.readTextFile(`${folder}/job.json`));
}

/** The same, for what is shown at once. */
export function readRecordSync(folder: string): JobRecord {
  return JSON.parse(Deno.readTextFileSync(`${folder}/job.json`));
}

/** Written aside and renamed, so that a reader never sees a part of it. */
export function writeRecord(folder: string, record: JobRecord): void {
  const path = `${folder}/job.json`;
  Deno.writeTextFileSync(`${path}.new`, JSON.stringify(record, null, 2) + "\n");
  Deno.renameSync(`${path}.new`, path);
}

/** A function in a module. */
export interface FunctionRef {
  /** The module, as an absolute URL: `file:`, `https:`, `npm:`, `jsr:` or `data:`. */
  readonly module: string;
  /** The name of the export. */
  readonly method: string;
}
