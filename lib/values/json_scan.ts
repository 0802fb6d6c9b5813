/**
 * Walks over JSON text without parsing its values, so that numbers keep their digits.
 *
 * @module
 */

import { stringEnd } from "./exact_json.ts";

const QUOTE = 34, COMMA = 44;
const OPEN_LIST = 91, CLOSE_LIST = 93, OPEN_OBJECT = 123, CLOSE_OBJECT = 125, SPACE = 32;

/**
 * Calls a function for each member of an object.
 *
 * @example
 * ```ts
 * import { eachMember } from "./json_scan.ts";
 *
 * const text = '{"id": 9007199254740993, "a": {"b": [1]}}', found: string[] = [];
 * eachMember(text, 0, (key, from, to) => found.push(`${key}=${text.slice(from, to)}`));
 * if (found.join() !== 'id=9007199254740993,a={"b": [1]}') throw new Error(found.join());
 * ```
 *
 * @param text valid JSON
 * @param start the offset of the object's brace
 * @param take receives a key, and the offsets of its value's start and end
 */
export function eachMember(
  text: string,
  start: number,
  take: (key: string, from: number, to: number) => void,
): void {
  for (let at = skipSpace(text, start + 1); text.charCodeAt(at) === QUOTE;) {
    const keyEnd = stringEnd(text, at) + 1, key = stringOf(text, at, keyEnd);
    const from = skipSpace(text, text.indexOf(":", keyEnd) + 1), to = valueEnd(text, from);
    take(key, from, to);
    at = skipSpace(text, to);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
}

/** The members of an object: the JSON text of each value, by its key. */
export type Members = Map<string, string>;

/** Returns the members of an object; `undefined` when the JSON text is another value. */
export function membersOf(text: string): Members | undefined {
  const start = skipSpace(text, 0), members: Members = new Map();
  if (!isObjectAt(text, start)) return undefined;
  eachMember(text, start, (key, from, to) => members.set(key, text.slice(from, to)));
  return members;
}

/** Returns the text of the JSON string between two offsets. */
export function stringOf(text: string, from: number, to: number): string {
  const inside = text.slice(from + 1, to - 1);
  return inside.includes("\\") ? JSON.parse(text.slice(from, to)) : inside;
}

/** Returns the offset of the first character that is not white space. */
export function skipSpace(text: string, at: number): number {
  while (text.charCodeAt(at) <= SPACE) at++;
  return at;
}

/** Returns true when an object starts at an offset. */
export function isObjectAt(text: string, at: number): boolean {
  return text.charCodeAt(at) === OPEN_OBJECT;
}

/** Returns true when an object without members starts at an offset. */
export function isEmptyAt(text: string, at: number): boolean {
  return isObjectAt(text, at) && text.charCodeAt(skipSpace(text, at + 1)) === CLOSE_OBJECT;
}

/** Returns the offset after the value that starts at an offset. */
export function valueEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return stringEnd(text, from) + 1;
  if (first === OPEN_LIST || first === OPEN_OBJECT) return nestedEnd(text, from);
  let at = from;
  for (let code = first; code > SPACE && code !== COMMA && !isClose(code);) {
    code = text.charCodeAt(++at);
  }
  return at;
}

function nestedEnd(text: string, from: number): number {
  let depth = 0, at = from;
  do {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++;
    else if (isClose(code)) depth--;
    at++;
  } while (depth > 0);
  return at;
}

function isClose(code: number): boolean {
  return code === CLOSE_LIST || code === CLOSE_OBJECT;
}
