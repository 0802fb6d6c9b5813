/**
 * The responses of a part of a job that ran on another machine.
 *
 * @module
 */

import type { BlockHead, EventBatch, FailedAttempt, LogLine } from "../../journal/format.ts";
import { parseLine } from "../../journal/parse_line.ts";
import { parseUpdate, type TaskUpdate } from "../../journal/task_update.ts";
import { eachResult, resultLine, scanEvents } from "../../journal/scan.ts";
import { BatchWriter } from "./batch_writer.ts";
import type { InFlight } from "./in_flight.ts";

/**
 * Reads lines in the journal's format, which another controller wrote, and log lines and messages
 * between them. A response to a task that is not in flight is dropped, because a part may report a
 * task again.
 *
 * Successes are copied as bytes and never parsed. A whole result block becomes journal lines, and
 * its body, without the head, becomes results.
 */
export class ResponseReader<Message> {
  /** The name of the machine, for the events of failures. @default {unknown} */
  host: string | undefined;

  /**
   * Creates a reader for one part.
   *
   * @param inFlight the tasks without a response
   * @param onMessage receives the lines without an id
   */
  constructor(
    readonly inFlight: InFlight,
    readonly onMessage: (message: Message) => void,
  ) {}

  /**
   * Reads complete lines and result blocks.
   *
   * @returns the events, which share the memory of `lines`
   */
  events(lines: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    scanEvents(lines, {
      block: (head, start, results, end) =>
        this.#readResults(head, lines.subarray(start, end), results - start, batches),
      success: (id, start, result, end) => {
        const line = lines.subarray(start, end + 1), text = lines.subarray(result, end - 1);
        this.#addSuccess(id, line, text, batches);
      },
      other: (start, end) => this.#readLine(lines.subarray(start, end), batches),
    });
    return batches.take();
  }

  /** Reads a result block. A block whose tasks are the next in flight is passed on whole. */
  #readResults(head: BlockHead, block: Uint8Array, start: number, batches: BatchWriter): void {
    if (this.inFlight.completeBlock(head.id, head.count)) {
      return batches.addBlock(block, block.subarray(start), head.count);
    }
    eachResult(block, (id, result) => {
      this.#addSuccess(id, resultLine(id, result), result, batches);
    });
  }

  #addSuccess(id: number, line: Uint8Array, result: Uint8Array, batches: BatchWriter): void {
    if (this.inFlight.complete(id)) batches.addSuccess(line, result);
  }

  #readLine(line: Uint8Array, batches: BatchWriter): void {
    const text = new TextDecoder().decode(line), update = parseUpdate(text);
    if (update) return this.#update(update, batches);
    const message = parseLine(text) as object;
    if (!("id" in message)) return this.onMessage(message as Message);
    if ("stream" in message) return batches.addLog(message as LogLine);
    const own = message as FailedAttempt["event"], { host } = this;
    const event = host === undefined ? own : { ...own, host };
    const task = this.inFlight.task(event.id);
    if (!task || !this.inFlight.complete(event.id, event.attempt)) return;
    batches.addFailure({ event, args: task.args, checkpoint: task.checkpoint });
  }

  #update(update: TaskUpdate, batches: BatchWriter): void {
    const { id, type } = update;
    if (!this.inFlight.task(id)) return;
    if (type === "checkpoint") this.inFlight.keep(id, new TextEncoder().encode(update.value));
    batches.addUpdate(update);
  }
}
