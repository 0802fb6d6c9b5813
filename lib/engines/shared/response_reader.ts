/**
 * Responses of a worker, read from its blocks.
 *
 * @module
 */

import {
  type BlockHead,
  type EventBatch,
  type FailedAttempt,
  type LogLine,
  successLine,
} from "../../journal/format.ts";
import { eachResult, scanEvents } from "../../journal/scan.ts";
import { NEWLINE } from "../../util/bytes.ts";
import { RS, type WorkerMessage } from "../../worker/protocol.ts";
import { BatchWriter } from "./batch_writer.ts";
import type { InFlight } from "./in_flight.ts";

/**
 * Reads the blocks that a worker writes (`lib/worker/protocol.ts`): responses to tasks that are in
 * flight, and text that user code wrote between them.
 *
 * A success is copied as bytes and never parsed: a whole result block to the journal, and the results
 * after its first line to the results.
 */
export class ResponseReader<Message = WorkerMessage> {
  #last = -1;

  /**
   * Creates a reader for the output of one worker.
   *
   * @param inFlight the tasks that have no response yet; a response to any other task is dropped
   * @param onMessage receives what the other side says about itself
   */
  constructor(
    readonly inFlight: InFlight,
    readonly onMessage: (message: Message) => void,
  ) {}

  /**
   * Reads the whole blocks at the start of some bytes.
   *
   * @returns what they bring, in the memory of the bytes, and the number of bytes read: the rest must
   * be passed again, followed by more of the stream
   */
  read(bytes: Uint8Array): { used: number; batches: EventBatch[] } {
    const batches = new BatchWriter();
    let used = 0;
    for (let next = this.#block(bytes, 0, batches); next > used;) {
      used = next;
      next = this.#block(bytes, used, batches);
    }
    return { used, batches: batches.take() };
  }

  /** Reads whole events as a journal has them, without blocks around them. */
  events(lines: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    this.#readLines(lines, batches);
    return batches.take();
  }

  /** Reads the last bytes of a stream that has ended. A block that is not whole is dropped. */
  end(bytes: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    if (bytes.length > 0 && bytes[0] !== RS) this.#log(bytes, batches);
    return batches.take();
  }

  /**
   * Reads the block, or the text, that starts at an offset.
   *
   * @returns the offset of its end, or `at` when it is not whole
   */
  #block(bytes: Uint8Array, at: number, batches: BatchWriter): number {
    if (bytes[at] !== RS) return this.#text(bytes, at, batches);
    const start = bytes.indexOf(NEWLINE, at) + 1;
    if (start === 0) return at;
    // The end of a block that was torn.
    if (start === at + 2) return start;
    // A line with a second RS is not a head: the block starts at that one.
    const lead = bytes.indexOf(RS, at + 1);
    if (lead > 0 && lead < start) return this.#doubtful(bytes, at + 1, lead, batches);
    const head = parseHead(bytes.subarray(at + 1, start));
    // A head that was torn.
    if (!head) return this.#doubtful(bytes, at + 1, start, batches);
    const end = start + head.bytes, next = end + 2;
    if (next > bytes.length) return at;
    if (bytes[end] !== RS || bytes[end + 1] !== NEWLINE) {
      return this.#doubtful(bytes, start, end, batches);
    }
    if ("count" in head) {
      this.#readResults(head, bytes.subarray(at + 1, end), start - at - 1, batches);
    } else this.#readLines(bytes.subarray(start, end), batches);
    return next;
  }

  /** Reads a result block. Results in the order of the tasks are counted, and copied as one. */
  #readResults(head: BlockHead, block: Uint8Array, start: number, batches: BatchWriter): void {
    if (this.inFlight.completeBlock(head.id, head.count)) {
      this.#last = head.id + head.count - 1;
      return batches.addBlock(block, block.subarray(start), head.count);
    }
    eachResult(block, (id, result) => {
      this.#addSuccess(id, asLine(id, result), result, batches);
    });
  }

  #addSuccess(id: number, line: Uint8Array, result: Uint8Array, batches: BatchWriter): void {
    if (!this.inFlight.complete(id)) return;
    this.#last = id;
    batches.addSuccess(line, result);
  }

  #readLines(lines: Uint8Array, batches: BatchWriter): void {
    scanEvents(lines, {
      block: (head, start, results, end) =>
        this.#readResults(head, lines.subarray(start, end), results - start, batches),
      success: (id, start, result, end) => {
        this.#addSuccess(
          id,
          lines.subarray(start, end + 1),
          lines.subarray(result, end - 1),
          batches,
        );
      },
      other: (start, end) => this.#readLine(lines.subarray(start, end), batches),
    });
  }

  // Another process wrote into the block. What looks like a response in it may come from there, so
  // no response is accepted: the tasks run again when the worker says that it has none left.
  #doubtful(bytes: Uint8Array, start: number, end: number, batches: BatchWriter): number {
    this.#log(bytes.subarray(start, end), batches);
    return end;
  }

  /** Reads what user code or a child of it wrote past the capture in the worker. */
  #text(bytes: Uint8Array, at: number, batches: BatchWriter): number {
    const lead = bytes.indexOf(RS, at);
    const end = lead < 0 ? bytes.length : lead;
    this.#log(bytes.subarray(at, end), batches);
    return end;
  }

  #readLine(line: Uint8Array, batches: BatchWriter): void {
    const message = JSON.parse(decode(line));
    if (!("id" in message)) return this.onMessage(message as Message);
    if ("stream" in message) return batches.addLog(message as LogLine);
    const event = message as FailedAttempt["event"];
    const task = this.inFlight.task(event.id);
    if (!task || !this.inFlight.complete(event.id)) return;
    batches.addFailure({ event, args: task.args });
  }

  #log(bytes: Uint8Array, batches: BatchWriter): void {
    if (bytes.length === 0) return;
    const id = this.inFlight.first ?? this.#last;
    batches.addLog({ id, attempt: 1, stream: "stdout", text: decode(bytes) });
  }
}

/** Parses the head of a block; undefined when the line is not one. */
function parseHead(line: Uint8Array): BlockHead | Pick<BlockHead, "bytes"> | undefined {
  try {
    const head = JSON.parse(decode(line));
    return Number.isInteger(head?.bytes) ? head : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the line of a result that is taken out of its block. */
function asLine(id: number, result: Uint8Array): Uint8Array {
  return new TextEncoder().encode(successLine(id, 1, 0, decode(result)) + "\n");
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
