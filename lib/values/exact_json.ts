/**
 * JSON that is passed on with the digits of its numbers, which `JSON.parse` may round.
 *
 * @see {@link https://github.com/tc39/proposal-json-parse-with-source}
 *
 * @module
 */

import { asText, matches, rawJson } from "../util/builtins.ts";
import { parseJson } from "../util/parse_json.ts";

/**
 * Parses JSON, and converts each number with a function.
 *
 * @param convert receives a number and its text
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseNumbers(
  text: string,
  convert: (value: number, source: string) => unknown,
): unknown {
  return parseJson(
    text,
    (_key, value, { source }) => typeof value === "number" ? convert(value, source!) : value,
  );
}

/**
 * Parses JSON whose numbers are only passed on. Each number becomes an object that `JSON.stringify`
 * writes as the original text.
 *
 * @example
 * ```ts
 * import { parseExact } from "./exact_json.ts";
 *
 * const text = '{"id":9007199254740993,"v":1.10}';
 * if (JSON.stringify(parseExact(text)) !== text) throw new Error("other digits");
 * ```
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseExact(text: string): unknown {
  return parseNumbers(text, (_value, source) => rawJson(source));
}

/**
 * Parses JSON of which a part is only passed on. Numbers that `JSON.stringify` would write in another
 * way, such as 9007199254740993 and 1.0, become objects that it writes as the original text.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseUnchanged(text: string): unknown {
  if (!mayChange(text)) return parseJson(text);
  return parseNumbers(text, (value, source) => asText(value) === source ? value : rawJson(source));
}

/** Returns true when `JSON.stringify` may write a number of a text in another way. */
export function mayChange(text: string): boolean {
  return matches(MAY_CHANGE, text);
}

// Many digits, a last zero after the point, a number below 1e-6, an exponent, or -0. Text in quotes
// can match, too.
const MAY_CHANGE = /\d[\d.]{15}|\.\d*0(?!\d)|\.0{6}|\d[eE]|-0/;

/**
 * Splits the JSON text of a list into the texts of its elements, unchanged.
 *
 * @example
 * ```ts
 * import { elementTexts } from "./exact_json.ts";
 *
 * const texts = elementTexts('[1.10,{"a":["]"]}]');
 * if (texts.join(" ") !== '1.10 {"a":["]"]}') throw new Error(texts.join(" "));
 * ```
 *
 * @param list one line of valid JSON that starts with `[`
 */
export function elementTexts(list: string): string[] {
  const texts: string[] = [];
  let depth = 0, start = 1;
  for (let at = 0; at < list.length; at++) {
    const char = list[at]!;
    if (char === '"') at = stringEnd(list, at);
    else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth === 0 || (depth === 1 && char === ",")) {
      const text = list.slice(start, at).trim();
      if (text !== "") texts.push(text);
      start = at + 1;
    }
  }
  return texts;
}

/** Returns the offset of the quote that ends a string, or the length of the text. */
export function stringEnd(text: string, start: number): number {
  for (let end = start; (end = text.indexOf('"', end + 1)) >= 0;) {
    let at = end - 1;
    while (text[at] === "\\") at--;
    if ((end - at) % 2 === 1) return end;
  }
  return text.length;
}
