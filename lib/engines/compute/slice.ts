import { joinTasks, type Limits, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { EngineContext } from "../engine.ts";
import type { EventBatch, FailedAttempt, LogLine, Span, TaskError } from "../../journal/format.ts";
import type { Part } from "../batch/reattach.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import { openParcel } from "./result_archive.ts";
import { InFlight } from "../shared/in_flight.ts";
import type { PlatformFunction, PlatformJob } from "./platform.ts";
import { onlySpan } from "../shared/busy_spans.ts";

/** What the far side of a platform job is told besides its tasks. */
export interface SliceSettings
  extends Limits, Pick<EngineContext, "concurrency" | "permissions" | "gpus"> {
  readonly workers: number;
  /** How long the platform lets it run, in seconds. */
  readonly seconds: number;
}

/** What the far side says while it runs, which the platform keeps as the log of its job. */
export type SliceLine = { readonly begun: string } | { readonly span: Span } | LogLine;

/** What it says at its end, as the last line of what it returns. */
export type SliceEnd =
  | { readonly ended: string }
  /** Its time was over. */
  | { readonly terminated: string }
  /** It cannot run anything. */
  | { readonly broken: string };

/** What a platform job leaves behind. */
export interface Rest {
  readonly failures: readonly FailedAttempt[];
  /** What shall run again, together in one platform job each. */
  readonly slices: readonly TaskBatch[][];
}

/** One platform job with its slice of the tasks, as this side sees it. */
export class Slice implements Part {
  /** The tasks that have no answer yet. */
  readonly pending = new InFlight();
  /** How many bytes of arguments these had. */
  bytes = 0;
  /** Whether it has begun, by its own word. */
  hasBegun = false;
  /** How it ended, by its own word. */
  end: SliceEnd | undefined;
  /** How often the platform was asked to begin it again. */
  reruns = 0;
  /** How long its workers were busy, in milliseconds. */
  busyMs = 0;
  #given = 0;
  #spans: Span[] = [];
  #reader = new ResponseReader<SliceLine | SliceEnd>(this.pending, (line) => this.#note(line));

  /**
   * @param job what the platform calls it
   * @param source the platform's function that it calls, where what it returns is kept
   * @param place what it is called on this side: its request, and its number there
   * @param isCanceled whether somebody has ended it on purpose
   */
  constructor(
    readonly job: string,
    readonly source: Pick<PlatformFunction, "id" | "namespace">,
    readonly place: string,
    public isCanceled = false,
  ) {}

  /** Gives it tasks. */
  push(batch: TaskBatch): void {
    this.pending.push(batch);
    this.bytes += batch.bytes.length;
    this.#given += batch.count;
  }

  /** What its log brings; whatever else got in between was written around JavaScript. */
  readLog(log: string): EventBatch[] {
    // The log has all that it ever said, however often it was begun.
    this.#spans = [];
    const lines = log.split("\n").filter((line) => line !== "").map(ownLine);
    return this.#reader.events(encode(lines.map((line) => `${line}\n`).join("")));
  }

  /** When its workers were busy, by its log; those of others have the same names. */
  takeSpans(): EventBatch[] {
    const spans = this.#spans.splice(0);
    this.busyMs += spans.reduce((sum, { from, to }) => sum + to - from, 0);
    return spans.flatMap((span) => onlySpan({ ...span, worker: `${this.place}.${span.worker}` }));
  }

  /** What became of its tasks; each batch is good until the next one is asked for. */
  async *readAnswers(parcel: Uint8Array): AsyncGenerator<EventBatch> {
    for await (const lines of openParcel(parcel)) yield* this.#reader.events(lines);
  }

  /**
   * What it leaves behind: its tasks fail where it is known that they are why, else they go on.
   *
   * @param job how it ended; nothing when the platform knows nothing of it
   * @param running how many tasks it had under way at the most
   */
  takeRest(job: PlatformJob | undefined, running: number): Rest {
    const { count } = this.pending;
    const charged = new Set(
      this.end && "terminated" in this.end ? this.pending.running(running) : [],
    );
    const rest = this.pending.takeAll();
    // One that comes to its end and does nothing would do so for ever.
    const isGood = this.end && (charged.size > 0 || count < this.#given);
    if (isGood || this.isCanceled) {
      return {
        failures: rest.filter(({ id }) => charged.has(id)).map((task) => failureOf(task, LATE)),
        slices: slicesOf([rest.filter(({ id }) => !charged.has(id))]),
      };
    }
    const error = this.#errorOf(job);
    if (count === 1 || error.class === "lost") {
      return { failures: rest.map((task) => failureOf(task, error)), slices: [] };
    }
    // One of them may be why: the others are not to blame.
    const half = Math.ceil(rest.length / 2);
    return { failures: [], slices: slicesOf([rest.slice(0, half), rest.slice(half)]) };
  }

  #errorOf(job: PlatformJob | undefined): TaskError {
    const { status = "gone", error_reason: reason, exit_code: code } = job ?? {};
    const how = status === "success"
      ? "is done, and what it returned is gone"
      : `ended as ${status}`;
    const why = reason ? `: ${reason}` : "";
    const exit = code ? ` (exit code ${code})` : "";
    const message = `its platform job ${this.job} ${how}${why}${exit}`;
    return { message, type: "PlatformJobEnded", class: classOf(job) };
  }

  #note(line: SliceLine | SliceEnd): void {
    if ("begun" in line) this.hasBegun = true;
    else if ("span" in line) this.#spans.push(line.span);
    else this.end = line as SliceEnd;
  }
}

const LATE: TaskError = {
  message: "it was not done when the platform's time for its job was over, give it more with " +
    "--compute timeout=SECONDS or fewer tasks with --chunk",
  type: "Timeout",
  class: "timeout",
};

const KILLED = 137;

function classOf(job: PlatformJob | undefined): TaskError["class"] {
  if (!job || job.status === "success" || job.status === "canceled") return "lost";
  if (job.status === "timeout") return "timeout";
  return job.exit_code === KILLED || /memory/i.test(job.error_reason ?? "") ? "oom" : "crash";
}

function failureOf({ id, attempt, args }: Task, error: TaskError): FailedAttempt {
  return error.class === "lost"
    ? { event: { id, attempt, type: "lost", error }, args }
    : { event: { id, attempt, type: "failed", ms: 0, error }, args };
}

function slicesOf(lists: readonly (readonly Task[])[]): TaskBatch[][] {
  return lists.map(joinTasks).filter((slice) => slice.length > 0);
}

/** A line of the platform's log: what the far side said, or else text of nobody. */
function ownLine(line: string): string {
  const { log: text = line } = parse(line);
  const stray: LogLine = { id: -1, attempt: 1, stream: "stderr", text: `${text}\n` };
  return JSON.stringify(saidIn(parse(String(text))) ?? stray);
}

/** Only what the far side says: other programs write JSON, too, and an answer is never in a log. */
function saidIn(
  { begun, span, id, attempt, stream, text }: Readonly<Record<string, unknown>>,
): object | undefined {
  if (typeof begun === "string") return { begun };
  if (typeof Object(span).from === "number") return { span };
  const isText = Number.isInteger(id) && typeof text === "string";
  return isText && /^std(out|err)$/.test(String(stream))
    ? { id, attempt, stream, text }
    : undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
