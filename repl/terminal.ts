/**
 * A terminal in which somebody may be typing.
 *
 * @module
 */

import { writeStderr } from "../lib/progress.ts";

const MAX_HELD = 64 * 1024;

/** Writes while something runs, and keeps back what comes while a prompt is there. */
export class Terminal {
  #isBusy: () => boolean;
  #out: (text: string) => void;
  #held = "";
  #hasLine = false;

  /**
   * @param isBusy whether no prompt is there
   * @param out takes what is written
   */
  constructor(isBusy: () => boolean, out: (text: string) => void = writeStderr) {
    this.#isBusy = isBusy;
    this.#out = out;
  }

  /** Writes a text: whole lines, or a line that moves, which starts with `\r`. */
  write(text: string): void {
    if (this.#isBusy()) {
      this.#release();
      this.#out(text);
      this.#hasLine = isMoving(text);
    } else if (!isMoving(text)) this.#hold(text);
  }

  /** Makes room for the next prompt, and says before it what was kept back. */
  beforePrompt(): void {
    if (this.#hasLine) this.#out(CLEAR);
    this.#hasLine = false;
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
    if (this.#held !== "") this.#out(this.#held);
    this.#held = "";
  }
}

const CLEAR = "\r\x1b[K";

function isMoving(text: string): boolean {
  return text.startsWith("\r");
}
