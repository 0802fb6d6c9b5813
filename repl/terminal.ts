/**
 * A terminal in which somebody may be typing.
 *
 * @module
 */

import { Screen, type ScreenOptions } from "../lib/terminal/screen.ts";

const MAX_HELD = 64 * 1024;

/** Writes while something runs, and keeps back what comes while a prompt is there. */
export class Terminal extends Screen {
  #isBusy: () => boolean;
  #held = "";

  /**
   * @param isBusy whether no prompt is there
   * @param options what it is like
   */
  constructor(isBusy: () => boolean, options: ScreenOptions = {}) {
    super(options);
    this.#isBusy = isBusy;
  }

  override say(lines: string): void {
    if (!this.#isBusy()) return this.#hold(lines);
    this.#release();
    super.say(lines);
  }

  override show(line: string): void {
    if (!this.#isBusy()) return;
    this.#release();
    super.show(line);
  }

  /** Makes room for the next prompt, and says before it what was kept back. */
  beforePrompt(): void {
    super.show("");
    this.#release();
  }

  #hold(text: string): void {
    this.#held += text;
    // The newest ones count, and all of them are in the job's log.
    if (this.#held.length > MAX_HELD) {
      const kept = this.#held.slice(-MAX_HELD / 2);
      this.#held = `...\n${kept.slice(kept.indexOf("\n") + 1)}`;
    }
  }

  #release(): void {
    if (this.#held !== "") super.say(this.#held);
    this.#held = "";
  }
}
