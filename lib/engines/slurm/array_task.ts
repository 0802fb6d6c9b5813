import { joinTasks, type TaskBatch } from "../../tasks/batch.ts";
import type {
  EventBatch,
  FailedAttempt,
  FailureClass,
  Span,
  TaskError,
} from "../../journal/format.ts";
import { wholeEnd } from "../../journal/scan.ts";
import type { Assignment } from "../batch/reattach.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import { InFlight } from "../shared/in_flight.ts";
import { phaseOf, type Seen } from "./commands.ts";
import { onlySpan } from "../shared/busy_spans.ts";
import { elementFiles, type ElementLine, isCanceled, listWaves, readWave } from "./job_array.ts";

const READ_SIZE = 1024 * 1024;
// A file on a network may be seen late. What ended well has written its last line somewhere.
const GRACE_MS = 5000, GRACE_DONE_MS = 30_000;

/** One element of an array, as this side sees it. */
export class Element {
  /** The tasks that have no answer yet. */
  readonly pending = new InFlight();
  /** How many bytes of arguments these had. */
  bytes = 0;
  /** Whether it has begun, by its own word. */
  hasBegun = false;
  /** Whether it has said that nothing more will come. */
  hasEnded = false;
  /** Whether somebody was about to end it, by its own word. */
  isTerminated = false;
  /** Why it cannot run anything. */
  broken: string | undefined;
  /** How it ended, when the cluster says that it has, and when that was first heard. */
  end: { readonly seen: Seen | undefined; readonly at: number } | undefined;
  #path: string;
  #offset = 0;
  #size = 0;
  #node = "";
  #spans: Span[] = [];
  #reader = new ResponseReader<ElementLine>(this.pending, (line) => this.#note(line));

  /**
   * @param array the cluster's id for its array, when it is known
   * @param index its number there
   * @param wave the folder of the array
   * @param isCanceled whether somebody has ended it on purpose
   */
  constructor(
    readonly array: string | undefined,
    readonly index: number,
    readonly wave: string,
    readonly isCanceled = false,
  ) {
    this.#path = elementFiles(wave, index).events;
  }

  /** Gives it tasks. */
  push(batch: TaskBatch): void {
    this.pending.push(batch);
    this.bytes += batch.bytes.length;
  }

  /** What has come in since the last time; each is good until the next one is asked for. */
  async *read(): AsyncGenerator<EventBatch> {
    const { size } = await Deno.stat(this.#path);
    if (size === this.#size) return;
    this.#size = size;
    using file = await Deno.open(this.#path);
    for (let room = READ_SIZE;;) {
      await file.seek(this.#offset, Deno.SeekMode.Start);
      const bytes = new Uint8Array(room), length = await file.read(bytes);
      const end = length ? wholeEnd(bytes.subarray(0, length)) : 0;
      this.#offset += end;
      if (end > 0) {
        yield* this.#reader.events(bytes.subarray(0, end));
        yield* this.#takeSpans();
      } // A long answer needs more room, one that is not yet whole more time.
      else if (length === room) room *= 4;
      else return;
    }
  }

  /** Takes note of what the cluster says of it; nothing when it has forgotten it. */
  see(seen: Seen | undefined, now: number): void {
    const isOver = seen === undefined || phaseOf(seen.state) === "ended";
    if (!isOver) this.end = undefined;
    else this.end = { seen, at: this.end?.at ?? now };
  }

  /** Whether what it has not answered will never be. */
  isOver(now: number): boolean {
    if (this.hasEnded) return true;
    if (!this.end) return false;
    const { seen, at } = this.end;
    const isGood = !this.isCanceled && (seen === undefined || seen.state === "COMPLETED");
    return now - at >= (isGood ? GRACE_DONE_MS : GRACE_MS);
  }

  /**
   * What it leaves behind: tasks that it had begun have failed, the others go to another one.
   *
   * @param running how many tasks it had under way at the most
   */
  takeRest(running: number): { readonly failures: FailedAttempt[]; readonly rest: TaskBatch[] } {
    const isCharged = this.hasBegun && !this.hasEnded && !this.isCanceled;
    const charged = new Set(isCharged ? this.pending.running(running) : []);
    const rest = this.pending.takeAll();
    const error = this.#error();
    const failures = rest.filter(({ id }) => charged.has(id)).map(({ id, attempt, args }) =>
      error.class === "lost"
        ? { event: { id, attempt, type: "lost" as const, error }, args }
        : { event: { id, attempt, type: "failed" as const, ms: 0, error }, args }
    );
    return { failures, rest: joinTasks(rest.filter(({ id }) => !charged.has(id))) };
  }

  /** How it ended, in words. */
  get endText(): string {
    const { state, reason } = this.end?.seen ?? { state: "without a word", reason: "" };
    const why = reason && reason !== "None" ? ` (${reason})` : "";
    return `element ${this.array ?? "?"}_${this.index} ended ${state}${why}`;
  }

  #error(): TaskError {
    const kind = CLASSES[this.end?.seen?.state ?? ""] ?? "lost";
    return { message: `its ${this.endText}`, type: "ElementEnded", class: kind };
  }

  /** The spans that have come in: workers of other elements have the same names. */
  #takeSpans(): EventBatch[] {
    const place = `${this.#node} ${this.array}_${this.index}`;
    return this.#spans.splice(0).flatMap((span) =>
      onlySpan({ ...span, worker: `${place}.${span.worker}` })
    );
  }

  #note(line: ElementLine): void {
    if ("begun" in line) {
      this.hasBegun = true;
      this.#node = line.node;
    } else if ("broken" in line) this.broken = line.broken;
    else if ("terminated" in line) this.isTerminated = true;
    else if ("span" in line) this.#spans.push(line.span);
    else this.hasEnded = true;
  }
}

/** What an element's end says about the tasks that it had under way; all other ends lost them. */
const CLASSES: Readonly<Record<string, FailureClass>> = {
  OUT_OF_MEMORY: "oom",
  TIMEOUT: "timeout",
  DEADLINE: "timeout",
};

/**
 * What the elements have that a former controller of the job submitted, the newest first.
 *
 * @param findId finds the cluster's id of an array by its name
 */
export async function findAssignments(
  folder: string,
  findId: (name: string) => Promise<string | undefined>,
): Promise<Assignment<Element>[]> {
  const claims: Assignment<Element>[] = [];
  for (const wave of listWaves(folder).reverse()) {
    const { name, array, elements } = await readWave(wave);
    // It may have died before it learned the id.
    const id = array ?? await findId(name);
    for (const [index, rows] of elements.entries()) {
      const part = new Element(id, index, wave, isCanceled(wave));
      for (const row of rows) claims.push({ row, part });
    }
  }
  return claims;
}
