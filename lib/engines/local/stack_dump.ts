/**
 * The tracebacks that a worker in Python writes to its stderr when it receives a signal.
 *
 * @module
 */

const HEAD = /^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$/;
const FRAME = /^ {2}\S/;
// The frames of dl_jobs have no place in the user's traceback.
const OWN =
  /\/<dl_jobs>\/|\/\.dl_jobs\/cache\/[^/]+\.py"|\/bundle(?:\.\d+)?\.py", line \d+ in <module>/;

/** Takes tracebacks out of a text. */
export class StackDump {
  #lines: string[] = [];
  #rest = "";
  #isInside = false;

  /**
   * Takes whole lines of tracebacks.
   *
   * @returns the other text
   */
  take(text: string): string {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    return lines.filter((line) => !this.#isTaken(line)).map((line) => `${line}\n`).join("");
  }

  /** Returns the text after the last newline, which has not been returned. */
  get rest(): string {
    return this.#rest;
  }

  /** True when a traceback has begun. */
  get hasBegun(): boolean {
    return this.#lines.length > 0;
  }

  /** The traceback of the user's code; empty when there is none. */
  get text(): string {
    const blocks: string[][] = [];
    for (const line of this.#lines) {
      if (HEAD.test(line)) blocks.push([]);
      else if (line !== "" && !OWN.test(line)) blocks.at(-1)?.push(line);
    }
    const own = blocks.filter((block) => block.length > 0);
    if (own.length === 0) return "";
    // The last block is the current thread; the others are threads that the code has started.
    return ["Traceback (most recent call first):", ...own.reverse().map((b) => b.join("\n"))].join(
      "\n",
    );
  }

  #isTaken(line: string): boolean {
    const isHead = HEAD.test(line);
    this.#isInside = isHead || (this.#isInside && (FRAME.test(line) || line === ""));
    if (this.#isInside) this.#lines.push(line);
    return this.#isInside;
  }
}
