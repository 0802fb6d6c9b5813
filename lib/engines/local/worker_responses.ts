/**
 * The responses of a worker process, read and checked.
 *
 * @module
 */

import {
  blockHead,
  type EventBatch,
  type FailedAttempt,
  type FailureClass,
  type Span,
} from "../../journal/format.ts";
import { eachResult, resultLine } from "../../journal/scan.ts";
import type { TaskUpdate } from "../../journal/task_update.ts";
import type { Task } from "../../tasks/batch.ts";
import { NEWLINE, splitLines } from "../../util/bytes/bytes.ts";
import { hasJsonLines } from "../../util/bytes/line_count.ts";
import { type Frame, FrameReader, ProtocolError } from "../../worker/frame.ts";
import type { WorkerMessage } from "../../worker/protocol.ts";
import { BatchWriter } from "../shared/batch_writer.ts";
import type { InFlight } from "../shared/in_flight.ts";
import { checkedLine } from "./checked_line.ts";
import type { UsedBytes } from "./double_buffer.ts";
import type { LateTasks } from "./late_tasks.ts";
import { SuccessLine } from "./success_line.ts";

/** The events in one read of a worker's channel. */
export interface ParsedResponses extends UsedBytes {
  /** The events. */
  readonly batches: readonly EventBatch[];
  /** The busy time up to these events; undefined while it is too short to report. */
  readonly span: Span | undefined;
}

/**
 * Reads the frames that a worker sends (`lib/worker/protocol.ts`). Accepts only responses to tasks
 * in flight, in the exact format. The first violation ends the reading.
 *
 * Results are copied as bytes and never parsed, so their JSON is the worker's. Checked are the
 * number of results, and that none is empty or, where a look at each byte is cheap, contains a
 * control character.
 */
export class WorkerResponses {
  /** The first violation of the protocol; undefined while there is none. */
  violation: string | undefined;
  /** The class of the failure that the worker reported last; undefined after a later result. */
  lastFailure: FailureClass | undefined;
  #frames: FrameReader;
  #success = new SuccessLine();
  #decoder = new TextDecoder();

  /**
   * Creates a reader for one worker.
   *
   * @param token the worker's token
   * @param inFlight the tasks without a response
   * @param onMessage receives the worker's messages about itself
   * @param late the tasks whose responses become timeouts. @default {none}
   */
  constructor(
    token: string,
    readonly inFlight: InFlight,
    readonly onMessage: (message: WorkerMessage) => void,
    readonly late?: LateTasks,
  ) {
    this.#frames = new FrameReader(token);
  }

  /**
   * Reads all complete frames at the start of a byte array. Never throws.
   *
   * @returns the events, which share the memory of `bytes`, the number of bytes used, and the size
   * of the incomplete frame that follows, 0 when it is unknown. The next call must begin with the
   * unused bytes, followed by more of the stream.
   */
  read(bytes: Uint8Array): { used: number; wanted: number; batches: EventBatch[] } {
    const batches = new BatchWriter();
    const used = this.violation === undefined ? this.#readFrames(bytes, batches) : bytes.length;
    return { used, wanted: this.#frames.wanted, batches: batches.take() };
  }

  #readFrames(bytes: Uint8Array, batches: BatchWriter): number {
    let used = 0;
    try {
      while (used < bytes.length) {
        const frame = this.#frames.at(bytes, used);
        if (!frame) return used;
        this.#readFrame(frame, bytes, batches);
        used = frame.next;
      }
      return used;
    } catch (error) {
      // Events before the violation are valid, and their tasks are no longer in flight.
      this.violation = (error as Error).message;
      return bytes.length;
    }
  }

  #readFrame({ head, start, body, end }: Frame, bytes: Uint8Array, batches: BatchWriter): void {
    const { id, count, bytes: length, ms } = head;
    if (id === undefined || count === undefined) {
      if (Object.keys(head).length > 1) throw new ProtocolError("a block has an unknown head");
      return this.#readLines(bytes.subarray(body, end), batches);
    }
    const text = blockHead({ id, count, bytes: length, ms });
    if (this.#decoder.decode(bytes.subarray(start, body)) !== text) {
      throw new ProtocolError("a block has an unknown head");
    }
    const results = bytes.subarray(body, end);
    if (!hasJsonLines(results, count)) {
      throw new ProtocolError(`a block does not contain the ${count} results of its head`);
    }
    this.lastFailure = undefined;
    if (!this.late?.size && this.inFlight.completeBlock(id, count)) {
      return batches.addBlock(bytes.subarray(start, end), results, count);
    }
    eachResult(bytes.subarray(start, end), (id, result) => {
      this.#succeed(id, 1, resultLine(id, result), result, batches);
    });
  }

  #readLines(lines: Uint8Array, batches: BatchWriter): void {
    if (lines.length === 0 || lines[lines.length - 1] !== NEWLINE) {
      throw new ProtocolError("a line is incomplete");
    }
    const success = this.#success;
    for (const line of splitLines(lines)) {
      if (!success.parse(line)) this.#readLine(line, batches);
      else {
        const { id, attempt, result, end } = success;
        this.#succeed(id, attempt, line, line.subarray(result, end), batches);
      }
    }
  }

  #readLine(line: Uint8Array, batches: BatchWriter): void {
    const checked = checkedLine(this.#decoder.decode(line));
    if (checked.kind === "message") this.onMessage(checked.message);
    else if (checked.kind === "log") batches.addLog(checked.log);
    else if (checked.kind === "update") this.#update(checked.update, batches);
    else this.#fail(checked.event, batches);
  }

  #update(update: TaskUpdate, batches: BatchWriter): void {
    const { id, attempt, type } = update;
    this.#taskOf(id, attempt);
    if (type === "checkpoint") this.inFlight.keep(id, new TextEncoder().encode(update.value));
    batches.addUpdate(update);
  }

  #fail(event: FailedAttempt["event"], batches: BatchWriter): void {
    const { id, attempt } = event, task = this.#taskOf(id, attempt), { args, checkpoint } = task;
    this.inFlight.complete(id);
    this.lastFailure = event.error.class;
    batches.addFailure(this.late?.take(task, event.error) ?? { event, args, checkpoint });
  }

  #succeed(
    id: number,
    attempt: number,
    line: Uint8Array,
    result: Uint8Array,
    batches: BatchWriter,
  ): void {
    const late = this.late?.size ? this.late.take(this.#taskOf(id, attempt)) : undefined;
    if (!this.inFlight.complete(id, attempt)) throw notInFlight(id, attempt);
    this.lastFailure = undefined;
    if (late) batches.addFailure(late);
    else batches.addSuccess(line, result);
  }

  /** Returns a task in flight. */
  #taskOf(id: number, attempt: number): Task {
    const task = this.inFlight.task(id);
    if (task?.attempt !== attempt) throw notInFlight(id, attempt);
    return task;
  }
}

function notInFlight(id: number, attempt: number): ProtocolError {
  return new ProtocolError(`task ${id}, attempt ${attempt}, is not in flight`);
}

/** Returns the number of failures in batches. */
export function countFailures(batches: readonly EventBatch[]): number {
  return batches.reduce((sum, { failures }) => sum + failures.length, 0);
}
