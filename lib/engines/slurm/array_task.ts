/**
 * An array task, as the controller sees it: by its file of events, and by Slurm's reports.
 *
 * @module
 */

import type { EventBatch, FailureClass, Span, TaskError } from "../../journal/format.ts";
import { wholeEnd } from "../../journal/scan.ts";
import { joinTasks } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { GrowingFile } from "../../util/growing_file.ts";
import type { Leftover } from "../batch/backend.ts";
import { Part } from "../batch/part.ts";
import { onlySpan } from "../shared/busy_spans.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import { phaseOf, type SlurmState } from "./commands.ts";
import { arrayTaskFiles, type ArrayTaskLine } from "./job_array.ts";

const PIECE_BYTES = 1024 * 1024;
// A file on a network appears late. An array task that succeeded has written its last line.
const GRACE_MS = 5000, GRACE_DONE_MS = 30_000;

/** The end of an array task as Slurm reports it, and the time of the first report. */
interface SlurmEnd {
  /** Slurm's report; `undefined` when Slurm has forgotten the array task. */
  readonly state: SlurmState | undefined;
  readonly at: number;
}

/** One task of a job array. */
export class ArrayTask extends Part {
  /** True when it has written that nothing more will come. */
  hasEnded = false;
  /** The end that Slurm reports. */
  end: SlurmEnd | undefined;
  #file: GrowingFile;
  #node = "";
  #spans: Span[] = [];
  #loadError: string | undefined;
  #isTerminated = false;
  #reader = new ResponseReader<ArrayTaskLine>(this.inFlight, (line) => this.#note(line));

  /**
   * Creates the array task of a slice.
   *
   * @param array Slurm's id of its array, when it is known
   * @param index its number in the array
   * @param dir the folder of the array
   * @param wasEnded true when the array was ended on purpose
   */
  constructor(
    readonly array: string | undefined,
    readonly index: number,
    readonly dir: string,
    readonly wasEnded = false,
  ) {
    super();
    this.#file = new GrowingFile(arrayTaskFiles(dir, index).events, PIECE_BYTES);
  }

  /**
   * Yields the events that were written since the last call; each is valid until the next one.
   *
   * @throws {UsageError} when the array task cannot call the function.
   */
  async *read(): AsyncGenerator<EventBatch> {
    for (let isMore = true; isMore;) {
      const bytes = this.#file.read();
      if (!bytes) break;
      const end = wholeEnd(bytes);
      isMore = this.#file.advance(end, bytes.length);
      if (end === 0) continue;
      yield* this.#reader.events(bytes.subarray(0, end));
      yield* this.#takeSpans();
    }
    if (this.#loadError !== undefined) throw new UsageError(this.#loadError);
  }

  /** Records Slurm's report; `undefined` when Slurm has forgotten the array task. */
  see(state: SlurmState | undefined, now: number): void {
    const isOver = state === undefined || phaseOf(state.state) === "ended";
    this.end = isOver ? { state, at: this.end?.at ?? now } : undefined;
  }

  /** Returns true when no more events will come. */
  isOver(now: number): boolean {
    if (this.hasEnded) return true;
    if (!this.end) return false;
    const { state, at } = this.end;
    const isGood = !this.wasEnded && (state === undefined || state.state === "COMPLETED");
    return now - at >= (isGood ? GRACE_DONE_MS : GRACE_MS);
  }

  /** Returns true once, after the array task wrote that it is being ended. */
  takeTermination(): boolean {
    const isTerminated = this.#isTerminated;
    this.#isTerminated = false;
    return isTerminated;
  }

  /**
   * Takes the tasks without a response. Those that it had started have failed; the others run again.
   *
   * @param running the number of tasks that it runs at the same time
   */
  takeLeftover(running: number): Leftover {
    const isCharged = this.hasStarted && !this.hasEnded && !this.wasEnded;
    const charged = isCharged ? this.inFlight.running(running) : [];
    const mayRun = this.inFlight.count > 0 && !this.hasEnded;
    const { failures, rest } = this.takeRest(charged, this.#error());
    return { failures, rest: joinTasks(rest), mayRun };
  }

  /** Its end in words, such as `array task 12_3 ended NODE_FAIL`. */
  get endText(): string {
    const { state, reason } = this.end?.state ?? { state: "without a record", reason: "" };
    const why = reason && reason !== "None" ? ` (${reason})` : "";
    return `array task ${this.array ?? "?"}_${this.index} ended ${state}${why}`;
  }

  #error(): TaskError {
    const kind = CLASSES[this.end?.state?.state ?? ""] ?? "lost";
    return { message: `its ${this.endText}`, type: "ArrayTaskEnded", class: kind };
  }

  /** The spans that were read: workers of other array tasks have the same names. */
  #takeSpans(): EventBatch[] {
    const place = `${this.#node} ${this.array}_${this.index}`;
    return this.#spans.splice(0).flatMap((span) =>
      onlySpan({ ...span, worker: `${place}.${span.worker}` })
    );
  }

  #note(line: ArrayTaskLine): void {
    if ("begun" in line) {
      this.hasStarted = true;
      this.#node = line.node;
    } else if ("broken" in line) this.#loadError = line.broken;
    else if ("terminated" in line) this.#isTerminated = true;
    else if ("span" in line) this.#spans.push(line.span);
    else this.hasEnded = true;
  }
}

/** The failure classes of an array task's ends; its tasks are lost in all other ends. */
const CLASSES: Readonly<Record<string, FailureClass>> = {
  OUT_OF_MEMORY: "oom",
  TIMEOUT: "timeout",
  DEADLINE: "timeout",
};
