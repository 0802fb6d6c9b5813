/**
 * The parameters of a function, read from its source text.
 *
 * @module
 */

import { WRAPPED } from "../../compat/decorators.ts";
import { loadAcorn } from "../../deps.ts";
import { parseFunction, type TreeNode } from "../function/function_source.ts";
import { type OriginalName, originalNames } from "./original_names.ts";

/** A parameter of a function. */
export interface Parameter {
  /** Its text in messages, such as `band = "nir"` or `{ year }`. */
  readonly text: string;
  /** Its name; `undefined` for a pattern. */
  readonly name?: string | undefined;
  /** The keys that an object pattern reads; `undefined` for any other parameter. */
  readonly keys?: readonly string[] | undefined;
  /** True for `...rest`, and for an object pattern that reads any key. @default {false} */
  readonly isOpen?: boolean | undefined;
  /** True when a call may leave it out. @default {false} */
  readonly isOptional?: boolean | undefined;
}

/** A function whose parameters are read. */
// deno-lint-ignore no-explicit-any -- any function
export type AnyFunction = (...args: any[]) => unknown;

/** A node of a parameter. `start` and `end` are positions in the text. */
interface ParameterNode extends TreeNode {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly left: ParameterNode;
  readonly right: ParameterNode;
  readonly properties: readonly PropertyNode[];
}

/** A node of a part of an object pattern. */
interface PropertyNode extends ParameterNode {
  readonly computed: boolean;
  readonly key: { readonly name?: string; readonly value?: unknown };
  readonly value: ParameterNode;
}

/**
 * Reads the parameters of a function. A wrapped function has the parameters of the function that it
 * wraps.
 *
 * @param program the text of the program that contains the function. The bundler removes types, and
 * may rename parameters.
 * @returns the parameters; `undefined` when the text of the function is not available, as for native
 * functions.
 *
 * @example
 * ```ts
 * import { readParameters } from "./parameters.ts";
 *
 * const parameters = await readParameters((tile: string, { band = "nir" }) => tile + band);
 * const texts = parameters?.map(({ text }) => text).join(", ");
 * if (texts !== 'tile, { band = "nir" }') throw new Error(texts);
 * ```
 */
export async function readParameters(
  fn: AnyFunction,
  program?: string,
): Promise<readonly Parameter[] | undefined> {
  const text = unwrapped(fn).toString();
  const parsed = parseFunction(text, await loadAcorn());
  if (!parsed || parsed.fn.type === "ClassExpression") return undefined;
  const { source, fn: { type, params } } = parsed, nodes = params as readonly ParameterNode[];
  const shift = (program?.indexOf(text) ?? -1) - source.indexOf(text);
  const names = program?.includes(text)
    ? await originalNames(program, nodes.filter(hasName).map(({ start }) => start + shift))
    : new Map<number, OriginalName>();
  // The types of a module that the bundler did not read are unknown.
  const other = { after: program === undefined ? "" : undefined };
  const parameters = nodes.map((node) =>
    toParameter(node, source, names.get(node.start + shift) ?? other)
  );
  const isArrow = type === "ArrowFunctionExpression";
  return parameters.length === 0 && !isArrow && /\barguments\b/.test(text)
    ? [{ text: "...arguments", isOpen: true }]
    : parameters;
}

function unwrapped(fn: AnyFunction & { readonly [WRAPPED]?: AnyFunction }): AnyFunction {
  return fn[WRAPPED] ? unwrapped(fn[WRAPPED]) : fn;
}

function hasName({ type, left }: ParameterNode): boolean {
  return type === "Identifier" || (type === "AssignmentPattern" && left.type === "Identifier");
}

function toParameter(
  node: ParameterNode,
  source: string,
  original: Partial<OriginalName>,
): Parameter {
  switch (node.type) {
    case "Identifier": {
      // Where the types are unknown, any parameter may be optional.
      const { name = node.name, after = "?" } = original;
      const isOptional = /^\s*\?/.test(after);
      return { text: isOptional ? `${name}?` : name, name, isOptional };
    }
    case "AssignmentPattern": {
      const left = toParameter(node.left, source, original);
      const text = `${left.name ?? left.text}${defaultText(node, source)}`;
      return { ...left, text, isOptional: true };
    }
    case "ObjectPattern":
      return toPattern(node.properties, source);
    default:
      return { text: textOf(node, source), isOpen: node.type === "RestElement" };
  }
}

function toPattern(properties: readonly PropertyNode[], source: string): Parameter {
  const named = properties.filter(({ type, computed }) => type === "Property" && !computed);
  const keys = named.map(({ key: { name, value } }) => name ?? String(value));
  const texts = named.map(({ value }, index) => keys[index] + defaultText(value, source));
  const isOpen = named.length < properties.length;
  const text = [...texts, ...isOpen ? ["..."] : []].join(", ");
  return { text: text === "" ? "{}" : `{ ${text} }`, keys, isOpen };
}

function defaultText({ type, right }: ParameterNode, source: string): string {
  return type === "AssignmentPattern" ? ` = ${textOf(right, source)}` : "";
}

// A longer default is cut, in characters.
const MAX_TEXT = 30;

function textOf({ start, end }: ParameterNode, source: string): string {
  const text = source.slice(start, end).replaceAll(/\s+/g, " ");
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
}
