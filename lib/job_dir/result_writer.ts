/**
 * Writes the results and the errors of a job to files and sinks, as lines.
 *
 * @module
 */

import type { JournalState } from "../journal/state.ts";
import { isErrorText } from "../journal/task_error.ts";
import { elementTexts } from "../values/exact_json.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import type { LineFile } from "../util/files/line_file.ts";
import type { Successes } from "./event_lines.ts";
import { OrderWindow, type ReadBack } from "./order_window.ts";

/** A receiver of result lines. */
export interface ResultSink {
  /**
   * Accepts whole lines. A slow sink slows the job down.
   *
   * @param lines the lines; their memory is reused after the returned promise is fulfilled
   */
  write(lines: Uint8Array): void | Promise<void>;
}

/** Settings of a {@linkcode ResultWriter}. */
export interface ResultOptions {
  /** The results file, which is created when its first line is written. @default {none} */
  readonly results?: LineFile | undefined;
  /** The errors file. Without it, errors are written to the results file. @default {none} */
  readonly errors?: LineFile | undefined;
  /** True when a returned list is written as one line, instead of one line per element. */
  readonly grouped: boolean;
  /** True when results are written in the order of the list. */
  readonly ordered: boolean;
  /** Reads results that wait for earlier ones from the journal. @default {they wait in memory} */
  readonly readBack?: ReadBack | undefined;
  /** Sinks for the lines of the results file, such as stdout. */
  readonly outputSinks: readonly ResultSink[];
  /** Sinks for the result of each task, one line per task. */
  readonly resultSinks: readonly ResultSink[];
}

const OPEN_BRACKET = 91;

/** Writes the results and the errors of a job. */
export class ResultWriter {
  /** The number of errors among the elements of returned lists. */
  failedElements = 0;
  #order: OrderWindow | undefined;
  #sent = Promise.resolve();

  /** Creates a writer. Each file is opened when its first line is written. */
  constructor(readonly options: ResultOptions) {
    if (options.ordered) this.#order = new OrderWindow();
    this.#readBack();
  }

  /** With `ordered`, the id of the first task whose result is missing; otherwise `Infinity`. */
  get next(): number {
    return this.#order?.next ?? Infinity;
  }

  /** Writes the results of tasks that succeeded. */
  async write({ lines, results, succeeded, at }: Successes): Promise<void> {
    if (succeeded === 0) return;
    if (!this.#order) return await this.#write(results);
    this.#order.add(lines, at);
    await this.#writeNext(this.#order);
  }

  /**
   * Writes the error of a task that failed.
   *
   * @param id the task's position in the list, from 0
   * @param line the line of the errors file, without its newline
   */
  async fail(id: number, line: string): Promise<void> {
    this.#writeError(line);
    if (!this.#order) return;
    this.#order.skip(id);
    await this.#writeNext(this.#order);
  }

  /**
   * Writes the results that wait for earlier results to the results file, because the run has been
   * stopped. Sinks do not receive them: a resumed run sends them in order, and also rewrites the
   * file in order.
   */
  flushWaiting(): void {
    for (const line of this.#order?.rest() ?? []) {
      if (line.length > 0) this.options.results?.write(this.#linesOf(line));
    }
  }

  /** Continues where another writer of the same job stopped. */
  continueFrom(other: ResultWriter): void {
    this.#order = other.#order;
    this.failedElements += other.failedElements;
    this.#readBack();
  }

  /**
   * Records that earlier runs have sent results that wait now to `outputSinks`: those before the
   * first task that had not ended when a retry began.
   *
   * @param past the states of the tasks before the retry
   */
  markSent(past: JournalState): void {
    const order = this.#order;
    order?.markSent(past.firstOpen(order.next));
  }

  #readBack(): void {
    if (this.#order) this.#order.readBack = this.options.readBack;
  }

  /** Writes the results that no longer wait for earlier ones. */
  async #writeNext(order: OrderWindow): Promise<void> {
    for (let part = order.take(); part.length > 0; part = order.take()) {
      await this.#write(part, order.wereSent);
    }
  }

  async #write(results: Uint8Array, wereSent = false): Promise<void> {
    if (results.length === 0) return;
    const { resultSinks } = this.options, lines = this.#linesOf(results);
    const outputSinks = wereSent ? [] : this.options.outputSinks;
    this.options.results?.write(lines);
    if (outputSinks.length + resultSinks.length === 0) return;
    await this.#send([outputSinks, lines], [resultSinks, results]);
  }

  #linesOf(results: Uint8Array): Uint8Array {
    return this.options.grouped || !hasList(results) ? results : this.#split(results);
  }

  /** Sends batches one at a time, because results from the cache are written concurrently. */
  async #send(
    ...parts: readonly (readonly [sinks: readonly ResultSink[], lines: Uint8Array])[]
  ): Promise<void> {
    this.#sent = this.#sent.then(async () => {
      for (const [sinks, lines] of parts) for (const sink of sinks) await sink.write(lines);
    });
    await this.#sent;
  }

  #writeError(line: string): void {
    const { errors, results } = this.options;
    (errors ?? results)?.write(new TextEncoder().encode(line + "\n"));
  }

  /** Splits each list into one line per element. Other results are not parsed. */
  #split(results: Uint8Array): Uint8Array {
    const lines = new TextDecoder().decode(results).split("\n").slice(0, -1);
    const text = lines.map((line) => line.startsWith("[") ? this.#elements(line) : line + "\n");
    return new TextEncoder().encode(text.join(""));
  }

  #elements(line: string): string {
    let text = "";
    for (const element of elementTexts(line)) {
      if (isErrorText(element)) this.#failElement(element);
      else text += element + "\n";
    }
    return text;
  }

  #failElement(element: string): void {
    this.failedElements++;
    this.#writeError(element);
  }
}

function hasList(results: Uint8Array): boolean {
  if (results[0] === OPEN_BRACKET) return true;
  for (
    let at = results.indexOf(OPEN_BRACKET);
    at >= 0;
    at = results.indexOf(OPEN_BRACKET, at + 1)
  ) {
    if (results[at - 1] === NEWLINE) return true;
  }
  return false;
}
