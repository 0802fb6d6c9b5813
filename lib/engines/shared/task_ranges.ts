/**
 * A part of the tasks on its way to another machine: lines of arguments, and which tasks these are.
 *
 * @module
 */

import { joinBatches, TaskBatch } from "../../tasks/batch.ts";
import { readBlocks } from "../../ndjson/blocks.ts";

/** Tasks that follow each other in the list: the first one's id, how many, and which try it is. */
export type Row = readonly [id: number, count: number, attempt: number];

/** Which tasks a batch holds. */
export function taskRanges(batch: TaskBatch): Row[] {
  const rows: Row[] = [];
  for (let from = 0, to; from < batch.count; from = to) {
    to = batch.rowEnd(from);
    rows.push([batch.id(from), to - from, batch.attempt]);
  }
  return rows;
}

/**
 * The tasks again, but for those that have an answer.
 *
 * @param lines the file with their arguments, or its bytes
 */
export async function* readSlice(
  lines: string | ReadableStream<Uint8Array<ArrayBuffer>>,
  rows: readonly Row[],
  isAnswered: (id: number) => boolean,
): AsyncGenerator<TaskBatch> {
  const ahead = rows.map(([id, count, attempt]) => ({ id, count, attempt }));
  for await (let block of readBlocks(lines)) {
    for (let row = ahead[0]; row && block.length > 0; row = ahead[0]) {
      const { end, count } = linesOf(block, row.count);
      const { id, attempt } = row;
      yield* unanswered(TaskBatch.of(block.subarray(0, end), count, id, { attempt }), isAnswered);
      block = block.subarray(end);
      row.id += count;
      row.count -= count;
      if (row.count === 0) ahead.shift();
    }
  }
}

const NEWLINE = 10;

/** Where the first so many lines end, and how many there are. */
function linesOf(block: Uint8Array, most: number): { end: number; count: number } {
  let end = 0, count = 0;
  for (; count < most && end < block.length; count++) end = block.indexOf(NEWLINE, end) + 1;
  return { end, count };
}

function* unanswered(batch: TaskBatch, isAnswered: (id: number) => boolean): Generator<TaskBatch> {
  for (let from = 0, to = 0; from < batch.count; from = to + 1) {
    for (to = from; to < batch.count && !isAnswered(batch.id(to));) to++;
    if (to > from) yield batch.slice(from, to);
  }
}

/** How many tasks there are in some rows. */
export function countOf(rows: readonly Row[]): number {
  return rows.reduce((sum, [, count]) => sum + count, 0);
}

/** How large a slice may be. */
export interface SliceSize {
  readonly tasks: number;
  /** The length of the arguments; a task that is longer by itself is alone. @default {Infinity} */
  readonly bytes?: number;
}

/** Cuts batches to slices: each is one batch, or several where attempts or limits differ. */
export function cutSlices(batches: readonly TaskBatch[], size: SliceSize): TaskBatch[][] {
  const slices: TaskBatch[][] = [], { bytes = Infinity } = size;
  let room = { tasks: 0, bytes: 0 };
  for (let batch of batches) {
    while (batch.count > 0) {
      const isNew = room.tasks === 0;
      if (isNew) room = { tasks: size.tasks, bytes };
      const count = fitting(batch, room) || (isNew ? 1 : 0);
      const part = batch.slice(0, count);
      if (isNew) slices.push([]);
      if (count > 0) slices.at(-1)!.push(part);
      const isFull = count < batch.count;
      room = {
        tasks: isFull ? 0 : room.tasks - count,
        bytes: room.bytes - part.bytes.length,
      };
      batch = batch.slice(count);
    }
  }
  return slices.map(joinBatches);
}

/** How many tasks at the front of a batch fit. */
function fitting(batch: TaskBatch, { tasks, bytes }: Required<SliceSize>): number {
  let least = 0, most = Math.min(tasks, batch.count);
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (batch.slice(0, middle).bytes.length <= bytes) least = middle;
    else most = middle - 1;
  }
  return least;
}
