import {
  type BlockHead,
  type EventBatch,
  type FailedAttempt,
  type LogLine,
  successLine,
  type TaskError,
} from "../../journal/format.ts";
import { eachResult, scanEvents } from "../../journal/scan.ts";
import { concatBytes } from "../../util/bytes.ts";
import type { InFlight } from "./in_flight.ts";

const NEWLINE = 10, RS = 0x1e;
const NEWLINE_BYTES = Uint8Array.of(NEWLINE);

/** What a worker says about itself, not about a task. */
export type Control = { readonly idle: number } | { readonly broken: TaskError };

/**
 * Reads what a worker writes: answers of tasks that wait for one, and whatever else got in between.
 *
 * A success is copied as bytes and never parsed: a whole run of them to the journal, and the results
 * behind its first line to the results.
 */
export class ResponseReader<Message = Control> {
  #last = -1;

  /**
   * @param pending who waits for an answer
   * @param onControl told what the other side says about itself
   */
  constructor(
    readonly pending: InFlight,
    readonly onControl: (message: Message) => void,
  ) {}

  /**
   * What some bytes of the stream bring, and how many of them are dealt with: the rest is to be given
   * again, with more behind it. The batches share the memory of the bytes.
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

  /** What some whole events bring that stand in a file, as a journal has them. */
  events(lines: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    this.#others(lines, batches);
    return batches.take();
  }

  /** What the last bytes of a stream that has ended are: a block that is not whole is none. */
  end(bytes: Uint8Array): EventBatch[] {
    const batches = new BatchWriter();
    if (bytes.length > 0 && bytes[0] !== RS) this.#log(bytes, batches);
    return batches.take();
  }

  /** Reads the block, or the text, that starts at an offset; gives where it ends if it is whole. */
  #block(bytes: Uint8Array, at: number, batches: BatchWriter): number {
    if (bytes[at] !== RS) return this.#text(bytes, at, batches);
    const start = bytes.indexOf(NEWLINE, at) + 1;
    if (start === 0) return at;
    // The end of a block that was torn.
    if (start === at + 2) return start;
    // What stands behind one RS is no head when another follows in the line: that is the true start.
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
    if ("count" in head) this.#run(head, bytes.subarray(at + 1, end), start - at - 1, batches);
    else this.#others(bytes.subarray(start, end), batches);
    return next;
  }

  /** ResponseWriter that come in the order of the tasks are counted, and copied as one. */
  #run(head: BlockHead, run: Uint8Array, start: number, batches: BatchWriter): void {
    if (this.pending.answerRun(head.id, head.count)) {
      this.#last = head.id + head.count - 1;
      batches.addRun(run, run.subarray(start), head.count);
    } else eachResult(run, (id, result) => this.#success(id, asLine(id, result), result, batches));
  }

  #success(id: number, line: Uint8Array, result: Uint8Array, batches: BatchWriter): void {
    if (!this.pending.answer(id)) return;
    this.#last = id;
    batches.addSuccess(line, result);
  }

  #others(lines: Uint8Array, batches: BatchWriter): void {
    scanEvents(lines, {
      block: (head, start, results, end) =>
        this.#run(head, lines.subarray(start, end), results - start, batches),
      success: (id, start, result, end) => {
        this.#success(id, lines.subarray(start, end + 1), lines.subarray(result, end - 1), batches);
      },
      other: (start, end) => this.#other(lines.subarray(start, end), batches),
    });
  }

  // Somebody else wrote into the block. What looks like an answer in it may come from there, so none
  // is taken: the tasks run again when the worker says that it has answered all.
  #doubtful(bytes: Uint8Array, start: number, end: number, batches: BatchWriter): number {
    this.#log(bytes.subarray(start, end), batches);
    return end;
  }

  /** What user code, or a child of it, wrote around JavaScript. */
  #text(bytes: Uint8Array, at: number, batches: BatchWriter): number {
    const lead = bytes.indexOf(RS, at);
    const end = lead < 0 ? bytes.length : lead;
    this.#log(bytes.subarray(at, end), batches);
    return end;
  }

  #other(line: Uint8Array, batches: BatchWriter): void {
    const message = JSON.parse(decode(line));
    if (!("id" in message)) return this.onControl(message as Message);
    if ("stream" in message) return batches.addLog(message as LogLine);
    const event = message as FailedAttempt["event"];
    const task = this.pending.task(event.id);
    if (!task || !this.pending.answer(event.id)) return;
    batches.addFailure({ event, args: task.args });
  }

  #log(bytes: Uint8Array, batches: BatchWriter): void {
    if (bytes.length === 0) return;
    const id = this.pending.first ?? this.#last;
    batches.addLog({ id, attempt: 1, stream: "stdout", text: decode(bytes) });
  }
}

/** Collects batches: a run is one, and what comes between two runs is another. */
class BatchWriter {
  #batches: EventBatch[] = [];
  #lines: Uint8Array[] = [];
  #results: Uint8Array[] = [];
  #failures: FailedAttempt[] = [];
  #logs: LogLine[] = [];

  addRun(lines: Uint8Array, results: Uint8Array, succeeded: number): void {
    this.#endBatch();
    this.#batches.push({ lines, results, succeeded, failures: [], logs: [] });
  }

  addSuccess(line: Uint8Array, result: Uint8Array): void {
    this.#lines.push(line);
    this.#results.push(result, NEWLINE_BYTES);
  }

  addFailure(failure: FailedAttempt): void {
    this.#failures.push(failure);
  }

  addLog(line: LogLine): void {
    this.#logs.push(line);
  }

  take(): EventBatch[] {
    this.#endBatch();
    return this.#batches;
  }

  #endBatch(): void {
    const succeeded = this.#lines.length, failures = this.#failures, logs = this.#logs;
    if (succeeded + failures.length + logs.length === 0) return;
    const lines = concatBytes(this.#lines), results = concatBytes(this.#results);
    this.#batches.push({ lines, results, succeeded, failures, logs });
    this.#lines = [], this.#results = [], this.#failures = [], this.#logs = [];
  }
}

/** The head of a block, if it is one. */
function parseHead(line: Uint8Array): BlockHead | Pick<BlockHead, "bytes"> | undefined {
  try {
    const head = JSON.parse(decode(line));
    return Number.isInteger(head?.bytes) ? head : undefined;
  } catch {
    return undefined;
  }
}

/** The line of a result that is not in its run any more. */
function asLine(id: number, result: Uint8Array): Uint8Array {
  return new TextEncoder().encode(successLine(id, 1, 0, decode(result)) + "\n");
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
