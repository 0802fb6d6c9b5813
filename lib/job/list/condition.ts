/**
 * The condition of the cut `where`, read from its text.
 *
 * @module
 */

import { loadParsers, type TreeNode } from "../../bundle/function/function_source.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { argsText } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { nearestWord } from "../../util/text/nearest.ts";
import { tryJson } from "../../util/try_json.ts";
import { isCommonName, type WhereCondition } from "../../worker/where.ts";

/**
 * Reads a condition, without evaluating it.
 *
 * @throws {UsageError} when the text is not an expression, or cannot be a condition.
 */
export async function readCondition(expression: string): Promise<WhereCondition> {
  const { parse, analyze } = await loadParsers();
  const tree = parseOrThrow(expression, parse as never) as Program;
  const [statement, more] = tree.body;
  if (!statement?.expression || more) throw cannotUse(expression, "it is not one expression");
  refuseSlips(expression, statement.expression);
  const names = [...(analyze(tree as never).globals as ReadonlyMap<string, unknown>).keys()];
  return { expression, names };
}

/** The syntax tree of a script. */
interface Program extends TreeNode {
  readonly body: readonly { readonly expression?: TreeNode }[];
}

function parseOrThrow(
  expression: string,
  parse: (text: string, options: object) => unknown,
): unknown {
  try {
    return parse(`(${expression}\n)`, { ecmaVersion: "latest", sourceType: "script" });
  } catch (cause) {
    const { message, pos = 0 } = cause as SyntaxError & { readonly pos?: number };
    const reason = message.replace(/ \(\d+:\d+\)$/, "");
    // The text begins after the bracket.
    const rest = expression.slice(Math.max(pos - 1, 0)).trim();
    const place = rest === "" ? "at its end" : `at ${rest.slice(0, 20)}`;
    throw cannotUse(expression, `${reason.toLowerCase()} ${place}`, cause);
  }
}

function refuseSlips(expression: string, { type }: TreeNode): void {
  if (type === "AssignmentExpression") {
    throw cannotUse(expression, "= sets a value, write === to compare");
  }
  if (/Function|Class/.test(type)) {
    throw cannotUse(expression, "it is a function, write only the expression that it returns");
  }
}

/**
 * Checks that each name of a condition is a key of one of the first elements of a list.
 *
 * @throws {UsageError} when no element has such a key.
 */
export async function checkNames(
  { expression, names }: WhereCondition,
  first: TaskBatch,
): Promise<void> {
  const keys = new Set<string>();
  let isRead = false;
  for (const { args } of first) {
    const element = tryJson(argsText(args));
    isRead ||= element !== undefined;
    for (const key of isDict(element) ? Object.keys(element) : []) keys.add(key);
  }
  const unknown = names.find((name) => !keys.has(name) && !isCommonName(name));
  // The lines of the elements fail later, each with its reason.
  if (unknown === undefined || !isRead) return;
  throw cannotUse(expression, await unknownText(unknown, [...keys]));
}

async function unknownText(name: string, keys: readonly string[]): Promise<string> {
  if (keys.length === 0) return `${name} is not defined: the elements have no keys, write it`;
  const near = await nearestWord(name, keys);
  if (near !== undefined) return `no element has the key ${name}, did you mean ${near}?`;
  const shown = keys.slice(0, 8).join(", ") + (keys.length > 8 ? ", ..." : "");
  return `no element has the key ${name}: the keys of the first ones are ${shown}; write ` +
    `it.${name} for a key of later ones`;
}

/** Returns the error for a condition that cannot be used. */
export function cannotUse(expression: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`Cannot use --where '${expression}': ${why}`, { cause });
}
