/**
 * Views of the journal: what the functions returned, and what failed, a line each.
 *
 * @module
 */

import { type FailedEvent, parseEvent, type TaskError, type TaskEvent } from "../journal/format.ts";
import { readJournal } from "../journal/reader.ts";
import { eachResult, scanEvents } from "../journal/scan.ts";
import { JournalState } from "../journal/state.ts";
import { isReturnedError } from "../journal/task_error.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import { argsText } from "../tasks/batch.ts";
import { concatBytes } from "../util/bytes.ts";
import type { LineFile } from "../util/line_file.ts";

/**
 * Takes the result lines of a job as they come; a slow one slows the job down. The memory of the
 * lines is used again when the sink is done with them.
 */
export interface ResultSink {
  write(lines: Uint8Array): void | Promise<void>;
}

/** How results are laid out. */
export interface ResultOptions {
  /** Where results go: a file that is made when there is something to write. */
  readonly results?: LineFile;
  /** Where failures go; they join the results when there is no such file. */
  readonly errors?: LineFile;
  /** Keep a result that is a list in one line. */
  readonly grouped: boolean;
  /** Give results in the order of the list. */
  readonly ordered: boolean;
  /** Who else wants the lines of the results file, such as stdout. */
  readonly sinks: readonly ResultSink[];
  /** Who wants what each task returned, one line a task. */
  readonly resultSinks: readonly ResultSink[];
}

/** A line of the errors file. */
export interface ErrorLine {
  /** What went wrong, in words. */
  readonly ERROR: string;
  /** The task's arguments. */
  readonly ARGS: unknown;
  readonly type: string;
  readonly class: string;
  readonly stack?: string;
  /** The task's number in the list, from 0. */
  readonly task: number;
  /** How often it was tried. */
  readonly attempts: number;
}

const OPEN_BRACKET = 91;
const NEWLINE = 10;
const NEWLINE_BYTES = Uint8Array.of(NEWLINE);

/** Writes the results and the errors of a job. */
export class ResultWriter {
  /** How many elements of lists were failures. */
  failedElements = 0;
  #order: Order | undefined;
  #handed = Promise.resolve();

  constructor(readonly options: ResultOptions) {
    if (options.ordered) this.#order = new Order();
  }

  /** Writes what succeeded. */
  async write({ lines, results, succeeded }: Omit<EventLines, "others">): Promise<void> {
    if (succeeded === 0) return;
    if (!this.#order) return await this.#write(results);
    this.#order.add(lines);
    await this.#write(this.#order.take());
  }

  /** Writes one failure. */
  async fail(line: ErrorLine): Promise<void> {
    this.#writeError(line);
    if (!this.#order) return;
    this.#order.skip(line.task);
    await this.#write(this.#order.take());
  }

  /** The first task whose result is still awaited, where the order counts. */
  get next(): number {
    return this.#order?.next ?? Infinity;
  }

  /** Goes on where another writer of the same job stopped. */
  follow(other: ResultWriter): void {
    this.#order = other.#order;
    this.failedElements += other.failedElements;
  }

  async #write(results: Uint8Array): Promise<void> {
    if (results.length === 0) return;
    const { grouped, sinks, resultSinks } = this.options;
    const lines = grouped || !hasList(results) ? results : this.#split(results);
    this.options.results?.write(lines);
    if (sinks.length + resultSinks.length > 0) await this.#hand(lines, results);
  }

  /** One batch after the other: results of former jobs come beside those of the engine. */
  async #hand(lines: Uint8Array, results: Uint8Array): Promise<void> {
    const { sinks, resultSinks } = this.options;
    this.#handed = this.#handed.then(async () => {
      for (const sink of sinks) await sink.write(lines);
      for (const tap of resultSinks) await tap.write(results);
    });
    await this.#handed;
  }

  #writeError(line: unknown): void {
    const { errors, results } = this.options;
    (errors ?? results)?.write(new TextEncoder().encode(JSON.stringify(line) + "\n"));
  }

  // Only a batch with a list in it is ever parsed.
  #split(results: Uint8Array): Uint8Array {
    const lines = new TextDecoder().decode(results).split("\n").slice(0, -1);
    const text = lines.map((line) => line.startsWith("[") ? this.#elements(line) : line + "\n");
    return new TextEncoder().encode(text.join(""));
  }

  #elements(line: string): string {
    let text = "";
    for (const element of JSON.parse(line)) {
      if (isReturnedError(element)) this.#failElement(element);
      else text += JSON.stringify(element) + "\n";
    }
    return text;
  }

  #failElement(element: unknown): void {
    this.failedElements++;
    this.#writeError(element);
  }
}

/** Holds results back until those before them are there. */
class Order {
  /** The first task whose result is still awaited. */
  next = 0;
  #waiting = new Map<number, Uint8Array>();

  /** Takes the results of some events. */
  add(events: Uint8Array): void {
    eachResult(events, (id, result) => this.#waiting.set(id, concatBytes([result, NEWLINE_BYTES])));
  }

  /** Takes note of a task that has no result. */
  skip(id: number): void {
    this.#waiting.set(id, new Uint8Array(0));
  }

  /** The results whose turn it is. */
  take(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let part = this.#waiting.get(this.next); part; part = this.#waiting.get(this.next)) {
      parts.push(part);
      this.#waiting.delete(this.next++);
    }
    return concatBytes(parts);
  }
}

/** The line of the errors file for a task that failed. */
export function errorLine(
  id: number,
  attempts: number,
  { message, type, class: kind, stack }: TaskError,
  args: unknown,
): ErrorLine {
  return {
    ERROR: message,
    ARGS: args,
    type,
    class: kind,
    ...(stack ? { stack } : {}),
    task: id,
    attempts,
  };
}

/** What some events hold: the successes as bytes, the rest as events. */
export interface EventLines {
  readonly lines: Uint8Array;
  readonly results: Uint8Array;
  readonly succeeded: number;
  readonly others: readonly OtherEvent[];
}

/** An event that is no success, and where its line stands. */
interface OtherEvent {
  readonly event: TaskEvent;
  readonly start: number;
  readonly end: number;
}

/** Takes events of a journal apart; only those that are no success are parsed. */
export function splitEvents(block: Uint8Array): EventLines {
  const lines: Uint8Array[] = [], results: Uint8Array[] = [], others: OtherEvent[] = [];
  let succeeded = 0;
  scanEvents(block, {
    block({ count }, start, from, end) {
      lines.push(block.subarray(start, end));
      results.push(block.subarray(from, end));
      succeeded += count;
    },
    success(_id, start, result, end) {
      lines.push(block.subarray(start, end + 1));
      // The brace that closes the line is not part of it.
      results.push(block.subarray(result, end - 1), NEWLINE_BYTES);
      succeeded++;
    },
    other(start, end) {
      const event = parseEvent(new TextDecoder().decode(block.subarray(start, end)));
      others.push({ event, start, end: end + 1 });
    },
  });
  return { lines: concatBytes(lines), results: concatBytes(results), succeeded, others };
}

/**
 * Makes the results and the errors of a job again from its journal, in the order in which they came.
 *
 * @param folder the job's folder
 * @param writer where they go
 * @param known what the journal says, where it has been read already
 */
export async function rebuild(
  folder: string,
  writer: ResultWriter,
  known?: JournalState,
): Promise<void> {
  const path = `${folder}/events.ndjson`;
  const state = known ?? await JournalState.read(path);
  using tasks = state.failed > 0 ? await LineIndex.open(`${folder}/tasks.ndjson`) : undefined;
  for await (const block of readJournal(path)) {
    const events = splitEvents(block);
    const isPlain = !tasks || !events.others.some(({ event }) => state.isEnd(event));
    if (isPlain) await writer.write(events);
    else await rebuildBlock(block, events.others, writer, { state, tasks });
  }
}

/** Failures stand between the results that came before them and those that came after. */
async function rebuildBlock(
  block: Uint8Array,
  others: readonly OtherEvent[],
  writer: ResultWriter,
  { state, tasks }: { readonly state: JournalState; readonly tasks: LineIndex },
): Promise<void> {
  let done = 0;
  for (const { event, start, end } of others) {
    if (!state.isEnd(event)) continue;
    await writer.write(splitEvents(block.subarray(done, start)));
    await writer.fail(errorOf(event, tasks));
    done = end;
  }
  await writer.write(splitEvents(block.subarray(done)));
}

/** The line of the errors file for an event, with the arguments from the list. */
export function errorOf({ id, attempt, error }: FailedEvent, tasks: LineIndex): ErrorLine {
  return errorLine(id, attempt, error, parseArgs(tasks.at(id)));
}

/** A task's arguments; those that are no JSON as the text that they are. */
export function parseArgs(args: Uint8Array): unknown {
  const text = argsText(args);
  try {
    return JSON.parse(text);
  } catch {
    return text;
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
