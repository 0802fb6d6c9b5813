/**
 * Shows the progress of a running job.
 *
 * @module
 */

import type { TaskProgress } from "../journal/task_update.ts";
import { startLightInterval } from "../util/time/light_timer.ts";
import {
  type Activity,
  type Counts,
  jsonLine,
  movingLine,
  plainLine,
  type ProgressView,
} from "./progress_line.ts";
import { Rate } from "./rate.ts";
import type { TerminalScreen } from "./screen.ts";

/**
 * The form of progress: a moving line or plain lines (`auto`), lines of JSON (`json`), or no output
 * (`off`).
 */
export type ProgressStyle = "auto" | "json" | "off";

/** The job to show, and the screen that shows it. */
export interface ProgressOptions {
  /** The counts of the job, which change while the job runs. */
  readonly counts: Counts;
  /** Aborted when the job is stopping and starts no more tasks. */
  readonly stop: AbortSignal;
  /** Returns the progress of running tasks. @default {none} */
  readonly tasks?: (() => readonly TaskProgress[]) | undefined;
  /** Returns what holds the job back; an empty text for nothing. @default {nothing} */
  readonly note?: (() => string) | undefined;
  /** The screen that shows the progress. */
  readonly screen: TerminalScreen;
  /** The form of the progress. */
  readonly style: ProgressStyle;
  /** Returns the work in flight, or `undefined` when the engine does not report it. */
  readonly look: () => Activity | undefined;
  /** Returns the current time, in milliseconds. */
  readonly now: () => number;
}

const MOVING_MS = 100, JSON_MS = 1000, PLAIN_MS = 10_000;

/** Shows the progress of a job at regular intervals until the object is disposed. */
export class Progress implements Disposable {
  #options: ProgressOptions;
  #every: number;
  #started: number;
  #shown: number;
  #rate: Rate;
  #isHidden = false;
  #draw = () => this.#show();
  #stopTimer = () => {};

  /** Starts the timer, unless the style is `off`. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    const { style, screen, counts, now } = options;
    this.#started = this.#shown = now();
    this.#rate = new Rate(counts.succeeded + counts.failed, this.#started);
    this.#every = style === "json" ? JSON_MS : screen.isMoving ? MOVING_MS : PLAIN_MS;
    if (style === "off") return;
    // Half the interval is enough, because `tick()` may have shown the progress recently.
    this.#stopTimer = startLightInterval(() => this.#showAfter(this.#every / 2), this.#every);
    if (this.#isMoving) Deno.addSignalListener("SIGWINCH", this.#draw);
  }

  /**
   * Shows the progress if an update is due. The controller calls this method, because inline tasks
   * block the timer.
   */
  tick(): void {
    if (this.#options.style !== "off") this.#showAfter(this.#every);
  }

  /** Hides the progress until the returned object is disposed. The time until then is not counted. */
  hide(): Disposable {
    const { counts, now, screen } = this.#options, from = now();
    this.#isHidden = true;
    if (this.#isMoving) screen.showLine("");
    return {
      [Symbol.dispose]: () => {
        this.#isHidden = false;
        this.#started += now() - from;
        this.#rate = new Rate(counts.succeeded + counts.failed, now());
      },
    };
  }

  /** Stops the timer, prints a last line if the style is `json`, and removes the moving line. */
  [Symbol.dispose](): void {
    this.#stopTimer();
    const { style, screen } = this.#options;
    if (style === "json") this.#show();
    if (!this.#isMoving) return;
    Deno.removeSignalListener("SIGWINCH", this.#draw);
    screen.showLine("");
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
    if (this.#isHidden) return;
    const view = this.#look();
    if (style === "json") screen.print(jsonLine(view) + "\n");
    else if (!screen.isMoving) screen.print(plainLine(view) + "\n");
    else screen.showLine(movingLine(view, screen.columns, screen.hasColor));
  }

  #look(): ProgressView {
    const { counts, stop, look, tasks, note, now } = this.#options;
    this.#shown = now();
    this.#rate.add(counts.succeeded + counts.failed, this.#shown);
    const ms = this.#shown - this.#started;
    const view = { counts, ms, perMs: this.#rate.perMs, activity: look(), tasks: tasks?.() };
    return { ...view, isStopping: stop.aborted, note: note?.() };
  }
}
