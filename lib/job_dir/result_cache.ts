/**
 * A cache of the results of earlier jobs that called the same function with the same arguments.
 *
 * @module
 */

import { valuePolicy } from "../config/value_policy.ts";
import { successLine } from "../journal/format.ts";
import { JournalReader } from "../journal/reader.ts";
import { eachResult } from "../journal/scan.ts";
import { joinTasks, type Task, TaskBatch } from "../tasks/batch.ts";
import { exists } from "../util/files/fs.ts";
import { nodeModule } from "../util/node_module.ts";
import type { Successes } from "./event_lines.ts";
import { jobIds } from "./find.ts";
import { jobFiles, jobFolder } from "./layout.ts";
import { type ListChunk, readList } from "./list_file.ts";
import { type JobRecord, readRecord } from "./record.ts";

/** The results of earlier jobs, by arguments. */
export class ResultCache {
  /** The number of results that were reused. */
  used = 0;
  #results = new Map<string, Uint8Array>();

  /** The reasons why results of earlier jobs were left out. */
  readonly warnings: string[] = [];

  private constructor() {}

  /**
   * Reads the results of earlier jobs that called the same function, with the same options for
   * values.
   *
   * @param record the job that uses the results
   * @param hasSameCode returns true for a job that ran the same code; `undefined` for any code
   * @param cwd the directory of the jobs, as an absolute path. @default {Deno.cwd()}
   * @returns the results, with a warning if some were left out because the code has changed or files
   * are damaged.
   */
  static async load(
    record: JobRecord,
    hasSameCode: ((folder: string, other: JobRecord) => boolean) | undefined,
    cwd: string = Deno.cwd(),
  ): Promise<ResultCache> {
    const cache = new ResultCache();
    const others = jobIds(cwd).filter((id) => id !== record.id)
      .flatMap((id) => cache.#recordOf(jobFolder(id, cwd)))
      .filter(([, other]) => isSameFunction(other, record) && hasSameValues(other, record));
    // The results of a job with several programs may come from any of them.
    const usable = others.filter(([folder, other]) =>
      !hasSameCode || (other.programs ?? []).length < 2 && hasSameCode(folder, other)
    );
    if (others.length > usable.length) cache.warnings.push(CHANGED);
    for (const [folder, other] of usable) await cache.#addJob(folder, other);
    return cache;
  }

  /**
   * Splits a batch into tasks whose results are known and tasks that must run. Only first attempts
   * use the cache.
   *
   * @returns the known results as events, and the rest of the batch.
   */
  divide(batch: TaskBatch): { found: Successes; rest: readonly TaskBatch[] } {
    const left: Task[] = [];
    let lines = "", results = "", succeeded = 0;
    for (const task of batch) {
      const result = task.attempt > 1 ? undefined : this.#take(task.args);
      if (!result) {
        left.push(task);
        continue;
      }
      const text = new TextDecoder().decode(result);
      lines += successLine(task.id, 1, 0, text) + "\n";
      results += text + "\n";
      succeeded++;
    }
    const found = { lines: encode(lines), results: encode(results), succeeded };
    return { found, rest: succeeded === 0 ? [batch] : joinTasks(left) };
  }

  #take(args: Uint8Array): Uint8Array | undefined {
    const result = this.#results.get(keyOf(args));
    if (result) this.used++;
    return result;
  }

  #recordOf(folder: string): [folder: string, record: JobRecord][] {
    try {
      return [[folder, readRecord(folder)]];
    } catch (error) {
      // A job that another process is creating has no record yet.
      if (!(error instanceof Deno.errors.NotFound)) this.#warn(error);
      return [];
    }
  }

  async #addJob(folder: string, record: JobRecord): Promise<void> {
    try {
      await this.#add(folder, record);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.warnings.push(`Results are not reused: ${(error as Error).message}`);
  }

  async #add(folder: string, record: JobRecord): Promise<void> {
    const { events, tasks } = jobFiles(folder);
    // A job that died before it started may lack these files.
    if (!exists(events) || !exists(tasks)) return;
    const reader = new JournalReader(events, record.id), results = resultsById(reader);
    let isSound = reader.damages.length === 0;
    for await (const chunk of readList(folder, record)) {
      if (chunk.isSound) this.#addChunk(chunk, results);
      else isSound = false;
    }
    if (!isSound) this.warnings.push(damagedText(record.id));
  }

  #addChunk(
    { id: first, count, bytes }: ListChunk,
    results: ReadonlyMap<number, Uint8Array>,
  ): void {
    for (const { id, args } of TaskBatch.of(bytes, count, first)) {
      const result = results.get(id);
      if (result) this.#results.set(keyOf(args), result);
    }
  }
}

const CHANGED = "The code has changed since an earlier job: its results are not reused, " +
  "pass --reuse=args to reuse them anyway";

function isSameFunction(a: JobRecord, b: JobRecord): boolean {
  return JSON.stringify(a.function) === JSON.stringify(b.function) &&
    (a.function !== "function" || a.code === b.code);
}

/** Returns true when both jobs pass on and accept the same values. */
function hasSameValues({ options: a }: JobRecord, { options: b }: JobRecord): boolean {
  const one = valuePolicy(a), other = valuePolicy(b);
  return one.failsNonFinite === other.failsNonFinite && one.hasBigInts === other.hasBigInts;
}

function damagedText(id: string): string {
  return `Job ${id} is damaged: only its sound results are reused, see dl_jobs verify ${id}`;
}

function resultsById(reader: JournalReader): Map<number, Uint8Array> {
  const results = new Map<number, Uint8Array>();
  for (const block of reader.all()) {
    eachResult(block, (id, result) => results.set(id, result.slice()));
  }
  return results;
}

/** Hashes the JSON text of arguments. Equal values with different JSON text do not match. */
function keyOf(args: Uint8Array): string {
  const { createHash } = nodeModule<typeof import("node:crypto")>("node:crypto");
  return createHash("sha1").update(args).digest("base64");
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
