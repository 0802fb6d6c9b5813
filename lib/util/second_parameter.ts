/**
 * The parameter of a function for the context of its task.
 *
 * @module
 */

import { applyFn, indexOfText, matches, sliceText } from "./builtins.ts";

const { toString } = Function.prototype;

// Names that a user gives to the context. The bundler adds a number to one that a module also has.
const CONTEXT = /^_|^c\d*$|ctx|context/i, CTX = /^ctx\d*$/;

/** Returns true when the name of a second parameter is one for the context of a task. */
export function isContextName(name: string): boolean {
  return CONTEXT.test(name);
}

// The end of a built-in function. No text of JavaScript ends so.
const NATIVE = "{ [native code] }";

/** Any function. */
type AnyFunction = (...args: never[]) => unknown;

/**
 * Returns the text of the second parameter of a function, without spaces, if it is for the context of
 * the task; otherwise undefined. That is a parameter without a default value, or one named `ctx`: the
 * default value of any other parameter stays in force. Rest parameters and built-in functions, such
 * as `Math.max`, do not count.
 *
 * @example
 * ```ts
 * import { secondParameter } from "./second_parameter.ts";
 *
 * const functions = [(x: number, y: number) => x + y, (x = 1, y = 2) => x + y, Math.max];
 * const found = functions.map(secondParameter);
 * if (found.join() !== "y,,") throw new Error(found.join());
 * ```
 */
export function secondParameter(fn: AnyFunction): string | undefined {
  const source = applyFn(toString, fn, []) as string;
  if (sliceText(source, -NATIVE.length) === NATIVE) return undefined;
  return findSecond(source) ?? (fn.length > 1 ? "" : undefined);
}

/** Looks for the second parameter in the list of parameters. */
function findSecond(source: string): string | undefined {
  let depth = 0, second = "", isSecond = false;
  for (let at = 0; at < source.length;) {
    const end = tokenEnd(source, at), token = sliceText(source, at, end);
    at = end;
    if (isBlank(token)) continue;
    // The arrow of a function with one parameter and no parentheses: `x => ...`.
    if (depth === 0 && token === "=>") return undefined;
    const isInList = depth === 1;
    if (isInList && isSecond && isOneOf("=,)", token)) {
      if (matches(CTX, second)) return second;
      const hasDefault = token === "=";
      return hasDefault || second === "" ? undefined : second;
    }
    if (isInList && token === "...") return undefined;
    if (isSecond) second += token;
    else isSecond = isInList && token === ",";
    // The brackets of a computed name precede the parameters.
    if (token === "(" || (depth > 0 && isOneOf("[{", token))) depth++;
    else if (depth > 0 && isOneOf(")]}", token) && --depth === 0) return undefined;
    else if (depth === 0 && token === "[") at = closing(source, at);
  }
  return undefined;
}

/** Returns the offset after the bracket that closes a computed name. */
function closing(source: string, from: number): number {
  for (let at = from, depth = 1; at < source.length;) {
    const end = tokenEnd(source, at), token = sliceText(source, at, end);
    if (token === "[") depth++;
    else if (token === "]" && --depth === 0) return end;
    at = end;
  }
  return source.length;
}

function isOneOf(tokens: string, token: string): boolean {
  return token.length === 1 && indexOfText(tokens, token) >= 0;
}

function isBlank(token: string): boolean {
  const first = token[0]!, second = token[1];
  return isOneOf(" \n\t\r", first) || (first === "/" && (second === "/" || second === "*"));
}

/** Returns the end of the token at an offset: a comment, a text, a sign or one character. */
function tokenEnd(source: string, at: number): number {
  const first = source[at]!, two = sliceText(source, at, at + 2);
  if (two === "//") return endAfter(source, "\n", at);
  if (two === "/*") return endAfter(source, "*/", at + 2);
  if (two === "=>") return at + 2;
  if (sliceText(source, at, at + 3) === "...") return at + 3;
  return isOneOf("\"'`", first) ? textEnd(source, at, first) : at + 1;
}

function endAfter(source: string, mark: string, from: number): number {
  const at = indexOfText(source, mark, from);
  return at < 0 ? source.length : at + mark.length;
}

function textEnd(source: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}
