/**
 * Lays out help texts: wraps lines to a number of columns without breaking words.
 *
 * @module
 */

/** The width of a help text when the terminal's width is unknown, in columns. */
const USUAL_COLUMNS = 80;
const LEAST_COLUMNS = 40, MOST_COLUMNS = 200;

/**
 * Returns the width of help texts on stdout, from 40 to 200 columns. The sources are, in order, the
 * variable `COLUMNS`, the terminal's width and a default of 80 columns.
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

/** A row of a list, with a term and the text that explains it. */
export type HelpRow = readonly [term: string, text: string];

// A narrower column would have only two or three words per line.
const LEAST_TEXT = 30;
const MARGIN = 2, GAP = 2;
/** The indent of a text that is placed below its term. */
const STACKED_INDENT = 6;

/** Joins the sections of a help text, except empty ones. */
export function joinSections(sections: readonly string[]): string {
  return sections.filter((text) => text !== "").join("\n\n");
}

/** Formats rows below a title. Returns an empty text for no rows. */
export function layoutSection(title: string, rows: readonly HelpRow[], columns: number): string {
  if (rows.length === 0) return "";
  return `${wrapText(`${title}:`, columns).join("\n")}\n${layoutRows(rows, columns)}`;
}

/** Formats command lines as the section of examples. */
export function layoutExamples(examples: readonly string[], columns: number): string {
  if (examples.length === 0) return "";
  return ["Examples:", ...examples.flatMap((line) => wrapCommand(line, columns))].join("\n");
}

/**
 * Formats rows in two columns. If the second column would be too narrow, each text is placed below
 * its term.
 *
 * @example
 * ```ts
 * import { layoutRows } from "./help_layout.ts";
 *
 * const rows = [["-j, --workers N", "Number of workers."], ["--ordered", "In order."]] as const;
 * const text = layoutRows(rows, 80);
 * const lines = ["  -j, --workers N  Number of workers.", "  --ordered        In order."];
 * if (text !== lines.join("\n")) throw new Error(text);
 * ```
 */
export function layoutRows(rows: readonly HelpRow[], columns: number): string {
  const indent = textIndent(rows, columns);
  return rows.flatMap((row) => rowLines(row, columns, indent)).join("\n");
}

/**
 * Returns the column where texts start. Terms use at most 35 % of the width. The text of a longer
 * term starts on the next line.
 */
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
 * Wraps text at spaces.
 *
 * @param indent the number of spaces before the first line
 * @param hanging the number of spaces before the other lines
 * @returns lines of at most `columns` columns, unless a single word is longer.
 */
export function wrapText(text: string, columns: number, indent = 0, hanging = indent): string[] {
  const room = columns - Math.max(indent, hanging);
  const words = text.split(OUTSIDE_BRACKETS)
    .flatMap((word) => word.length > room ? word.split(" ") : [word]);
  return joinWords(words, columns, indent, hanging, "");
}

// Text in brackets, such as `[default: 5s]`, counts as one word.
const OUTSIDE_BRACKETS = / (?![^[]*\])/;

/**
 * Wraps a command line for a shell. Each line except the last ends with a backslash, and quoted
 * words stay whole.
 *
 * @returns lines of at most `columns` columns, which a user can paste into a shell.
 */
export function wrapCommand(command: string, columns: number): string[] {
  const words = command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return joinWords(words, columns, MARGIN, MARGIN + 2, " \\");
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
