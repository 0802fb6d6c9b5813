/**
 * The nodes of a syntax tree, as far as a session looks at them.
 *
 * @see https://github.com/estree/estree for the types of nodes.
 *
 * @module
 */

/** A node of a syntax tree. */
export type SyntaxNode =
  & {
    /** The type of the node, such as `Identifier`. */
    readonly type: string;
    /** The offset of its first character. */
    readonly start: number;
    /** The offset after its last character. */
    readonly end: number;
  }
  & Readonly<Record<string, unknown>>;
