/**
 * Checks that the beginning of a file has the format of the file.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { headText } from "./encoding.ts";
import { type Format, formatOfBytes, type InputOptions, isTextFormat } from "./format.ts";
import { guessNoGeojson } from "./json/geojson_type.ts";
import { describeBinary, type Guess, guessBytes, isBinary } from "./looks_like.ts";
import {
  firstLines,
  guessJson,
  guessMarkup,
  guessNoJson,
  guessOldLines,
  guessText,
  isJson,
} from "./looks_like_text.ts";

/** The beginning of a file. */
export interface Beginning {
  /** The first bytes, decompressed. */
  readonly head: Uint8Array;
  /** True when the file has no more bytes. */
  readonly isWhole: boolean;
}

// The part of a line that fits into a message.
const MAX_SHOWN = 40;

/**
 * Checks the beginning of a file.
 *
 * @param name the name of the file, for the message
 * @throws {UsageError} when the file has another format. The message names the option to read it.
 */
export function checkFormat(
  name: string,
  format: Format,
  beginning: Beginning,
  options: InputOptions,
): void {
  if (formatOfBytes(beginning.head) === format) return;
  const text = headText(beginning.head, options.encoding);
  const guess = orYaml(name, guessOf(format, text, beginning, options));
  if (!guess) return;
  const { what, flags, advice, line } = guess;
  const place = line === undefined
    ? offendingLine(text, beginning)
    : ` (line ${line} is not UTF-8)`;
  const next = flags === undefined ? advice : `pass ${flags} to read it`;
  throw new UsageError(
    `Cannot read ${name} as ${format}: it looks like ${what}${place}` +
      (next === undefined ? "" : `, ${next}`),
  );
}

/**
 * Checks that only lines of text are read with `-0`.
 *
 * @throws {UsageError} when the option has no effect.
 */
export function checkNul(name: string, format: Format, { isNulSeparated }: InputOptions): void {
  if (!isNulSeparated || format === "lines") return;
  throw new UsageError(
    `Cannot read ${name} as ${format} with -0, which is for texts that end with a NUL: ` +
      "leave out -0, or pass --input lines",
  );
}

function guessOf(
  format: Format,
  text: string,
  { head, isWhole }: Beginning,
  { encoding, isNulSeparated }: InputOptions,
): Guess | undefined {
  // A line that is not UTF-8 fails alone among lines that are JSON.
  const isKnown = format === "ndjson" && !isBinary(text) && firstLines(text, isWhole).some(isJson);
  const guess = encoding === undefined && !isKnown ? guessBytes(head, isWhole) : undefined;
  if (guess) return guess;
  // The reader of such a format describes bytes that nothing else recognises.
  if (!isTextFormat(format)) {
    return isBinary(text) ? undefined : guessText(text, isWhole) ?? guessJson(text, isWhole);
  }
  if (isBinary(text)) return describeBinary(text, format);
  if (text.includes("\0")) {
    return isNulSeparated ? undefined : guessNul(format);
  }
  switch (format) {
    case "ndjson":
      return guessOldLines(text) ?? guessText(text, isWhole);
    case "json":
      return guessNoJson(text, isWhole);
    case "geojson":
      return guessNoJson(text, isWhole) ?? guessNoGeojson(text, isWhole);
    case "lines":
      return guessOldLines(text) ?? guessOther(text, isWhole);
    default:
      return guessOther(text, isWhole);
  }
}

/** Returns the guess about a file that the name of the file tells better than its lines. */
function orYaml(name: string, guess: Guess | undefined): Guess | undefined {
  // JSON is YAML, too, and an option reads it.
  const isText = /--input (?:lines|csv|tsv)/.test(`${guess?.flags} ${guess?.advice}`);
  if (!isText || !/\.ya?ml(?:\.(?:gz|zst))*$/i.test(name)) return guess;
  return { what: "YAML", advice: "convert it to JSON, then pass --input json" };
}

/** Describes text with a NUL, which is part of a cell or a mistake in a format that has no `-0`. */
function guessNul(format: Format): Guess {
  return format === "lines" || format === "ndjson"
    ? { what: "texts that end with a NUL", flags: "-0" }
    : { what: "text with a NUL in it", flags: `--input ${format}` };
}

function guessOther(text: string, isWhole: boolean): Guess | undefined {
  return guessMarkup(text) ?? guessJson(text, isWhole);
}

/** Returns the first line for a message, if it can be read at all. */
function offendingLine(text: string, { isWhole }: Beginning): string {
  const [line = ""] = firstLines(text, isWhole);
  if (isBinary(text) || /[\0\ufffd]/.test(line)) return "";
  const shown = line.trim().slice(0, MAX_SHOWN);
  return ` (line ${text.slice(0, text.indexOf(line)).split("\n").length}: ${shown}` +
    `${shown.length < line.trim().length ? "..." : ""})`;
}
