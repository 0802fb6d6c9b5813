/**
 * The layout of help texts: lines that fit a number of columns, with no word broken.
 *
 * @module
 */

/** The columns of a help whose terminal is unknown. */
export const USUAL_COLUMNS = 80;
const LEAST_COLUMNS = 40, MOST_COLUMNS = 200;

/**
 * Returns the width of a help on stdout: the variable COLUMNS, else the width of the terminal, else
 * 80 columns. It is between 40 and 200.
 */
export function helpColumns(): number {
  const wanted = Number(Deno.env.get("COLUMNS")) || stdoutColumns() || USUAL_COLUMNS;
  return Math.min(Math.max(Math.floor(wanted), LEAST_COLUMNS), MOST_COLUMNS);
}

function stdoutColumns(): number {
  try {
    return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 0;
  } catch {
    return 0;
  }
}

/** A row of a list: a term, and a text that explains it. */
export type HelpRow = readonly [term: string, text: string];

// Texts in a narrower column have two or three words a line.
const LEAST_TEXT = 30;
const MARGIN = 2, GAP = 2;
/** The indent of texts that are below their terms. */
const STACKED_INDENT = 6;

/**
 * Formats rows in two columns. Where these would be too narrow, each text is below its term.
 *
 * @example
 * ```ts
 * import { layoutRows } from "./help_layout.ts";
 *
 * const text = layoutRows([["-j, --workers N", "Number of workers."], ["--ordered", "In order."]]);
 * const lines = ["  -j, --workers N  Number of workers.", "  --ordered        In order."];
 * if (text !== lines.join("\n")) throw new Error(text);
 * ```
 */
export function layoutRows(rows: readonly HelpRow[], columns = USUAL_COLUMNS): string {
  const indent = textIndent(rows, columns);
  return rows.flatMap((row) => rowLines(row, columns, indent)).join("\n");
}

/** Returns the column where texts start. A few long terms do not move it: they have own lines. */
function textIndent(rows: readonly HelpRow[], columns: number): number {
  const longest = Math.max(...rows.map(([term]) => term.length));
  const indent = MARGIN + Math.min(longest, Math.floor(columns * 0.35)) + GAP;
  return columns - indent < LEAST_TEXT ? STACKED_INDENT : indent;
}

function rowLines([term, text]: HelpRow, columns: number, indent: number): string[] {
  const texts = wrapText(text, columns, indent);
  const terms = wrapText(term, columns, MARGIN, MARGIN + 2);
  const isBeside = indent !== STACKED_INDENT && MARGIN + term.length + GAP <= indent;
  if (!isBeside) return [...terms, ...texts];
  const [first = "", ...more] = texts;
  return [terms[0]!.padEnd(indent) + first.slice(indent), ...more];
}

/**
 * Wraps a text at its blanks.
 *
 * @param indent the number of blanks before the first line
 * @param hanging the number of blanks before the other lines
 * @returns lines of at most that many columns; only a longer word makes a longer line.
 */
export function wrapText(text: string, columns: number, indent = 0, hanging = indent): string[] {
  const room = columns - Math.max(indent, hanging);
  const words = text.split(OUTSIDE_BRACKETS)
    .flatMap((word) => word.length > room ? word.split(" ") : [word]);
  return joinWords(words, columns, indent, hanging, "");
}

// A default such as `[default: 5s]` is read as one word.
const OUTSIDE_BRACKETS = / (?![^[]*\])/;

/**
 * Wraps a command line for a shell: lines end with a backslash, and quoted words stay whole.
 *
 * @returns lines of at most that many columns, which can be copied and run.
 */
export function wrapCommand(command: string, columns: number, indent = MARGIN): string[] {
  const words = command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return joinWords(words, columns, indent, indent + 2, " \\");
}

function joinWords(
  words: readonly string[],
  columns: number,
  indent: number,
  hanging: number,
  ending: string,
): string[] {
  const lines: string[] = [];
  for (const [i, word] of words.entries()) {
    const longer = `${lines.at(-1)} ${word}`;
    // The last line has no ending.
    const room = columns - (i === words.length - 1 ? 0 : ending.length);
    if (i > 0 && longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(" ".repeat(i === 0 ? indent : hanging) + word);
  }
  return lines.map((line, i) => i === lines.length - 1 ? line : line + ending);
}
