/**
 * The record of a job, `job.json`: the request and the outcome.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { crc32Text } from "../util/crc32.ts";
import { writeAtomic } from "../util/fs.ts";
import { jobFiles, jobIdOf } from "./layout.ts";

/** The source of a job's list, from which a resumed job reads the rest of the list. */
export type ListSource =
  | {
    readonly kind: "file";
    readonly path: string;
    /** The size when the job started, in bytes. */
    readonly size: number;
    /** The time of the last change before the job started, in milliseconds since 1970. */
    readonly modified: number;
  }
  | { readonly kind: "number"; readonly length: number }
  /** A list that a run method returned. A resumed job calls the method again to get the list. */
  | {
    readonly kind: "method";
    readonly method: string;
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
    /** The flags, which determine the location of the method and the options that it receives. */
    readonly flags: Readonly<Record<string, unknown>>;
    /** The job's index among the jobs that the method returned, from 0. */
    readonly index: number;
  }
  /** A list from stdin or from a program, which cannot be read a second time. */
  | { readonly kind: "stream" };

/** The numbers of a job's tasks by state. */
export interface JobCounts {
  /** The number of tasks that have been read from the list. */
  readonly total: number;
  /** The number of tasks that succeeded. */
  readonly succeeded: number;
  /** The number of tasks that failed in their last attempt. */
  readonly failed: number;
}

/** The files and packages to ship to a machine that shares no files with this machine. */
export interface Shipment {
  /** Python modules, by their import names. */
  readonly modules: readonly string[];
  /** Packages to install on the machine, as a list or as the path of a requirements file. */
  readonly requirements: readonly string[] | string;
  /** Data files, as paths or patterns. */
  readonly data: readonly string[];
}

/** A function in a module. */
export interface FunctionRef {
  /** The module, as an absolute URL: `file:`, `https:`, `npm:`, `jsr:` or `data:`. */
  readonly module: string;
  /** The name of the export. */
  readonly method: string;
}

/** The request for a job, and its outcome. */
export interface JobRecord {
  /** The version of the job's files. @default {2, whose files have no checksums} */
  readonly format?: number | undefined;
  /** The job's id, which is also the name of its folder. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The function, or the word `function` for a function without a module. */
  readonly function: FunctionRef | "function";
  /** A hash of the program that calls the function. */
  readonly code: string;
  /** The engine that runs the tasks. */
  readonly engine: Config["engine"];
  /** The options in force. */
  readonly options: Config;
  /** The source of the list. */
  readonly source: ListSource;
  /** The files and packages to ship with the function. */
  readonly ship?: Shipment | undefined;
  /** The length of the list, when it was known before the list was read. */
  readonly length?: number | undefined;
  /** The time of the start, as ISO 8601 text. */
  readonly started: string;
  /** The versions of Deno, V8 and TypeScript. */
  readonly versions: Readonly<Record<string, string>>;
  /** The files that the job has written to. */
  readonly files: { readonly results?: string; readonly errors?: string };
  /** True when the whole list has been read. */
  readonly isRead?: boolean | undefined;
  /** The time of the end, as ISO 8601 text; `undefined` if the job is running or was killed. */
  readonly ended?: string | undefined;
  /** The state at the end; `undefined` until the job ends. */
  readonly state?: "succeeded" | "failed" | "canceled" | undefined;
  /** The numbers of tasks at the end; `undefined` until the job ends. */
  readonly counts?: JobCounts | undefined;
}

/**
 * Reads the record of a job.
 *
 * @param folder the job's folder
 * @returns the most recently written record.
 * @throws {Deno.errors.NotFound} when the folder contains no job.
 * @throws {Error} when the file is damaged.
 */
export function readRecord(folder: string): JobRecord {
  const path = jobFiles(folder).record;
  const { sum, ...record } = parseRecord(Deno.readTextFileSync(path)) ?? {};
  if (record.id !== undefined && isSound(sum, record)) return record as JobRecord;
  throw new Error(
    `Cannot read job ${jobIdOf(folder)}: ${path} is damaged, restore this file from a copy`,
  );
}

/**
 * Writes the record of a job atomically, so that no process reads an incomplete record.
 *
 * @param folder the job's folder
 * @throws {Error} when the file cannot be written, for example because the disk is full.
 */
export function writeRecord(folder: string, record: JobRecord): void {
  const sum = crc32Text(JSON.stringify(record));
  const text = JSON.stringify({ sum, ...record } satisfies StoredRecord, null, 2);
  writeAtomic(jobFiles(folder).record, text + "\n");
}

/** A record as it is stored. */
interface StoredRecord extends JobRecord {
  /**
   * The checksum of all other fields. It is the first field, so that no damage of the file's end can
   * remove both the checksum and another field.
   */
  readonly sum?: number | undefined;
}

function parseRecord(text: string): Partial<StoredRecord> | undefined {
  try {
    const record = JSON.parse(text);
    return typeof record?.id === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Returns true when a record has its checksum. A record of format 2 has none. */
function isSound(sum: number | undefined, record: Partial<JobRecord>): boolean {
  if (sum === undefined && record.format === undefined) return true;
  return sum === crc32Text(JSON.stringify(record));
}
