/**
 * A terminal in which somebody may be typing.
 *
 * @module
 */

import { type ScreenOptions, TerminalScreen } from "../lib/terminal/screen.ts";

const MAX_HELD = 64 * 1024;

/** Writes while something runs, and keeps back what comes while a prompt is there. */
export class Terminal extends TerminalScreen {
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

  override print(lines: string): void {
    if (!this.#isBusy()) return this.#hold(lines);
    this.#release();
    super.print(lines);
  }

  override showLine(line: string): void {
    if (!this.#isBusy()) return;
    this.#release();
    super.showLine(line);
  }

  /** Makes room for the next prompt, and says before it what was kept back. */
  beforePrompt(): void {
    super.showLine("");
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
    if (this.#held !== "") super.print(this.#held);
    this.#held = "";
  }
}
