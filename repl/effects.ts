/**
 * Finds entries that only display a value. A saved script omits such entries.
 *
 * @module
 */

import type { SyntaxNode } from "./syntax.ts";

/**
 * Helpers whose calls a script omits unless their return value is assigned, or their arguments have an
 * effect, as in `results(local(job))`.
 */
const DISPLAY_HELPERS = [
  "help",
  "status",
  "jobs",
  "logs",
  "results",
  "save",
  "config",
  "job",
  "clear",
];

/**
 * Tests whether statements only compute values for display.
 *
 * @param body the statements of an entry.
 * @returns true when no statement has an effect.
 */
export function hasNoEffect(body: readonly SyntaxNode[]): boolean {
  return body.length > 0 && body.every((node) =>
    node.type === "EmptyStatement" ||
    (node.type === "ExpressionStatement" && isPure(node.expression as SyntaxNode))
  );
}

/** Tests whether an expression has no effect. Unknown node types are assumed to have an effect. */
function isPure(node: SyntaxNode): boolean {
  return PURE[node.type]?.(node, (key) => isPure(node[key] as SyntaxNode)) ?? false;
}

type Rule = (node: SyntaxNode, isPureIn: (key: string) => boolean) => boolean;

const always: Rule = () => true;
const bothSides: Rule = (_node, isPureIn) => isPureIn("left") && isPureIn("right");
const inner: Rule = (_node, isPureIn) => isPureIn("expression");

const PURE: Readonly<Record<string, Rule>> = {
  Identifier: always,
  Literal: always,
  ThisExpression: always,
  FunctionExpression: always,
  ArrowFunctionExpression: always,
  MemberExpression: ({ computed }, isPureIn) =>
    isPureIn("object") && (computed !== true || isPureIn("property")),
  BinaryExpression: bothSides,
  LogicalExpression: bothSides,
  UnaryExpression: ({ operator }, isPureIn) => operator !== "delete" && isPureIn("argument"),
  ChainExpression: inner,
  ParenthesizedExpression: inner,
  TemplateLiteral: ({ expressions }) => (expressions as SyntaxNode[]).every(isPure),
  // A hole in an array literal is null.
  ArrayExpression: ({ elements }) =>
    (elements as (SyntaxNode | null)[]).every((element) => element === null || isPure(element)),
  // Awaiting a run has an effect; awaiting a display helper's call does not.
  AwaitExpression: ({ argument }, isPureIn) =>
    (argument as SyntaxNode).type === "CallExpression" && isPureIn("argument"),
  ObjectExpression: ({ properties }) => (properties as SyntaxNode[]).every(isPure),
  Property: ({ computed }, isPureIn) => isPureIn("value") && (computed !== true || isPureIn("key")),
  SpreadElement: ({ argument }) => isPure(argument as SyntaxNode),
  CallExpression: ({ callee, arguments: given }) =>
    DISPLAY_HELPERS.includes((callee as SyntaxNode & { name?: string }).name ?? "") &&
    (given as SyntaxNode[]).every(isPure),
};
