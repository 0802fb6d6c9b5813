/**
 * Recognises the format of text by its first lines.
 *
 * @module
 */

import { isFeatureCollection } from "./json/geojson_type.ts";
import type { Guess } from "./looks_like.ts";
import { jsonError } from "../util/try_json.ts";

// More lines would not change the guess.
const MAX_LINES = 20;

/** Returns the first lines of a text that are not blank, without a last line that is incomplete. */
export function firstLines(text: string, isWhole: boolean): string[] {
  // A record separator may precede each line of JSON.
  const lines = text.replaceAll("\x1e", "").split(/\r?\n/);
  if (!isWhole && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== "").slice(0, MAX_LINES);
}

/** Recognises a page of a web server, such as an error page instead of a file. */
export function guessMarkup(text: string): Guess | undefined {
  if (!/^\s*<[!?a-z]/i.test(text)) return undefined;
  const what = /^\s*<\?xml/i.test(text) && !/<html/i.test(text) ? "XML" : "an HTML page";
  return { what, advice: "if it is the error of a server, check its address" };
}

/** Recognises text that is not ndjson, or returns `undefined`. */
export function guessText(text: string, isWhole: boolean): Guess | undefined {
  const lines = firstLines(text, isWhole), [first] = lines;
  if (first === undefined) return undefined;
  if (isJson(first)) return isWhole && lines.length === 1 ? guessDocument(first) : undefined;
  const other = guessMarkup(text) ?? guessDialect(text, lines);
  if (other) return other;
  if (isJsonWithComma(first)) {
    return {
      what: "lines of JSON that end with commas",
      advice: "remove them: sed 's/,$//' FILE | dl_jobs map TASK -",
    };
  }
  // The only element of an array may be a line of JSON.
  if (/^\s*[[{]\s*$/.test(first)) return guessOpenJson(text, false);
  const count = lines.filter(isJson).length;
  // Lines that are not JSON fail alone among others.
  if (2 * count >= lines.length) return undefined;
  // A long line of ndjson does not end in the first bytes either, but no array is that long.
  const isLong = !isWhole && lines.length === 1;
  if (isOpenJson(first)) return guessOpenJson(text, isLong);
  if (count === 0 && isJoinedJson(first)) {
    return { what: "several JSON values on one line", flags: "--input json" };
  }
  // Commas in objects are not those of a table.
  if (/^\s*(?:\{|\[[^a-z])/i.test(first)) return undefined;
  // A cell in quotes may have line breaks.
  const delimiter = delimiterOf(lines) ?? delimiterOf(firstLines(withoutQuoted(text), isWhole));
  if (delimiter !== undefined) return guessTable(delimiter, lines);
  return /^\s*[["]/.test(first) ? undefined : { what: "lines of text", flags: "--input lines" };
}

/** Recognises text that is not JSON, or returns `undefined`. */
export function guessNoJson(text: string, isWhole: boolean): Guess | undefined {
  const lines = firstLines(text, isWhole),
    [first = "{"] = lines,
    dialect = guessDialect(text, lines);
  if (dialect || /^\s*[[{]/.test(first) || isJson(first)) return dialect;
  return guessText(text, isWhole);
}

/** The first lines of values that resemble JSON, each with what they are and the way out. */
const DIALECTS: readonly (readonly [first: RegExp, what: string, advice: string])[] = [
  [/^\s*(?:[[(]\s*)*\{\s*'/, "objects of Python", "write them as JSON, with json.dumps()"],
  [
    /^\s*(?:\[\s*)*\{\s*[A-Za-z_$][\w$]*\s*:/,
    "objects of JavaScript",
    "write them as JSON, with JSON.stringify()",
  ],
  [/^\s*\/[/*]/, "JSON with comments", "remove the comments"],
];

/** Recognises values that resemble JSON, of which no line can be read, or returns `undefined`. */
function guessDialect(text: string, lines: readonly string[]): Guess | undefined {
  const [first = ""] = lines;
  const dialect = DIALECTS.find(([pattern]) => pattern.test(first));
  if (!dialect || lines.some(isJson) || !/^\s*[[({]/m.test(text)) {
    return undefined;
  }
  const [, what, advice] = dialect;
  return { what, advice };
}

/** Recognises JSON in a file of another text format, or returns `undefined`. */
export function guessJson(text: string, isWhole: boolean): Guess | undefined {
  const lines = firstLines(text, isWhole), [first = ""] = lines;
  if (!/^\s*[[{]/.test(first)) return undefined;
  if (isOpenJson(first)) return guessOpenJson(text, false);
  if (!isJson(first)) return undefined;
  const document = isWhole && lines.length === 1 ? guessDocument(first) : undefined;
  return document ?? { what: "ndjson", flags: "--input ndjson" };
}

function guessOpenJson(text: string, isLong: boolean): Guess | undefined {
  const guess = guessDocument(text);
  return guess || isLong ? guess : { what: "JSON with line breaks", flags: "--input json" };
}

/** Recognises a list in the beginning of a file. */
function guessDocument(text: string): Guess | undefined {
  if (/^\s*\[/.test(text)) return { what: "one JSON array", flags: "--input json" };
  if (!isFeatureCollection(text)) return undefined;
  return { what: "a GeoJSON FeatureCollection", flags: "--input geojson" };
}

function guessTable(delimiter: string, lines: readonly string[]): Guess {
  if (delimiter === "\t") return { what: "tab-separated values", flags: "--input tsv" };
  // Programs write no space after a comma, and people do in sentences.
  if (delimiter === "," && !lines.some((line) => /,(?! )/.test(line))) {
    return {
      what: "lines of text, or a CSV file",
      advice: "pass --input lines to read each line as a text, or --input csv to read a table",
    };
  }
  const more = delimiter === "," ? "" : ` --delimiter '${delimiter}'`;
  return { what: "a CSV file", flags: `--input csv${more}` };
}

/**
 * Returns the delimiter of a table, or `undefined`: a character that all lines contain equally often
 * outside of quotes.
 */
function delimiterOf(lines: readonly string[]): string | undefined {
  const bare = lines.map(withoutQuoted);
  return [",", "\t", ";", "|"].find((delimiter) => {
    const counts = new Set(bare.map((line) => line.split(delimiter).length));
    return counts.size === 1 && !counts.has(1);
  });
}

function withoutQuoted(text: string): string {
  return text.replace(/"(?:[^"]|"")*"/g, "");
}

/** Recognises text whose lines end with a CR alone, as on old Macs, or returns `undefined`. */
export function guessOldLines(text: string): Guess | undefined {
  if (text.includes("\n") || !/\r./.test(text)) return undefined;
  return {
    what: "text whose lines end with CR",
    advice: "convert it: tr '\\r' '\\n' < FILE | dl_jobs map TASK -",
  };
}

/** Returns true for a line of valid JSON. */
export function isJson(line: string): boolean {
  return jsonError(line) === undefined;
}

/** Returns true for an object or an array that a comma follows, as within a JSON array. */
function isJsonWithComma(line: string): boolean {
  const text = line.trim();
  return /^[[{].*,$/.test(text) && isJson(text.slice(0, -1));
}

/** Returns true for a line with an array or object after its first value. */
function isJoinedJson(line: string): boolean {
  const [, at] = / after JSON at position (\d+)/.exec(jsonError(line)?.message ?? "") ?? [];
  return at !== undefined && /^[[{]/.test(line.slice(Number(at)));
}

/** Returns true for a line with the beginning of an array or object that a later line ends. */
function isOpenJson(line: string): boolean {
  const text = line.trimEnd(), error = jsonError(text)?.message ?? "";
  const isAtEnd = / at position (\d+)/.exec(error)?.[1] === String(text.length);
  return /^\s*[[{]/.test(text) && (isAtEnd || /^Unexpected end|^Unterminated/.test(error));
}
