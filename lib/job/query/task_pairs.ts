/**
 * Finds the tasks of two lists that have the same arguments.
 *
 * @module
 */

import { readList } from "../../job_dir/list_file.ts";
import { readRecord } from "../../job_dir/record.ts";
import { NEWLINE } from "../../util/bytes/bytes.ts";

/** The ids of two tasks with the same arguments; `null` when a task is only in the other list. */
export type TaskPair = readonly [a: number | null, b: number | null];

/**
 * Yields each task of two jobs once. When several tasks of a job have the same arguments, the first
 * of them is the partner of the first one in the other job, and so on.
 *
 * Only hashes of the lines are in memory: 64 bits for each, and about 20 bytes of a table.
 */
export async function* taskPairs(folderA: string, folderB: string): AsyncGenerator<TaskPair> {
  const a = await hashList(folderA), b = await hashList(folderB), waiting = new Waiting(a);
  for (let task = 0; task < b.count; task++) {
    yield [waiting.take(b.first[task]!, b.second[task]!), task];
  }
  for (let task = 0; task < a.count; task++) if (!waiting.isTaken(task)) yield [task, null];
}

/** The hashes of the lines of a list. */
interface LineHashes {
  readonly count: number;
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

async function hashList(folder: string): Promise<LineHashes> {
  let first = new Uint32Array(1024), second = new Uint32Array(1024), total = 0;
  for await (const { bytes, count, isSound } of readList(folder, readRecord(folder))) {
    // A running job may be writing the last part.
    if (!isSound) break;
    if (total + count > first.length) {
      first = grown(first, total + count);
      second = grown(second, total + count);
    }
    hashLines(bytes, first.subarray(total), second.subarray(total));
    total += count;
  }
  return { count: total, first, second };
}

function grown(array: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}

/**
 * Hashes lines with FNV-1a, and with a second function whose multiplier and start differ.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
function hashLines(bytes: Uint8Array, first: Uint32Array, second: Uint32Array): void {
  let x = 0x811c9dc5, y = 0x9747b28c, line = 0;
  for (const byte of bytes) {
    if (byte === NEWLINE) {
      first[line] = x;
      second[line++] = y;
      x = 0x811c9dc5;
      y = 0x9747b28c;
    } else {
      x = Math.imul(x ^ byte, 0x01000193);
      y = Math.imul((y << 13 | y >>> 19) ^ byte, 0x85ebca6b);
    }
  }
}

/** The tasks of a list that wait for a partner, in a hash table with a queue for each hash. */
class Waiting {
  #hashes: LineHashes;
  #mask: number;
  /** The first task of each slot plus one; 0 for an empty slot. It tells the hash of the slot. */
  #slots: Int32Array;
  /** The next task of each slot that has no partner, plus one. */
  #heads: Int32Array;
  #next: Int32Array;
  #taken: Uint8Array;

  constructor(hashes: LineHashes) {
    const size = 2 ** Math.ceil(Math.log2(hashes.count * 2 + 2));
    this.#hashes = hashes;
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    this.#heads = new Int32Array(size);
    this.#next = new Int32Array(hashes.count);
    this.#taken = new Uint8Array(hashes.count);
    // From the end, so that the first task becomes the head of its queue.
    for (let task = hashes.count - 1; task >= 0; task--) this.#add(task);
  }

  /** Returns and removes the first task with a hash. */
  take(first: number, second: number): number | null {
    const slot = this.#slotOf(first, second), task = this.#heads[slot]! - 1;
    if (task < 0) return null;
    this.#heads[slot] = this.#next[task]!;
    this.#taken[task] = 1;
    return task;
  }

  isTaken(task: number): boolean {
    return this.#taken[task] === 1;
  }

  #add(task: number): void {
    const slot = this.#slotOf(this.#hashes.first[task]!, this.#hashes.second[task]!);
    if (this.#slots[slot] === 0) this.#slots[slot] = task + 1;
    this.#next[task] = this.#heads[slot]!;
    this.#heads[slot] = task + 1;
  }

  /** Returns the slot of a hash, which is empty when no task has the hash. */
  #slotOf(first: number, second: number): number {
    const { first: x, second: y } = this.#hashes;
    for (let slot = (first ^ second >>> 15) & this.#mask;; slot = (slot + 1) & this.#mask) {
      const task = this.#slots[slot]! - 1;
      if (task < 0 || (x[task] === first && y[task] === second)) return slot;
    }
  }
}
