/**
 * A cache of the results of earlier jobs that called the same function with the same arguments.
 *
 * @module
 */

import { successLine } from "../journal/format.ts";
import { readJournal } from "../journal/reader.ts";
import { eachResult } from "../journal/scan.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { joinTasks, type Task, type TaskBatch } from "../tasks/batch.ts";
import { NEWLINE } from "../util/bytes.ts";
import { exists } from "../util/fs.ts";
import type { Successes } from "./event_lines.ts";
import { listJobs } from "./find.ts";
import { jobFiles, jobFolder } from "./layout.ts";
import { type JobRecord, readRecord } from "./record.ts";

/** The results of earlier jobs, by arguments. */
export class ResultCache {
  /** The number of results that were reused. */
  used = 0;
  #results = new Map<string, Uint8Array>();

  private constructor(readonly warning: string | undefined) {}

  /**
   * Reads the results of earlier jobs that called the same function.
   *
   * @param record the job that uses the results
   * @param anyCode true when results of a changed function may be used
   * @param cwd the directory of the jobs, as an absolute path. @default {Deno.cwd()}
   * @returns the results, with a warning if some were left out because the code has changed.
   */
  static async load(
    record: JobRecord,
    anyCode: boolean,
    cwd: string = Deno.cwd(),
  ): Promise<ResultCache> {
    const others = listJobs(cwd).filter((id) => id !== record.id)
      .map((id) => readRecord(jobFolder(id, cwd)))
      .filter((other) => isSameFunction(other, record));
    // The results of a job with several programs may come from any of them.
    const usable = others.filter(({ code, programs = [] }) =>
      anyCode || code === record.code && programs.length < 2
    );
    const cache = new ResultCache(others.length > usable.length ? CHANGED : undefined);
    for (const { id } of usable) await cache.#add(jobFolder(id, cwd));
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

  async #add(folder: string): Promise<void> {
    const { events, tasks } = jobFiles(folder);
    // A job that died before it started may lack these files.
    if (!exists(events) || !exists(tasks)) return;
    const results = await resultsById(events);
    let id = 0;
    for await (const block of readBlocks(tasks, { torn: "drop" })) {
      for (let start = 0; start < block.length; id++) {
        const end = block.indexOf(NEWLINE, start);
        const result = results.get(id);
        if (result) this.#results.set(keyOf(block.subarray(start, end)), result);
        start = end + 1;
      }
    }
  }
}

const CHANGED = "The code has changed since an earlier job: its results are not reused, " +
  "pass --reuse=args to reuse them anyway";

function isSameFunction(a: JobRecord, b: JobRecord): boolean {
  return JSON.stringify(a.function) === JSON.stringify(b.function) &&
    (a.function !== "function" || a.code === b.code);
}

async function resultsById(path: string): Promise<Map<number, Uint8Array>> {
  const results = new Map<number, Uint8Array>();
  for await (const block of readJournal(path)) {
    eachResult(block, (id, result) => results.set(id, result.slice()));
  }
  return results;
}

/** Hashes the JSON text of arguments. Equal values with different JSON text do not match. */
function keyOf(args: Uint8Array): string {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: "node:crypto"): typeof import("node:crypto") };
  };
  const hash = process.getBuiltinModule("node:crypto").createHash("sha1");
  return hash.update(args).digest("base64");
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
