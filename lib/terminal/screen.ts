/**
 * Where things are said to a person: stderr, and on a terminal with one line below that moves.
 *
 * @module
 */

import { concatBytes } from "../util/bytes.ts";

/** What a screen is like. */
export interface ScreenOptions {
  /** Whether a line can move. @default {whether stderr is a terminal that can} */
  readonly isMoving?: boolean;
  /** Whether there are colours. @default {on a terminal, unless `NO_COLOR` is set} */
  readonly hasColor?: boolean;
  /** How wide it is now. @default {as wide as the terminal} */
  readonly columns?: () => number;
  /** Takes what is written. @default {stderr} */
  readonly write?: (text: string) => void;
}

const CLEAR = "\r\x1b[K";
// The cursor rests where the line begins, and nothing stands below it: so nothing is left over where
// a terminal that has become narrower broke the line. Where the width has changed just now, the
// terminal itself cuts the line.
const moving = (line: string) => `\x1b[?7l${line}\x1b[J\r\x1b[?7h`;

/**
 * Says lines that stay, and shows one below them that moves. What belongs together is one write, so
 * that nothing flickers.
 *
 * @example
 * ```ts
 * import { Screen } from "./screen.ts";
 *
 * let text = "";
 * const screen = new Screen({ isMoving: false, write: (part) => text += part });
 * screen.say("started\n");
 * if (text !== "started\n") throw new Error(text);
 * ```
 */
export class Screen {
  /** Whether a line can move. */
  readonly isMoving: boolean;
  /** Whether there are colours. */
  readonly hasColor: boolean;
  #columns: () => number;
  #write: (text: string) => void;
  #line = "";

  /** A screen, from what it is like. */
  constructor(options: ScreenOptions = {}) {
    this.isMoving = options.isMoving ?? canMove();
    this.hasColor = options.hasColor ?? (this.isMoving && !Deno.noColor);
    this.#columns = options.columns ?? terminalColumns;
    this.#write = options.write ?? writeStderr;
  }

  /** How wide it is now. */
  get columns(): number {
    return this.#columns();
  }

  /** Says whole lines. */
  say(lines: string): void {
    this.#write(this.#before + lines + this.#behind);
  }

  /** Shows a line that moves; an empty one takes it away. */
  show(line: string): void {
    const before = this.#before;
    this.#line = line;
    if (before + line !== "") this.#write(before + this.#behind);
  }

  /** What to write in place of lines that go to the same terminal by another way. */
  around(lines: Uint8Array): Uint8Array {
    if (this.#line === "") return lines;
    const encoder = new TextEncoder();
    return concatBytes([encoder.encode(this.#before), lines, encoder.encode(this.#behind)]);
  }

  get #before(): string {
    return this.#line === "" ? "" : CLEAR;
  }

  get #behind(): string {
    return this.#line === "" ? "" : moving(this.#line);
  }
}

let current: Screen | undefined;

/** The screen of this process. */
export function theScreen(): Screen {
  return current ??= new Screen();
}

/** From now on, things are said there: a session must not have them written over its prompt. */
export function sayThrough(screen: Screen): void {
  current = screen;
}

// What records the output of a machine nobody looks at wants lines, also where it is a terminal.
function canMove(): boolean {
  return Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb" && !Deno.env.get("CI");
}

const USUAL_COLUMNS = 80;

/** How wide the terminal is. */
export function terminalColumns(): number {
  try {
    // A terminal that does not know says 0.
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}

/** Writes to stderr, whoever listens. */
export function writeStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // Nobody listens any more, the terminal is gone or the disk is full: that must not end the job.
  }
}
