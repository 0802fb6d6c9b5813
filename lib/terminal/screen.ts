/**
 * Writes lines to stderr. On a terminal, a moving line is shown below the printed lines. In a
 * notebook, the lines appear below the cell.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/ for the escapes
 *
 * @module
 */

import { concatBytes } from "../util/bytes/bytes.ts";
import { currentKernel } from "../util/notebook.ts";
import { escapeControls } from "./escape.ts";

/** The properties of a screen. */
export interface ScreenOptions {
  /** True to show a moving line. @default {true on a terminal, unless TERM is dumb or CI is set} */
  readonly isMoving?: boolean | undefined;
  /** True to use colours. @default {true on a terminal, unless `NO_COLOR` is set} */
  readonly hasColor?: boolean | undefined;
  /** Returns the width in columns. @default {the terminal's width} */
  readonly columns?: (() => number) | undefined;
  /**
   * True to report only warnings and failures of a run.
   * @default {true in a notebook, which displays the run}
   */
  readonly warnsOnly?: boolean | undefined;
  /** Writes a text. @default {to stderr} */
  readonly write?: ((text: string) => void) | undefined;
}

const CLEAR = "\r\x1b[K";
// The cursor returns to the start of the line, and everything after the line is erased (ED). This
// removes the remains of a line that a narrower terminal has wrapped. Autowrap (DECAWM) is off
// while the line is written, so a terminal that has just become narrower cuts the line instead of
// wrapping it.
const moving = (line: string) => `\x1b[?7l${line}\x1b[J\r\x1b[?7h`;

/**
 * Prints lines, and shows a moving line below them. Both are written with one call, to avoid
 * flicker.
 *
 * @example
 * ```ts
 * import { TerminalScreen } from "./screen.ts";
 *
 * let text = "";
 * const screen = new TerminalScreen({ isMoving: false, write: (part) => text += part });
 * screen.print("started\n");
 * if (text !== "started\n") throw new Error(text);
 * ```
 */
export class TerminalScreen {
  /** True when a moving line can be shown. */
  readonly isMoving: boolean;
  /** True when colours are used. */
  readonly hasColor: boolean;
  /** True when only warnings and failures of a run are reported. */
  readonly warnsOnly: boolean;
  #columns: () => number;
  #write: (text: string) => void;
  #line = "";

  /** Creates a screen. */
  constructor(options: ScreenOptions = {}) {
    this.isMoving = options.isMoving ?? canMove();
    this.hasColor = options.hasColor ?? (this.isMoving && !Deno.noColor);
    this.#columns = options.columns ?? terminalColumns;
    const isNotebook = currentKernel() !== undefined;
    this.warnsOnly = options.warnsOnly ?? isNotebook;
    this.#write = options.write ?? (isNotebook ? writeBelowCell : writeStderr);
  }

  /** The current width in columns. */
  get columns(): number {
    return this.#columns();
  }

  /** Prints whole lines above the moving line. Control characters in them are escaped. */
  print(lines: string): void {
    this.#write(this.#before + escapeControls(lines) + this.#after);
  }

  /** Shows the moving line; an empty text removes it. */
  showLine(line: string): void {
    const before = this.#before;
    this.#line = line;
    if (before + line !== "") this.#write(before + this.#after);
  }

  /**
   * Returns the bytes that print lines above the moving line, for another stream of the same
   * terminal.
   */
  around(lines: Uint8Array): Uint8Array {
    if (this.#line === "") return lines;
    const encoder = new TextEncoder();
    return concatBytes([encoder.encode(this.#before), lines, encoder.encode(this.#after)]);
  }

  get #before(): string {
    return this.#line === "" ? "" : CLEAR;
  }

  get #after(): string {
    return this.#line === "" ? "" : moving(this.#line);
  }
}

let current: TerminalScreen | undefined;

/** Returns the screen of this process. */
export function currentScreen(): TerminalScreen {
  return current ??= new TerminalScreen();
}

/**
 * Replaces the screen of this process. A REPL session uses this function to keep messages away from
 * its prompt.
 */
export function replaceScreen(screen: TerminalScreen): void {
  current = screen;
}

// CI services may provide a terminal, but record its output line by line.
function canMove(): boolean {
  return Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb" && !Deno.env.get("CI");
}

const USUAL_COLUMNS = 80, USUAL_ROWS = 24;

/** Returns the width of the terminal in columns; 80 when it is unknown. */
export function terminalColumns(): number {
  try {
    // A terminal of unknown width reports 0.
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}

/** Returns the height of the terminal in rows; 24 when it is unknown. */
export function terminalRows(): number {
  try {
    return Deno.consoleSize().rows || USUAL_ROWS;
  } catch {
    return USUAL_ROWS;
  }
}

/** Writes to stderr, and ignores errors. */
function writeStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // The reader or the terminal may be gone, or the disk may be full. A message must not end the
    // job.
  }
}

/** Writes below the cell of a notebook, whose kernel shows nothing of stderr. */
function writeBelowCell(text: string): void {
  console.error(text.replace(/\n$/, ""));
}
