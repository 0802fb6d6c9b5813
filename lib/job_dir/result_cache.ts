/**
 * Results of former jobs, by what the function was called with and the code that ran.
 *
 * @module
 */

import { readJournal } from "../journal/reader.ts";
import { eachResult } from "../journal/scan.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { exists } from "../util/fs.ts";
import { STORE } from "./layout.ts";
import { type JobRecord, readRecord } from "./record.ts";
import { listJobs } from "./find.ts";

const NEWLINE = 10;

/** What former jobs found out, by the arguments. */
export class ResultCache {
  /** How many results were taken. */
  taken = 0;
  #results = new Map<string, Uint8Array>();

  private constructor(readonly warning: string | undefined) {}

  /**
   * Gathers what former jobs of the same function have finished.
   *
   * @param record the job that wants to know
   * @param anyCode whether results of other code will do
   */
  static async load(
    record: JobRecord,
    anyCode: boolean,
    cwd: string = Deno.cwd(),
  ): Promise<ResultCache> {
    const former: JobRecord[] = [];
    for (const id of await listJobs(cwd)) {
      const other = await readRecord(`${cwd}/${STORE}/${id}`);
      if (id !== record.id && sameFunction(other, record)) former.push(other);
    }
    const usable = former.filter(({ code }) => anyCode || code === record.code);
    const reuse = new ResultCache(former.length > usable.length ? CHANGED : undefined);
    for (const { id } of usable) await reuse.#add(`${cwd}/${STORE}/${id}`);
    return reuse;
  }

  /** The result of a former call with some arguments, as JSON text. */
  take(args: Uint8Array): Uint8Array | undefined {
    const result = this.#results.get(keyOf(args));
    if (result) this.taken++;
    return result;
  }

  async #add(folder: string): Promise<void> {
    // One that died before it began has none of these.
    if (!exists(`${folder}/events.ndjson`) || !exists(`${folder}/tasks.ndjson`)) return;
    const results = await resultsById(`${folder}/events.ndjson`);
    let id = 0;
    for await (const block of readBlocks(`${folder}/tasks.ndjson`, { torn: "drop" })) {
      for (let start = 0; start < block.length; id++) {
        const end = block.indexOf(NEWLINE, start);
        const result = results.get(id);
        if (result) this.#results.set(keyOf(block.subarray(start, end)), result);
        start = end + 1;
      }
    }
  }
}

const CHANGED = "The code has changed since a former job: its results are not taken, " +
  "--reuse=args would take them";

function sameFunction(a: JobRecord, b: JobRecord): boolean {
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

/** The arguments' own bytes: equal arguments that are written differently are run again. */
function keyOf(args: Uint8Array): string {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: "node:crypto"): typeof import("node:crypto") };
  };
  const hash = process.getBuiltinModule("node:crypto").createHash("sha1");
  return hash.update(args).digest("base64");
}
