/**
 * The record of a job, `job.json`: the request and the outcome.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { JOURNAL_VERSION } from "../journal/format.ts";
import { crc32Text } from "../util/bytes/crc32.ts";
import { withFacts } from "../util/errors.ts";
import { PRIVATE_FILE, writeAtomic } from "../util/files/fs.ts";
import { shellWord } from "../util/shell.ts";
import type { JobStamps } from "./stamps.ts";
import { withAbsolutePaths, withRelativePaths } from "./_record_paths.ts";
import type { InputOptions } from "../formats/format.ts";
import type { OutputOptions } from "../formats/output.ts";
import type { OnInvalid } from "../tasks/checked_list.ts";
import type { Cuts } from "../tasks/cuts/cuts.ts";
import { tryJson } from "../util/try_json.ts";
import { directoryOf, jobFiles, jobIdOf } from "./layout.ts";
import type { CommandRef, FunctionRef, ProgramRecord } from "./program_record.ts";
import type { ReduceRecord } from "./reduce_state.ts";

export {
  type CommandRef,
  type FunctionRef,
  isInModule,
  programEnding,
  type ProgramRecord,
} from "./program_record.ts";

/** A file of a list, as it was when the job started. */
export interface ListedFile {
  /** The absolute path. */
  readonly path: string;
  /** The name that the user gave. Its ending may state the format. @default {the path} */
  readonly name?: string | undefined;
  /** The pattern whose matches are the lines of the file, which is a file of the job itself. */
  readonly glob?: string | undefined;
  /** The size, in bytes. */
  readonly size: number;
  /** The time of the last change, in milliseconds since 1970. */
  readonly modified: number;
  /**
   * The time of the last change of the file or its attributes, which no program sets back; 0 when it
   * was seconds ago.
   */
  readonly changed?: number | undefined;
  /** The checksum of the values, for a file of values. */
  readonly sum?: number | undefined;
}

/** A parameter of a list, and its values. */
export interface ListedParameter {
  /** The name. @default {none: its values are elements of arrays} */
  readonly name?: string | undefined;
  /**
   * The parts of its values, in order: a range, a JSON array as text, or the index of a file in
   * `files`. A text keeps the digits of numbers.
   */
  readonly values: readonly (string | number)[];
}

/** The source of a job's list, from which a resumed job reads the rest of the list. */
export type ListSource =
  | ListedFile & { readonly kind: "file" }
  /** Several files, or a file that is read with options. */
  | {
    readonly kind: "files";
    readonly files: readonly ListedFile[];
    readonly input?: InputOptions | undefined;
  }
  | { readonly kind: "number"; readonly length: number }
  /** The combinations of parameters, which a resumed job computes again. */
  | {
    readonly kind: "parameters";
    /** The dimensions, the slowest first. The parameters of a dimension change together. */
    readonly dimensions: readonly (readonly ListedParameter[])[];
    /** The files of the records that are combined with the parameters, then those of values. */
    readonly files: readonly ListedFile[];
    /** The number of files of records. @default {0} */
    readonly rows?: number | undefined;
    /** The options for reading the files of records. */
    readonly input?: InputOptions | undefined;
  }
  /** A list that a run method returned. A resumed job calls the method again to get the list. */
  | (MethodCall & { readonly kind: "method" })
  /** A list from stdin or from a program, which cannot be read a second time. */
  | { readonly kind: "stream" };

/** The call of a run method, and one of the jobs that it returned. */
export interface MethodCall {
  /** The path of the run method, such as `jobs.nightly`. */
  readonly method: string;
  /** The positional arguments. */
  readonly args: readonly unknown[];
  /** The arguments with names. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The flags, which determine the location of the method and the options that it receives. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The job's index among the jobs that the method returned, from 0. */
  readonly index: number;
}

/** The check of the elements of a list, before they become tasks. */
export interface ListCheck {
  /** The path of a JSON Schema. */
  readonly file?: string | undefined;
  /** The module whose export `args` is the schema, or the Python module whose annotation is. */
  readonly module?: string | undefined;
  /** The JSON Schema, when code passed it as an object. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  /** The library of the schema, when code passed it as an object that only that process has. */
  readonly vendor?: string | undefined;
  /** The run method that has such a schema. A resumed job calls the method again to get it. */
  readonly origin?: MethodCall | undefined;
  /** A hash of the schema, or of the program with it. @default {no schema: any JSON} */
  readonly hash?: string | undefined;
  /** The fate of invalid elements. */
  readonly invalid: OnInvalid;
  /** The number of elements that were left out, once the whole list has been read. */
  readonly skipped?: number | undefined;
}

/** The numbers of a job's tasks by state. */
export interface JobCounts {
  /** The number of tasks that have been read from the list. */
  readonly total: number;
  /** The number of tasks that succeeded. */
  readonly succeeded: number;
  /** The number of tasks that failed in their last attempt. */
  readonly failed: number;
  /**
   * The number of failed tasks whose elements cannot be read, or do not fit the schema. Another
   * attempt cannot help them. Only in the record of a job that has ended. @default {0}
   */
  readonly invalid?: number | undefined;
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

/**
 * The source of the value of an environment variable: the environment of the process that started
 * the job, an `env_file`, the config file, or a flag or code, which a resumed job cannot read again.
 */
export type EnvSource = "environment" | "file" | "config" | "given";

/** An engine that has run tasks of a job. */
export interface EngineRecord {
  /** The engine's name. */
  readonly name: Config["engine"];
  /** The time from which it ran them, as ISO 8601 text. */
  readonly since: string;
}

/** The request for a job, and its outcome. */
export interface JobRecord {
  /** The version of the job's files. @default {2, whose files have no checksums} */
  readonly format?: number | undefined;
  /** The job's id, which is also the name of its folder. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  /** The function or the command, or the word `function` for a function without a module. */
  readonly function: FunctionRef | CommandRef | "function";
  /** A hash of the program that calls the function: the last one of `programs`. */
  readonly code: string;
  /** The programs in the order in which they ran; undefined in records of version 0.1.0. */
  readonly programs?: readonly ProgramRecord[] | undefined;
  /**
   * The hashes of the scripts that a command runs, by their paths. A script that changed between two
   * runs of the job has several, with commas between them. @default {none}
   */
  readonly scripts?: Readonly<Record<string, string>> | undefined;
  /** The command of the interpreter of a Python function. */
  readonly python?: readonly string[] | undefined;
  /** True when a task is the array of all arguments of the function. @default {false} */
  readonly isCall?: boolean | undefined;
  /** The engine that runs the tasks. */
  readonly engine: Config["engine"];
  /** The engines of a job that has moved, in their order. @default {only `engine`} */
  readonly engines?: readonly EngineRecord[] | undefined;
  /** The options in force, without `env`, whose values may be secrets. */
  readonly options: Config;
  /** The names of the workers' environment variables, with the sources of their values. */
  readonly env?: Readonly<Record<string, EnvSource>> | undefined;
  /** The source of the list. */
  readonly source: ListSource;
  /** The part of the list that becomes tasks. @default {the whole list} */
  readonly cuts?: Cuts | undefined;
  /** The reduce of the results. @default {none} */
  readonly reduce?: ReduceRecord | undefined;
  /** The number of elements that a list with cuts has, when it is known. */
  readonly elements?: number | undefined;
  /** The check of the elements. @default {none} */
  readonly check?: ListCheck | undefined;
  /** The files and packages to ship with the function. */
  readonly ship?: Shipment | undefined;
  /** The length of the list, when it was known before the list was read. */
  readonly length?: number | undefined;
  /** The time of the start, as ISO 8601 text. */
  readonly started: string;
  /** The directory in which the job was started; another job folder with the same id is a copy. */
  readonly directory?: string | undefined;
  /** The versions of Deno, V8 and TypeScript, and of Python for a Python function. */
  readonly versions: Readonly<Record<string, string>>;
  /** The results file that the user named, which only this job writes. */
  readonly output?: string | undefined;
  /** The options for writing this file, if it is written once all tasks have ended. */
  readonly outputOptions?: OutputOptions | undefined;
  /** The files that the job has written to. */
  readonly files: { readonly results?: string; readonly errors?: string };
  /** True when the whole list has been read. */
  readonly isRead?: boolean | undefined;
  /** The time of the end, as ISO 8601 text; `undefined` if the job is running or was killed. */
  readonly ended?: string | undefined;
  /** The time of all runs that have ended, in milliseconds, without the pauses between them. */
  readonly ms?: number | undefined;
  /** The state at the end; `undefined` until the job ends. */
  readonly state?: "succeeded" | "failed" | "canceled" | undefined;
  /** The numbers of tasks at the end; `undefined` until the job ends. */
  readonly counts?: JobCounts | undefined;
  /** The length of the part of `control.ndjson` that has been applied, in bytes. @default {0} */
  readonly controlled?: number | undefined;
  /** True when no more tasks may begin until a user continues the job. @default {false} */
  readonly isPaused?: boolean | undefined;
  /** The time of the question after a canary, as ISO 8601 text; `undefined` once it has an answer. */
  readonly asked?: string | undefined;
  /** The times of `setup` in the workers; `undefined` until a worker has called it. */
  readonly setup?: SetupTimes | undefined;
  /** The stamps of the journal and the list at the end; `undefined` until the job ends. */
  readonly stamps?: JobStamps | undefined;
}

/** The times that `setup` took in the workers of a job, in milliseconds. */
export interface SetupTimes {
  /** The number of workers that called `setup`. */
  readonly workers: number;
  /** The time of all workers together. */
  readonly total: number;
  /** The longest time of a worker. */
  readonly longest: number;
}

/**
 * Reads the record of a job.
 *
 * @param folder the job's folder
 * @returns the most recently written record.
 * @throws {Deno.errors.NotFound} when the folder contains no job.
 * @throws {Error} when the file is damaged, or a later version of the library has written it.
 */
export function readRecord(folder: string): JobRecord {
  const path = jobFiles(folder).record;
  const { sum, ...record } = parseRecord(readText(path, folder)) ?? {};
  if (record.id !== undefined && isSound(sum, record)) {
    if ((record.format ?? 0) > JOURNAL_VERSION) throw isLater(jobIdOf(folder), record.format!);
    return withAbsolutePaths(record as JobRecord, directoryOf(folder));
  }
  throw withFacts(
    new Error(
      `Cannot read job ${jobIdOf(folder)}: ${path} is damaged, restore this file from a copy`,
    ),
    { code: "job_damaged" },
  );
}

function isLater(id: string, format: number): Error {
  return withFacts(
    new Error(
      `Cannot read job ${id}: a later version of dl_jobs has written it, in format ${format}, and ` +
        `this version reads formats up to ${JOURNAL_VERSION}; use that version`,
    ),
    { code: "job_newer" },
  );
}

/** Describes the interpreter of a Python function; returns `undefined` for any other function. */
export function interpreterText({ python, versions }: JobRecord): string | undefined {
  const version = versions.python === undefined ? "" : ` (Python ${versions.python})`;
  return python && python.map(shellWord).join(" ") + version;
}

/** Returns the programs of a job, oldest first. A record of version 0.1.0 names only one. */
export function programsOf({ programs, code, started }: JobRecord): readonly ProgramRecord[] {
  return programs ?? [{ hash: code, file: "bundle.js", since: started }];
}

/** Returns true when a record tells that the whole list was read and each of its tasks has ended. */
export function hasEnded({ isRead, counts }: Pick<JobRecord, "isRead" | "counts">): boolean {
  return isRead === true && counts !== undefined &&
    counts.total === counts.succeeded + counts.failed;
}

/** Returns true when a list may have more tasks than the ones that a job has counted. */
export function mayGoOn(
  { isRead, length = Infinity }: Pick<JobRecord, "isRead" | "length">,
  { total }: Pick<JobCounts, "total">,
): boolean {
  return !isRead && total < length;
}

/**
 * Returns the path of the program that a job runs.
 *
 * @param folder the job's folder
 */
export function programFile(folder: string, record: JobRecord): string {
  return `${folder}/${programsOf(record).at(-1)!.file}`;
}

/**
 * Writes the record of a job atomically, so that no process reads an incomplete record, even after
 * a power cut.
 *
 * @param folder the job's folder
 * @param isFinal true to wait until the disk can no longer bring back the record before this one
 * @throws {Error} when the file cannot be written, for example because the disk is full.
 */
export function writeRecord(folder: string, record: JobRecord, isFinal = false): void {
  const relative = withRelativePaths(record, directoryOf(folder));
  const sum = crc32Text(JSON.stringify(relative));
  const text = JSON.stringify({ sum, ...relative } satisfies StoredRecord, null, 2);
  const sync = isFinal || "file";
  writeAtomic(jobFiles(folder).record, text + "\n", { sync, mode: PRIVATE_FILE });
}

/** A record as it is stored. */
interface StoredRecord extends JobRecord {
  /**
   * The checksum of all other fields. It is the first field, so that no damage of the file's end can
   * remove both the checksum and another field.
   */
  readonly sum?: number | undefined;
}

function readText(path: string, folder: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const id = jobIdOf(folder);
    if (!(cause instanceof Deno.errors.NotFound)) {
      throw new Error(`Cannot read job ${id}: ${(cause as Error).message}`, { cause });
    }
    throw new Deno.errors.NotFound(`Cannot read job ${id}: ${path} is missing`, { cause });
  }
}

function parseRecord(text: string): Partial<StoredRecord> | undefined {
  const record = Object(tryJson(text));
  return typeof record.id === "string" ? record : undefined;
}

/** Returns true when a record has its checksum. A record of format 2 has none. */
function isSound(sum: number | undefined, record: Partial<JobRecord>): boolean {
  if (sum === undefined && record.format === undefined) return true;
  return sum === crc32Text(JSON.stringify(record));
}
