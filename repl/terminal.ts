/**
 * The terminal of a session, in which the user may be typing.
 *
 * @module
 */

import { type ScreenOptions, TerminalScreen } from "../lib/terminal/screen.ts";

const MAX_HELD = 64 * 1024;

/** A screen that writes while an entry runs, and holds text back while there is a prompt. */
export class Terminal extends TerminalScreen {
  #isBusy: () => boolean;
  #held = "";

  /**
   * Creates the terminal of a session.
   *
   * @param isBusy Returns true while there is no prompt.
   * @param options The options of the screen.
   */
  constructor(isBusy: () => boolean, options: ScreenOptions = {}) {
    super(options);
    this.#isBusy = isBusy;
  }

  /** Writes lines above the progress line, or holds them back. */
  override print(lines: string): void {
    if (!this.#isBusy()) return this.#hold(lines);
    this.#release();
    super.print(lines);
  }

  /** Draws the progress line, unless there is a prompt. */
  override showLine(line: string): void {
    if (!this.#isBusy()) return;
    this.#release();
    super.showLine(line);
  }

  /** Clears the progress line before the next prompt, and writes the text that was held back. */
  beforePrompt(): void {
    super.showLine("");
    this.#release();
  }

  #hold(text: string): void {
    this.#held += text;
    // Keeps the newest lines; all of them are in the job's log.
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
