/**
 * Selects, sorts and cuts the tasks of a job for the list of tasks.
 *
 * @module
 */

import { csvCell } from "../formats/csv/cell.ts";
import { LineIndex } from "../ndjson/line_index.ts";
import { exists } from "../util/files/fs.ts";
import { shorten } from "../util/text/shorten.ts";
import { type ListText, TextSearch } from "./list_text.ts";
import type { TaskPage, TaskQuery, TaskRow } from "./protocol.ts";
import type { TaskIndex } from "./task_index.ts";

const MAX_ROWS = 500;
// The list shows only the start of the arguments and of messages.
const MAX_LETTERS = 300;
const ROWS_PER_WRITE = 2000;

/** The parts of a job's state that the list shows. */
export interface ListedTasks {
  /** Returns a number that increases with every change. */
  version(): number;
  /** Returns the number of tasks. */
  total(): number;
  /** The states of the tasks. */
  readonly index: TaskIndex;
  /** The arguments of the tasks. */
  readonly list: ListText;
  /** Returns the messages of failures, or their patterns if the journal cannot be read. */
  messagesOf(ids: readonly number[]): ReadonlyMap<number, string | undefined>;
}

/** The list of the tasks of one job. Keeps the last search and the last selection. */
export class TaskSelection {
  #search: TextSearch | undefined;
  #key = "";
  #ids: Uint32Array = new Uint32Array(0);

  /** Creates the list of a job. */
  constructor(readonly tasks: ListedTasks) {}

  /**
   * Returns a part of the list.
   *
   * @param from the position of the first row
   * @param count the number of rows; at most 500
   */
  async page(query: TaskQuery, from: number, count: number): Promise<TaskPage> {
    const ids = await this.#select(query);
    const shown = ids.subarray(from, from + Math.min(count, MAX_ROWS));
    return {
      of: this.tasks.total(),
      found: ids.length,
      from,
      rows: this.#rows(shown, MAX_LETTERS),
    };
  }

  /** Yields all tasks that a query selects as lines of CSV. */
  async *csv(query: TaskQuery): AsyncGenerator<string> {
    const ids = await this.#select(query);
    yield "task,state,class,attempt,ms,arguments,message\n";
    // Sorted by another order, consecutive tasks are far from each other in the file of the list.
    const { path, isDamaged } = this.tasks.list;
    const isNear = query.order === "id" || isDamaged || !exists(path);
    using lines = isNear ? undefined : await LineIndex.open(path);
    for (let at = 0; at < ids.length; at += ROWS_PER_WRITE) {
      const part = ids.subarray(at, at + ROWS_PER_WRITE);
      const rows = this.#rows(part, Infinity, lines && singleLines(lines, part));
      yield rows.map(csvRow).join("");
    }
  }

  #rows(ids: Uint32Array, letters: number, args = this.tasks.list.lines(ids)): TaskRow[] {
    const { index, messagesOf } = this.tasks;
    const messages = messagesOf([...ids].filter((id) => index.of(id).state === "failed"));
    return Array.from(ids, (id): TaskRow => {
      const task = index.of(id), text = args.get(id);
      const short = (text: string | undefined) => text && shorten(text, letters);
      return { id, ...task, args: short(text), message: short(messages.get(id)) };
    });
  }

  async #select(query: TaskQuery): Promise<Uint32Array> {
    const key = JSON.stringify([this.tasks.version(), query]);
    if (key === this.#key) return this.#ids;
    const texts = query.text ? await this.#searchOf(query.text).found() : undefined;
    this.#ids = select(this.tasks, query, texts);
    this.#key = key;
    return this.#ids;
  }

  #searchOf(text: string): TextSearch {
    if (this.#search?.text !== text) this.#search = new TextSearch(this.tasks.list, text);
    return this.#search;
  }
}

function singleLines(lines: LineIndex, ids: Uint32Array): Map<number, string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true }), found = new Map<number, string>();
  for (const id of ids) if (id < lines.count) found.set(id, decoder.decode(lines.at(id)));
  return found;
}

function select(
  { total, index }: ListedTasks,
  { state, least, most, order }: TaskQuery,
  within: readonly number[] | undefined,
): Uint32Array {
  const isIn = index.isIn(state), ids = new Uint32Array(within?.length ?? total());
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = within ? within[i]! : i;
    if (!isIn(id)) continue;
    const ms = index.msOf(id);
    if (ms >= least && ms <= most) ids[count++] = id;
  }
  const found = ids.subarray(0, count);
  return order === "id" ? found : byTime(found, index, order === "slowest");
}

/**
 * Sorts tasks by their durations. Numbers are sorted without a comparing function, which would need
 * a second for a million tasks: each contains the bits of a duration, then a position.
 */
function byTime(ids: Uint32Array, index: TaskIndex, isDescending: boolean): Uint32Array {
  const times = new Float32Array(ids.length), keys = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) times[i] = index.msOf(ids[i]!);
  // As integers, the bits of positive numbers have the order of the numbers.
  const bits = new Uint32Array(times.buffer);
  const size = 2 ** Math.max(EXACT_BITS, Math.ceil(Math.log2(ids.length + 1)));
  const step = size / 2 ** EXACT_BITS, most = 2 ** 32 / step;
  for (let i = 0; i < ids.length; i++) {
    const time = Math.floor(bits[i]! / step);
    keys[i] = (isDescending ? most - time : time) * size + i;
  }
  keys.sort();
  return new Uint32Array(keys.length).map((_, i) => ids[keys[i]! % size]!);
}

// A number has 53 bits, of which a duration needs 32. Longer lists drop its last bits.
const EXACT_BITS = 20;

function csvRow({ id, state, class: kind, attempt, ms, args = "", message = "" }: TaskRow): string {
  const texts = [state, kind ?? "", args, message].map((text) => csvCell(JSON.stringify(text)));
  const [stateText, classText, argsText, messageText] = texts;
  return [id, stateText, classText, attempt, Number(ms.toPrecision(7)), argsText, messageText]
    .join() + "\n";
}
