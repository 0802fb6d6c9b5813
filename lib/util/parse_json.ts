/**
 * A `JSON.parse` that reads keys with escapes.
 *
 * V8 compares an escaped key as it is written with a key that it expects from earlier objects. So it
 * may return the earlier key: after `{"\\": 1}`, it reads `{"\n": 2}` as `{"\\": 2}`.
 *
 * @see {@link https://github.com/nodejs/node/issues/63785}
 *
 * @module
 */

import { charCode, defineProperty, indexOfText, nativeParse, sliceText } from "./builtins.ts";

/** The third argument of a reviver. */
export interface RevivedSource {
  /** The text of a primitive value. */
  readonly source?: string;
}

/** A function that is called for each value, as by `JSON.parse`, but possibly without its key. */
export type Reviver = (key: string, value: unknown, context: RevivedSource) => unknown;

/**
 * Parses JSON.
 *
 * @example
 * ```ts
 * import { parseJson } from "./parse_json.ts";
 *
 * const keys = ['{"\\\\":1}', '{"\\n":1}'].map((text) => Object.keys(parseJson(text)).join());
 * if (keys.join() !== "\\,\n") throw new Error("another key");
 * ```
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
// deno-lint-ignore no-explicit-any -- As JSON.parse.
export function parseJson(text: string, reviver?: Reviver): any {
  if (!hasEscapedKey(text)) return nativeParse(text, reviver as never);
  // Throws the error of a text that is not JSON. A reviver would not get each source.
  nativeParse(text);
  return new Parser(text, reviver).value();
}

/** Returns true when a key in JSON is written with a backslash. */
function hasEscapedKey(text: string): boolean {
  if (indexOfText(text, "\\") < 0) return false;
  for (let colon = -1; (colon = indexOfText(text, ":", colon + 1)) >= 0;) {
    let end = colon - 1;
    while (charCode(text, end) <= SPACE) end--;
    if (charCode(text, end) === QUOTE && !isEscaped(text, end) && isEscapedKey(text, end)) {
      return true;
    }
  }
  return false;
}

/** Returns true when an odd number of backslashes precedes a character. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (charCode(text, start - 1) === BACKSLASH) start--;
  return (at - start) % 2 === 1;
}

/** Returns true when a backslash is in the key that ends with a quote. */
function isEscapedKey(text: string, end: number): boolean {
  let at = end - 1;
  for (let code; at >= 0 && (code = charCode(text, at)) !== QUOTE; at--) {
    if (code === BACKSLASH) return true;
  }
  // This quote is inside the key.
  return charCode(text, at - 1) === BACKSLASH;
}

const QUOTE = 34, COMMA = 44, BACKSLASH = 92;
const OPEN_LIST = 91, CLOSE_LIST = 93, OPEN_OBJECT = 123, CLOSE_OBJECT = 125, SPACE = 32;

/** Parses valid JSON, each key and each value without a member as a text of its own. */
class Parser {
  #at = 0;

  constructor(readonly text: string, readonly reviver: Reviver | undefined) {}

  /** Parses the value that begins here. */
  value(): unknown {
    const first = this.#next();
    if (first === OPEN_OBJECT) return this.#object();
    if (first === OPEN_LIST) return this.#list();
    return this.#leaf(first === QUOTE ? this.#stringEnd() : this.#wordEnd());
  }

  #object(): object {
    const found = {};
    this.#at++;
    while (this.#next() !== CLOSE_OBJECT) {
      const key = nativeParse(sliceText(this.text, this.#at, this.#at = this.#stringEnd()));
      this.#at = indexOfText(this.text, ":", this.#at) + 1;
      const value = this.value();
      // An assignment would call the setter of __proto__.
      defineProperty(found, key, memberOf(value));
      this.#skipComma();
    }
    this.#at++;
    return found;
  }

  #list(): unknown[] {
    const found: unknown[] = [];
    this.#at++;
    while (this.#next() !== CLOSE_LIST) {
      found[found.length] = this.value();
      this.#skipComma();
    }
    this.#at++;
    return found;
  }

  #leaf(end: number): unknown {
    const text = sliceText(this.text, this.#at, end);
    this.#at = end;
    return nativeParse(text, this.reviver as never);
  }

  /** Returns the next character that is not white space, and moves there. */
  #next(): number {
    while (charCode(this.text, this.#at) <= SPACE) this.#at++;
    return charCode(this.text, this.#at);
  }

  #skipComma(): void {
    if (this.#next() === COMMA) this.#at++;
  }

  #stringEnd(): number {
    let end = this.#at + 1;
    for (let code; (code = charCode(this.text, end)) !== QUOTE;) end += code === BACKSLASH ? 2 : 1;
    return end + 1;
  }

  /** Returns the end of a number, `true`, `false` or `null`. */
  #wordEnd(): number {
    let end = this.#at;
    for (let code; (code = charCode(this.text, end)) > SPACE;) {
      if (code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT) break;
      end++;
    }
    return end;
  }
}

function memberOf(value: unknown): PropertyDescriptor {
  return { __proto__: null, value, writable: true, enumerable: true, configurable: true } as never;
}
