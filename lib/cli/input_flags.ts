/**
 * The flags for reading the files of a list.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { type Format, FORMATS, type InputOptions } from "../formats/format.ts";
import { defined } from "../util/defined.ts";
import type { Call } from "./command.ts";

/** The flags of a command that reads files. */
export const INPUT_FLAGS: readonly OptionSpec[] = [
  {
    name: "input",
    type: "text",
    default: null,
    choices: FORMATS,
    advice: "the file of the list follows the function, without a flag",
    doc: "Format of the list; by default, the ending of the file's name or its first bytes tell.",
  },
  {
    name: "encoding",
    type: "text",
    default: null,
    label: "NAME",
    doc: "Encoding of the list, such as latin1 or utf-16le; by default, UTF-8.",
    example: "latin1",
  },
  {
    name: "nul",
    short: "0",
    type: "boolean",
    default: false,
    doc: "The list consists of strings that end with a NUL, as find -print0 writes them.",
  },
  {
    name: "delimiter",
    type: "text",
    default: null,
    label: "CHAR",
    doc: "Character between the cells of CSV, or tab; by default, a comma, or what fits evenly.",
    example: "';'",
  },
  {
    name: "header",
    type: "boolean",
    default: true,
    doc: "The first record of CSV names the columns; with --no-header, records are arrays.",
  },
  {
    name: "typed",
    type: "boolean",
    default: false,
    doc: "Read numbers, true, false and empty cells of CSV as JSON values, not as text.",
  },
  {
    name: "quotes",
    type: "boolean",
    default: true,
    doc: "Cells of CSV may be in quotes; with --no-quotes, quotes are text.",
  },
];

/** Returns the options for reading the list. */
export function inputOptions(flags: Call["flags"]): InputOptions {
  const { input, encoding, nul, delimiter, header, typed, quotes } = flags;
  return defined<InputOptions>({
    format: (input ?? (nul ? "lines" : undefined)) as Format | undefined,
    encoding: encoding === null ? undefined : String(encoding),
    isNulSeparated: nul === true || undefined,
    delimiter: delimiter === null ? undefined : String(delimiter),
    hasHeader: header === false ? false : undefined,
    isTyped: typed === true || undefined,
    hasQuotes: quotes === false ? false : undefined,
  });
}
