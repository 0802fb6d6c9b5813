/**
 * The terminal of a session, which must not disturb the line that the user is typing.
 *
 * @module
 */

import { type ScreenOptions, TerminalScreen } from "../lib/terminal/screen.ts";

const MAX_HELD = 64 * 1024;

/** A screen that writes while an entry runs, and buffers text while the prompt is visible. */
export class Terminal extends TerminalScreen {
  #isBusy: () => boolean;
  #held = "";

  /**
   * Creates the terminal of a session.
   *
   * @param isBusy returns true while an entry runs and no prompt is visible.
   * @param options the options of the screen.
   */
  constructor(isBusy: () => boolean, options: ScreenOptions = {}) {
    super(options);
    this.#isBusy = isBusy;
  }

  /** Writes lines above the progress line, or buffers them while the prompt is visible. */
  override print(lines: string): void {
    if (!this.#isBusy()) return this.#hold(lines);
    this.#release();
    super.print(lines);
  }

  /** Draws the progress line unless the prompt is visible. */
  override showLine(line: string): void {
    if (!this.#isBusy()) return;
    this.#release();
    super.showLine(line);
  }

  /** Clears the progress line and writes the buffered text. Call this before each prompt. */
  beforePrompt(): void {
    super.showLine("");
    this.#release();
  }

  #hold(text: string): void {
    this.#held += text;
    // Keep only the newest lines, because the job's log contains all lines.
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
