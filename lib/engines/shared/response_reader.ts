/**
 * The responses of a worker, read from its blocks.
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
 * Successes are copied as bytes and never parsed. A whole result block becomes journal lines, and
 * its body, without the head, becomes results.
 */
export class ResponseReader<Message = WorkerMessage> {
  #last = -1;

  /**
   * Creates a reader for the output of one worker.
   *
   * @param inFlight the tasks without a response; a response to any other task is dropped
   * @param onMessage receives the worker's messages about itself
   */
  constructor(
    readonly inFlight: InFlight,
    readonly onMessage: (message: Message) => void,
  ) {}

  /**
   * Reads all complete blocks at the start of a byte array.
   *
   * @returns the events, which share the memory of `bytes`, and the number of bytes used. The next
   * call must begin with the unused bytes, followed by more of the stream.
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

  /** Reads complete lines in the journal's format, without RS before and after them. */
  events(lines: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    this.#readLines(lines, batches);
    return batches.take();
  }

  /** Reads the last bytes of a stream that has ended. An incomplete block is dropped. */
  end(bytes: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    if (bytes.length > 0 && bytes[0] !== RS) this.#log(bytes, batches);
    return batches.take();
  }

  /**
   * Reads the block or the text at an offset.
   *
   * @returns the offset of its end, or `at` when the block is incomplete
   */
  #block(bytes: Uint8Array, at: number, batches: BatchWriter): number {
    if (bytes[at] !== RS) return this.#text(bytes, at, batches);
    const start = bytes.indexOf(NEWLINE, at) + 1;
    if (start === 0) return at;
    // RS and LF alone are the end of a torn block.
    if (start === at + 2) return start;
    // A line with a second RS is not a head. The next block starts at the second RS.
    const lead = bytes.indexOf(RS, at + 1);
    if (lead > 0 && lead < start) return this.#doubtful(bytes, at + 1, lead, batches);
    const head = parseHead(bytes.subarray(at + 1, start));
    // The head was torn.
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

  /** Reads a result block. A block whose tasks are the next in flight is passed on whole. */
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

  // Another process wrote into the block and may have forged a response, so no response in it is
  // accepted. Its tasks run again when the worker reports that it is idle.
  #doubtful(bytes: Uint8Array, start: number, end: number, batches: BatchWriter): number {
    this.#log(bytes.subarray(start, end), batches);
    return end;
  }

  /** Reads text that bypassed the worker's capture, such as the output of a child process. */
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

/** Parses the head of a block. Returns undefined when the line is not a head. */
function parseHead(line: Uint8Array): BlockHead | Pick<BlockHead, "bytes"> | undefined {
  try {
    const head = JSON.parse(decode(line));
    return Number.isInteger(head?.bytes) ? head : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the journal line of one result of a block. */
function asLine(id: number, result: Uint8Array): Uint8Array {
  return new TextEncoder().encode(successLine(id, 1, 0, decode(result)) + "\n");
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
