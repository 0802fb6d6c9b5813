/**
 * The controller's view of an array task, based on its event file and Slurm's reports.
 *
 * @module
 */

import type { EventBatch, FailureClass, Span, TaskError } from "../../journal/format.ts";
import { joinTasks } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import type { Leftover } from "../batch/backend.ts";
import { Part } from "../batch/part.ts";
import { onlySpan } from "../shared/busy_spans.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import { withMachine } from "../shared/start_error.ts";
import { phaseOf, type SlurmState } from "./commands.ts";
import { EventFileReader } from "./event_file.ts";
import { arrayTaskFiles, type ArrayTaskLine } from "./job_array.ts";
import { explain } from "./waiting.ts";

// A network file system may show new lines late. The wait after a success is longer, because a
// successful array task has certainly written its last line.
const GRACE_MS = 5000, GRACE_DONE_MS = 30_000;
// The accounting may have lost the end of an array task, which has then left only the queue.
const GRACE_LOST_MS = 600_000;

/** Slurm's report that an array task has ended, and the time of the first such report. */
interface SlurmEnd {
  /** The reported state; `undefined` when Slurm no longer knows the array task. */
  readonly state: SlurmState | undefined;
  /** The time of the first report, from `performance.now()`. */
  readonly at: number;
  /** True after a second report. */
  readonly isRepeated: boolean;
  /** True when it has left the queue, but not according to the accounting. */
  readonly isDoubtful: boolean;
}

/** An array task with its slice of the tasks. */
export class ArrayTask extends Part {
  /** True when the array task has written its last line. */
  hasEnded = false;
  /** Slurm's report of the end; `undefined` until then. */
  end: SlurmEnd | undefined;
  #file: EventFileReader;
  #node = "";
  #spans: Span[] = [];
  #loadError: string | undefined;
  #isTerminated = false;
  #reader = new ResponseReader<ArrayTaskLine>(this.inFlight, (line) => this.#note(line));

  /**
   * Creates the array task of a slice.
   *
   * @param array Slurm's id of the array; `undefined` when unknown
   * @param index the array task's index in the array
   * @param dir the folder of the array
   * @param wasEnded true when a controller or a user canceled the array through dl_jobs
   * @param recorded the number of bytes of its event file that an earlier controller has recorded
   */
  constructor(
    public array: string | undefined,
    readonly index: number,
    readonly dir: string,
    readonly wasEnded = false,
    recorded = 0,
  ) {
    super();
    this.#file = new EventFileReader(dir, index, recorded);
  }

  /**
   * Yields the events written since the last call. Each batch is valid until the caller requests
   * the next batch.
   *
   * @throws {UsageError} when the array task cannot call the function.
   */
  async *read(): AsyncGenerator<EventBatch> {
    for (let isOld = this.#isOld, parts = this.#file.next(); parts; parts = this.#file.next()) {
      for (const lines of parts) {
        for (const batch of this.#reader.events(lines)) {
          yield isOld ? { ...batch, logs: [] } : batch;
        }
      }
      const spans = this.#takeSpans();
      if (!isOld) yield* spans;
      isOld = this.#isOld;
    }
    if (this.#loadError !== undefined) throw new UsageError(this.#loadError);
  }

  /** The number of bytes of the event file whose events were yielded. */
  get recorded(): number {
    return Math.max(this.#file.at, this.#file.recorded);
  }

  /** True when an earlier controller has the next output and busy times. */
  get #isOld(): boolean {
    return this.#file.at < this.#file.recorded;
  }

  /**
   * Records Slurm's report.
   *
   * @param state the reported state; `undefined` when Slurm no longer knows the array task
   * @param now the current time, from `performance.now()`
   * @param isQueued false when the state is that of the accounting, because the queue has none
   */
  see(state: SlurmState | undefined, now: number, isQueued = true): void {
    const isOver = state === undefined || phaseOf(state.state) === "ended";
    const before = this.end, at = before?.at ?? now, isRepeated = before !== undefined;
    this.end = isOver || !isQueued
      ? { state: isOver ? state : undefined, at, isRepeated, isDoubtful: !isOver }
      : undefined;
  }

  /** Returns true when no more events are expected. */
  isOver(now: number): boolean {
    if (this.hasEnded) return true;
    if (!this.end) return false;
    const { state, at, isRepeated, isDoubtful } = this.end;
    // A Slurm controller that starts again may know no jobs for a moment.
    if (state === undefined && !isRepeated) return false;
    if (isDoubtful) return now - at >= GRACE_LOST_MS;
    const isGood = !this.wasEnded && (state === undefined || state.state === "COMPLETED");
    return now - at >= (isGood ? GRACE_DONE_MS : GRACE_MS);
  }

  /** Returns true once after the array task has reported a signal to end. */
  takeTermination(): boolean {
    const isTerminated = this.#isTerminated;
    this.#isTerminated = false;
    return isTerminated;
  }

  /**
   * Removes the tasks without a response. Tasks that were running fail, and the other tasks run
   * again. A task that the time limit has cut after others had ended did not have the whole time: it
   * runs again in an array task of its own.
   *
   * @param running the number of tasks that an array task runs at the same time
   */
  takeLeftover(running: number): Leftover {
    const mayRun = this.inFlight.count > 0 && !this.hasEnded;
    const hadOthers = this.inFlight.count < this.assigned;
    const isCut = hadOthers && this.end?.state?.state === "TIMEOUT";
    const isCharged = this.hasStarted && !this.hasEnded && !this.wasEnded;
    const ids = isCharged ? this.inFlight.running(running) : [];
    const failed = isCut ? [] : ids, cut = isCut ? ids : [];
    const { failures, rest } = this.takeRest(failed, this.#error());
    const { alone = [], together = [] } = Object.groupBy(
      rest,
      ({ id }) => cut.includes(id) ? "alone" : "together",
    );
    const slices = alone.map((task) => joinTasks([task]));
    return { failures, rest: joinTasks(together), slices, mayRun };
  }

  /** True when Slurm ended the array task, or no longer knows its end. */
  get isEndedBySlurm(): boolean {
    return this.end !== undefined && ENDED_BY_SLURM.has(this.end.state?.state);
  }

  /** A description of the end, such as `array task 12_3 ended NODE_FAIL`. */
  get endText(): string {
    const { state, reason } = this.end?.state ?? { state: "without a record", reason: "" };
    const why = reason && reason !== "None" ? ` (${reason})` : "";
    return `array task ${this.array ?? "?"}_${this.index} ended ${state}${why}`;
  }

  /**
   * Explains why tasks run again although they have not failed. The text is the same for all array
   * tasks of an array that ended in the same way.
   */
  get lossText(): string {
    const { state } = this.end?.state ?? { state: "without a record" };
    return `Slurm job ${this.array ?? "?"}: array tasks ended ${state}${this.#advice}; the tasks ` +
      "that they had left are submitted again";
  }

  /** The node on which it runs or has run; empty while this is unknown. */
  get node(): string {
    return this.#node || (this.end?.state?.nodes ?? "");
  }

  /** The last lines of the log, and its path. */
  get logText(): string {
    const { log } = arrayTaskFiles(this.dir, this.index), text = logEnd(log);
    // Slurm may also find only before the start that an array task can never run.
    const told = text === undefined ? explain(this.end?.state?.reason ?? "") : undefined;
    return told?.isInVain ? told.text : `${text ?? this.#noLogText} (${log})`;
  }

  get #noLogText(): string {
    // Slurm may have ended it before it had a node.
    if (this.end?.state && this.isEndedBySlurm) return "it wrote no log";
    return "it wrote no log, so its node may not see this folder: start the job in a folder that all " +
      "nodes share under one path";
  }

  #error(): TaskError {
    const kind = CLASSES[this.end?.state?.state ?? ""] ?? "lost";
    return { message: `its ${this.endText}${this.#advice}`, type: "ArrayTaskEnded", class: kind };
  }

  get #advice(): string {
    const advice = ADVICE[this.end?.state?.state ?? ""];
    return advice === undefined ? "" : `, ${advice}`;
  }

  /** Returns the new spans; the prefix keeps worker names unique across array tasks. */
  #takeSpans(): EventBatch[] {
    const place = `${this.#node} ${this.array}_${this.index}`;
    return this.#spans.splice(0).flatMap((span) =>
      onlySpan({ ...span, worker: `${place}.${span.worker}` })
    );
  }

  #note(line: ArrayTaskLine): void {
    if ("begun" in line) {
      this.hasStarted = true;
      this.#node = this.#reader.host = line.node;
    } else if ("broken" in line) this.#loadError = withMachine(line.broken, this.#node);
    else if ("terminated" in line) this.#isTerminated = true;
    else if ("span" in line) this.#spans.push(line.span);
    else if ("ended" in line) this.hasEnded = true;
  }
}

/** Returns Slurm's ids of the arrays that contain array tasks, as far as they are known. */
export function arraysOf(parts: Iterable<ArrayTask>): string[] {
  const all = Array.from(parts, ({ array }) => array);
  return [...new Set(all)].filter((array) => array !== undefined);
}

/** Returns the last lines of a log; `undefined` without a log. */
function logEnd(path: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(path).trim().split("\n").slice(-3).join("; ").slice(-500);
    // On a full disk, a file can still be created.
    return text || "its log is empty, as when the disk is full";
  } catch {
    return undefined;
  }
}

/** The failure class of each final state; in all other states the tasks are `lost`. */
const CLASSES: Readonly<Record<string, FailureClass>> = {
  OUT_OF_MEMORY: "oom",
  TIMEOUT: "timeout",
  DEADLINE: "timeout",
};

/** The way out of some final states, which would end other array tasks, too. */
const ADVICE: Readonly<Record<string, string>> = {
  OUT_OF_MEMORY: "--memory SIZE asks for more",
  TIMEOUT: "--slurm time=TIME asks for more",
};

/** The final states that have nothing to do with what an array task did; `undefined` is unknown. */
const ENDED_BY_SLURM: ReadonlySet<string | undefined> = new Set([
  undefined,
  "CANCELLED",
  "DEADLINE",
  "PREEMPTED",
  "NODE_FAIL",
  "BOOT_FAIL",
  "REVOKED",
]);
