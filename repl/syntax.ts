/**
 * The part of the syntax tree types that a session uses.
 *
 * @see https://github.com/estree/estree for the node types.
 *
 * @module
 */

/** A node of a syntax tree. */
export type SyntaxNode =
  & {
    /** The type of the node, such as `Identifier`. */
    readonly type: string;
    /** The offset of the node's first character in the code. */
    readonly start: number;
    /** The offset just past the node's last character. */
    readonly end: number;
  }
  & Readonly<Record<string, unknown>>;
