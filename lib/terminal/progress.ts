/**
 * Shows how far a job is while it runs.
 *
 * @module
 */

import {
  type Activity,
  type Counts,
  jsonLine,
  movingLine,
  plainLine,
  type View,
} from "./progress_line.ts";
import { Rate } from "./rate.ts";
import type { Screen } from "./screen.ts";

/** How progress is shown: as fits where it goes, as lines of JSON, or not at all. */
export type ProgressStyle = "auto" | "json" | "off";

/** What is shown, and where. */
export interface ProgressOptions {
  /** How far the job is: they change as it goes on. */
  readonly counts: Counts;
  /** Aborted when nothing more is started. */
  readonly stop: AbortSignal;
  readonly screen: Screen;
  readonly style: ProgressStyle;
  /** What is under way, where that is known. */
  readonly look: () => Activity | undefined;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

const MOVING_MS = 100, JSON_MS = 1000, PLAIN_MS = 10_000;

/** Shows how far a job is, on time, until it is disposed of. */
export class Progress implements Disposable {
  #options: ProgressOptions;
  #every: number;
  #started: number;
  #shown: number;
  #rate: Rate;
  #draw = () => this.#show();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins to show it, from what is shown and where. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    const { style, screen, counts, now } = options;
    this.#started = this.#shown = now();
    this.#rate = new Rate(counts.succeeded + counts.failed, this.#started);
    this.#every = style === "json" ? JSON_MS : screen.isMoving ? MOVING_MS : PLAIN_MS;
    if (style === "off") return;
    // What was shown a moment ago is not shown again.
    this.#timer = setInterval(() => this.#showAfter(this.#every / 2), this.#every);
    Deno.unrefTimer(this.#timer);
    if (this.#isMoving) Deno.addSignalListener("SIGWINCH", this.#draw);
  }

  /** Shows it when that is overdue: tasks of this very process keep a timer from coming. */
  tick(): void {
    if (this.#options.style !== "off") this.#showAfter(this.#every);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    const { style, screen } = this.#options;
    if (style === "json") this.#show();
    if (!this.#isMoving) return;
    Deno.removeSignalListener("SIGWINCH", this.#draw);
    screen.show("");
  }

  get #isMoving(): boolean {
    const { style, screen } = this.#options;
    return style === "auto" && screen.isMoving;
  }

  #showAfter(ms: number): void {
    if (this.#options.now() >= this.#shown + ms) this.#show();
  }

  #show(): void {
    const { style, screen } = this.#options;
    const view = this.#look();
    if (style === "json") screen.say(jsonLine(view) + "\n");
    else if (!screen.isMoving) screen.say(plainLine(view) + "\n");
    else screen.show(movingLine(view, screen.columns, screen.hasColor));
  }

  #look(): View {
    const { counts, stop, look, now } = this.#options;
    this.#shown = now();
    this.#rate.note(counts.succeeded + counts.failed, this.#shown);
    const ms = this.#shown - this.#started;
    return { counts, ms, perMs: this.#rate.perMs, activity: look(), isStopping: stop.aborted };
  }
}
