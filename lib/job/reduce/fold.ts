/**
 * The reduce of a job: a worker folds the results, in the order of the list, into accumulators.
 *
 * It reads the journal once all tasks have ended. The order is then that of the list at no cost, and
 * the accumulators are saved with their place in it, so that a reduce which dies is resumed.
 *
 * @module
 */

import { localEngine } from "../../engines/local/local.ts";
import {
  NOTHING_REDUCED,
  readReduceState,
  type ReducedGroup,
  type ReduceRecord,
  type ReduceState,
  writeReduceState,
} from "../../job_dir/reduce_state.ts";
import type { OutputRow } from "../../formats/output.ts";
import { openResults } from "../../job_dir/result_rows.ts";
import type { EventBatch } from "../../journal/format.ts";
import { eachResultText } from "../../journal/scan.ts";
import { TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { createMask, type Mask, maskDeep } from "../../util/text/mask.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import type { ReduceLine, ReduceReply } from "../../worker/reduce.ts";
import { chunksOf, type ResultChunk } from "./chunks.ts";
import { reduceContext, type ReduceHost } from "./context.ts";
import { exactKey } from "./exact_key.ts";
import { failedTwice, stoppedError, threwError, unloadedError } from "./errors.ts";
import { ValueChanges } from "../../values/value_changes.ts";

/**
 * Folds the results of a job that have not been folded yet.
 *
 * @returns the accumulators, in the order of the first results of their groups.
 * @throws {Error} when the function throws, or the reduce is stopped. It can be resumed.
 */
export async function reduceResults(
  folder: string,
  reduce: ReduceRecord,
  host: ReduceHost,
): Promise<readonly ReducedGroup[]> {
  checkTrusted(`${folder}/${reduce.file}`);
  let state = readReduceState(folder, reduce);
  for (let died: number | undefined;;) {
    const pass = new Pass(folder, reduce, host, state);
    try {
      return await pass.run();
    } catch (error) {
      if (error instanceof StaleState) state = NOTHING_REDUCED;
      else if (!(error instanceof LostWorker)) throw error;
      else {
        // A worker that was killed by accident is replaced, one that dies of a result is not.
        if (died === pass.state.results) throw failedTwice(folder, reduce, error.message);
        died = pass.state.results;
        state = pass.state;
      }
    }
  }
}

/** Thrown when the first results of the list are not those that were folded. */
class StaleState extends Error {}

/** Thrown when the worker has died, and its accumulators with it. */
class LostWorker extends Error {}

/** One run of a worker over the results. */
class Pass {
  /** The places of the chunks that a worker has, by the ids of their tasks. */
  #places = new Map<number, Omit<ReduceState, "groups">>();
  #changes = new ValueChanges("a job with --big-integers bigint passes such integers as BigInt");
  #mask: Mask = (text) => text;

  constructor(
    readonly folder: string,
    readonly reduce: ReduceRecord,
    readonly host: ReduceHost,
    /** The last state that was saved. */
    public state: ReduceState,
  ) {}

  async run(): Promise<readonly ReducedGroup[]> {
    const { signal } = this.host;
    if (!signal.aborted) await this.#fold();
    if (signal.aborted) throw stoppedError(this.folder);
    for (const text of this.#changes.texts(this.reduce.name)) this.host.warn(text);
    return this.state.groups;
  }

  async #fold(): Promise<void> {
    const tasks = this.#tasks(), { done, value: first } = await tasks.next();
    if (done) return;
    const { folder, reduce, host } = this;
    const context = reduceContext(folder, reduce, await host.settings(), host);
    async function* all(): AsyncGenerator<TaskBatch> {
      yield first;
      yield* tasks;
    }
    this.#mask = createMask(Object.values(context.env)) ?? this.#mask;
    try {
      for await (const batch of localEngine.run(all(), context)) this.#take(batch);
    } catch (error) {
      // The engine throws such an error when the program cannot be loaded.
      throw error instanceof UsageError ? unloadedError(folder, reduce, error) : error;
    }
  }

  #take({ lines, failures, logs }: EventBatch): void {
    for (const line of logs) {
      // An accumulator that is not finite is an error.
      if (line.note && line.note.kind !== "nonFinite") {
        this.#changes.add(line.note.kind, line.text, line.note.count);
      } else this.host.log(this.#mask(line.text));
    }
    eachResultText(lines, (id, text) => this.#reply(id, JSON.parse(text)));
    const [failure] = failures;
    if (failure) throw new LostWorker(this.#mask(failure.event.error.message));
  }

  #reply(id: number, reply: ReduceReply): void {
    const place = this.#places.get(id)!;
    this.#places.delete(id);
    if (reply === null) return;
    if ("isLost" in reply) throw new LostWorker("it was killed");
    if ("error" in reply) {
      throw threwError(this.folder, this.reduce, maskDeep(reply.error, this.#mask));
    }
    this.#save({ ...place, groups: reply.groups });
  }

  #save(state: ReduceState): void {
    writeReduceState(this.folder, this.reduce, state);
    this.state = state;
  }

  /** Yields the results that have not been folded, each chunk as the argument of one task. */
  async *#tasks(): AsyncGenerator<TaskBatch> {
    const { results, sum } = this.state;
    const source = await openResults(this.folder, { name: "the results", withArgs: true });
    let held: ResultChunk | undefined, id = 0, end = 0;
    const { by, python } = this.reduce;
    // Python rounds no integers.
    const keyOf = by === undefined || python ? undefined : (row: OutputRow) => exactKey(row, by);
    for await (const chunk of chunksOf(source.rows(), results, keyOf)) {
      end = chunk.to;
      if (end === results && chunk.sum !== sum) throw new StaleState();
      if (end <= results) continue;
      if (held) yield this.#task(id++, held, false);
      held = chunk;
    }
    if (end < results) throw new StaleState();
    if (held) yield this.#task(id, held, true);
  }

  #task(id: number, { from, to, sum, rows, keys }: ResultChunk, isLast: boolean): TaskBatch {
    this.#places.set(id, { results: to, sum });
    const groups = id === 0 ? this.state.groups : undefined;
    const head = JSON.stringify({ from, groups, isLast } satisfies Omit<ReduceLine, "rows">);
    const given = rows.map((row, i) =>
      keys[i] === undefined ? row : `${row.slice(0, -1)},${JSON.stringify(keys[i])}]`
    );
    const line = `${head.slice(0, -1)},"rows":[${given.join()}]}\n`;
    return TaskBatch.of(new TextEncoder().encode(line), 1, id);
  }
}
