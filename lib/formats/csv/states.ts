/**
 * The states of a reader of CSV, and its actions for each byte.
 *
 * A quote in the middle of a cell that has no quotes around it is text, as in most other readers.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180}
 * @module
 */

import { NEWLINE } from "../../util/bytes/bytes.ts";

/** The state of a reader, which is also the place of its actions in the table. */
export const STATES = {
  /** Before the first byte of a record. */
  row: 0,
  /** Before the first byte of a cell. */
  cell: 256,
  /** In a cell without quotes around it. */
  bare: 512,
  /** In a cell with quotes around it. */
  quoted: 768,
  /** After a quote in such a cell, which closes the cell unless a second quote follows. */
  closed: 1024,
  /** In a line that cannot be read. */
  skipped: 1280,
} as const;

/** The action of a reader for a byte. */
export const ACTIONS = {
  /** Copies the byte to the text of the cell. It is 0, so that the fastest loop can test for it. */
  copy: 0,
  /** Begins a record, and reads the byte again. */
  begin: 1,
  /** Begins a cell without quotes, and reads the byte again. */
  start: 2,
  /** Begins a cell with quotes. */
  open: 3,
  /** Copies the byte as an escape sequence of JSON. */
  escape: 4,
  /** Copies a quote that is doubled. */
  double: 5,
  /** Ends a cell with quotes, unless the next byte is a quote, too. */
  close: 6,
  /** Ends a cell. */
  next: 7,
  /** Ends a record. */
  end: 8,
  /** Passes over a line break outside of records. */
  pass: 9,
  /** Refuses text after the closing quote of a cell. */
  refuse: 10,
  /** Passes over a byte that cannot be read. */
  skip: 11,
} as const;

const CR = 13, SPACE = 32, QUOTE = 34, BACKSLASH = 92;

/**
 * Returns the table of actions. The action for a byte is at the state plus the byte.
 *
 * @param delimiter the byte between two cells
 * @param hasQuotes false when quotes are text
 */
export function actionsFor(delimiter: number, hasQuotes: boolean): Uint8Array {
  const table = new Uint8Array(Object.keys(STATES).length * 256);
  for (const state of Object.keys(STATES) as (keyof typeof STATES)[]) {
    for (let byte = 0; byte < 256; byte++) {
      const kind = byte === QUOTE && !hasQuotes ? "special" : kindOf(byte, delimiter);
      table[STATES[state] + byte] = ACTIONS[RULES[state][kind]];
    }
  }
  // A delimiter in quotes is text, and a control character must be escaped in JSON.
  table[STATES.quoted + delimiter] = delimiter < SPACE || delimiter === BACKSLASH
    ? ACTIONS.escape
    : ACTIONS.copy;
  return table;
}

type Kind = "plain" | "special" | "quote" | "delimiter" | "newline";

const RULES: Readonly<
  Record<keyof typeof STATES, Readonly<Record<Kind, keyof typeof ACTIONS>>>
> = {
  row: { plain: "begin", special: "begin", quote: "begin", delimiter: "begin", newline: "pass" },
  cell: { plain: "start", special: "start", quote: "open", delimiter: "next", newline: "end" },
  bare: { plain: "copy", special: "escape", quote: "escape", delimiter: "next", newline: "end" },
  quoted: {
    plain: "copy",
    special: "escape",
    quote: "close",
    delimiter: "copy",
    newline: "escape",
  },
  closed: {
    plain: "refuse",
    special: "refuse",
    quote: "double",
    delimiter: "next",
    newline: "end",
  },
  skipped: { plain: "skip", special: "skip", quote: "skip", delimiter: "skip", newline: "pass" },
};

function kindOf(byte: number, delimiter: number): Kind {
  if (byte === delimiter) return "delimiter";
  if (byte === NEWLINE || byte === CR) return "newline";
  if (byte === QUOTE) return "quote";
  return byte < SPACE || byte === BACKSLASH ? "special" : "plain";
}
