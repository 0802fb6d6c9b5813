/**
 * Tasks in the form sent to another machine: lines of arguments, and ranges of task ids.
 *
 * @module
 */

import { readBlocks } from "../../ndjson/blocks.ts";
import { joinBatches, TaskBatch } from "../../tasks/batch.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { NEWLINE, NEWLINE_BYTES } from "../../util/bytes/bytes.ts";

/** Returns the ranges of the tasks in a batch. */
export function taskRanges(batch: TaskBatch): TaskRange[] {
  const ranges: TaskRange[] = [];
  for (let from = 0, to; from < batch.count; from = to) {
    to = batch.rowEnd(from);
    const range = [batch.id(from), to - from, batch.attempt] as const;
    ranges.push(batch.checkpoint ? [...range, 1] : range);
  }
  return ranges;
}

/** Returns the lines of the tasks in a batch, with the line of a checkpoint. */
export function taskLines({ bytes, checkpoint }: TaskBatch): Uint8Array[] {
  return checkpoint ? [bytes, checkpoint, NEWLINE_BYTES] : [bytes];
}

/**
 * Reads the tasks of a slice, except those that have a result.
 *
 * @param lines the path of the file with the arguments, or a stream of its bytes
 * @param ranges the ids of the tasks, in the order of the lines
 * @param isDone returns true for a task to skip
 */
export async function* readSlice(
  lines: string | ReadableStream<Uint8Array<ArrayBuffer>>,
  ranges: readonly TaskRange[],
  isDone: (id: number) => boolean,
): AsyncGenerator<TaskBatch> {
  const ahead = ranges.map(([id, count, attempt, checkpoint]) => ({
    id,
    count,
    attempt,
    reader: checkpoint && new CheckpointReader(),
  }));
  for await (let block of readBlocks(lines)) {
    for (let range = ahead[0]; range && block.length > 0; range = ahead[0]) {
      const { id, attempt, reader } = range;
      const { end, count } = linesOf(block, reader ? 1 : range.count),
        part = block.subarray(0, end);
      const batch = reader ? reader.add(part, range) : TaskBatch.of(part, count, id, { attempt });
      block = block.subarray(end);
      if (!batch) continue;
      yield* remaining(batch, isDone);
      range.id += count;
      range.count -= count;
      if (range.count === 0) ahead.shift();
    }
  }
}

/** Joins the line of a task and that of its checkpoint, which may be in another block. */
class CheckpointReader {
  #line: Uint8Array | undefined;

  /** Returns the task after its second line. */
  add(line: Uint8Array, { id, attempt }: { id: number; attempt: number }): TaskBatch | undefined {
    if (this.#line) {
      return TaskBatch.of(this.#line, 1, id, { attempt, checkpoint: line.slice(0, -1) });
    }
    this.#line = line.slice();
    return undefined;
  }
}

/** Returns the offset at which at most `most` lines end, and the number of these lines. */
function linesOf(block: Uint8Array, most: number): { end: number; count: number } {
  let end = 0, count = 0;
  for (; count < most && end < block.length; count++) end = block.indexOf(NEWLINE, end) + 1;
  return { end, count };
}

function* remaining(batch: TaskBatch, isDone: (id: number) => boolean): Generator<TaskBatch> {
  for (let from = 0, to; from < batch.count; from = to + 1) {
    for (to = from; to < batch.count && !isDone(batch.id(to));) to++;
    if (to > from) yield batch.slice(from, to);
  }
}

/** Counts the tasks in ranges. */
export function countTasks(ranges: readonly TaskRange[]): number {
  return ranges.reduce((sum, [, count]) => sum + count, 0);
}

/** The largest size of a slice. */
export interface SliceSize {
  /** The number of tasks. */
  readonly tasks: number;
  /**
   * The size of the arguments, in bytes. A larger task has a separate slice. @default {Infinity}
   */
  readonly bytes?: number;
}

/**
 * Cuts batches into slices. A slice contains several batches only if their attempts or limits
 * differ.
 */
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

/** Returns the number of tasks at the front of a batch that fit into a size. */
function fitting(batch: TaskBatch, { tasks, bytes }: Required<SliceSize>): number {
  let least = 0, most = Math.min(tasks, batch.count);
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (batch.slice(0, middle).bytes.length <= bytes) least = middle;
    else most = middle - 1;
  }
  return least;
}
