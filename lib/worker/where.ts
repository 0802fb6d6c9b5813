/**
 * The function of the cut `where`: a condition on the elements of a list. A worker evaluates it.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";

/** A condition on the elements of a list. */
export interface WhereCondition {
  /** A JavaScript expression. */
  readonly expression: string;
  /** The names in it that it does not define. */
  readonly names: readonly string[];
}

/** The name of the element in a condition, whatever its keys are. */
const ELEMENT = "it";

// The other globals, such as `name` and `status`, are more likely to be keys.
const FUNCTIONS =
  /^(?:parse(?:Int|Float)|is(?:NaN|Finite)|(?:en|de)codeURI(?:Component)?|undefined)$/;
const OBJECTS = /^(?:[A-Z]\w*|globalThis|console|crypto|structuredClone|atob|btoa)$/;

/** Returns true for a name that has the same meaning for all elements without such a key. */
export function isCommonName(name: string): boolean {
  if (name === ELEMENT || name === "args") return true;
  return name in globalThis && (FUNCTIONS.test(name) || OBJECTS.test(name));
}

/**
 * Returns the function of a condition.
 *
 * @example
 * ```ts
 * import { whereFunction } from "./where.ts";
 *
 * const isLate = whereFunction({ expression: "year > 2000", names: ["year"] });
 * if (!isLate({ year: 2001 }) || isLate({ year: 1999 }) || isLate({})) throw new Error();
 * ```
 */
export function whereFunction(
  { expression, names }: WhereCondition,
): (element: unknown) => boolean {
  const keys = names.filter((name) => name !== ELEMENT);
  const evaluate = new Function(ELEMENT, ...keys, `return (\n${expression}\n);`);
  const common = keys.map((key) =>
    isCommonName(key) ? globalThis[key as keyof typeof globalThis] : undefined
  );
  return (element) => {
    const own = isDict(element) ? element : {};
    const values = keys.map((key, i) => {
      if (Object.hasOwn(own, key)) return own[key];
      return key === "args" ? element : common[i];
    });
    const value = evaluate(element, ...values);
    if (value instanceof Promise) throw new TypeError("the condition returns a promise");
    return Boolean(value);
  };
}
