/**
 * Makes texts from outside safe to show in a terminal.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/ for the control
 * functions
 * @see https://www.unicode.org/reports/tr9/ for the controls of the direction of text
 *
 * @module
 */

// Control characters of both sets except tab, newline, and the carriage return of a Windows line;
// and characters that change the order in which a terminal shows a line.
// deno-lint-ignore no-control-regex -- these characters are looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/;
// deno-lint-ignore no-control-regex -- a colour starts with an escape character
const COLOR = /\x1b\[[\d;:]*m/;
const PLAIN = /^[\x20-\x7e]*$/;
const EITHER = new RegExp(`${COLOR.source}|${CONTROL.source}`, "g");

/**
 * Replaces control characters by their escapes in JSON, such as `\u001b`, and removes colours. A
 * text of JSON keeps its value. Tabs and newlines stay.
 *
 * Terminals obey control characters in everything that they show: the output of a task could write
 * to the clipboard, or hide a line.
 *
 * @example
 * ```ts
 * import { escapeControls } from "./escape.ts";
 *
 * const text = escapeControls("\x1b[31mred\x1b[0m \x1b]52;c;eA==\x07");
 * if (text !== "red \\u001b]52;c;eA==\\u0007") throw new Error(text);
 * ```
 */
export function escapeControls(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text.replaceAll(EITHER, (found) => found.length > 1 ? "" : escapeOf(found));
}

/** Does the same with a text that must stay on one line, such as a cell of a table. */
export function escapeLine(text: string): string {
  return PLAIN.test(text) ? text : escapeControls(text).replaceAll(/[\t\n\r]/g, escapeOf);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escapeOf(sign: string): string {
  return SHORT_ESCAPES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
