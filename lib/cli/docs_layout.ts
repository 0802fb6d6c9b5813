/**
 * Lays out Markdown of the documentation for a terminal.
 *
 * @module
 */

import { wrapText } from "./help_layout.ts";

/** The start of an item of a list: its indent and its mark. */
const ITEM = /^(\s*)(?:[-*]|\d+\.) /;
/** Lines whose breaks have a meaning: tables, headings, images and comments. */
const FIXED = /^\s*(?:\||#|!\[|<)/;

/**
 * Wraps the paragraphs and the items of lists in Markdown at words. Code, tables and headings stay
 * as they are.
 *
 * @example
 * ```ts
 * import { wrapMarkdown } from "./docs_layout.ts";
 *
 * const text = wrapMarkdown("A job has\ntasks.\n\n- A task has attempts.\n", 12);
 * if (text !== "A job has\ntasks.\n\n- A task has\n  attempts.\n") throw new Error(text);
 * ```
 */
export function wrapMarkdown(text: string, columns: number): string {
  const lines: string[] = [];
  let block: string[] = [], isCode = false;
  const endBlock = () => {
    const [first = ""] = block, [mark = ""] = ITEM.exec(first) ?? [];
    const indent = first.length - first.trimStart().length;
    const words = keepCode(block.map((line) => line.trim()).join(" "));
    const wrapped = wrapText(words, columns, indent, mark.length || indent);
    if (block.length > 0) lines.push(...wrapped.map((line) => line.replaceAll(KEPT, " ")));
    block = [];
  };
  for (const line of text.split("\n")) {
    const isFence = /^\s*```/.test(line);
    const isText = !isCode && !isFence && !FIXED.test(line) && line.trim() !== "";
    if (!isText || ITEM.test(line)) endBlock();
    if (isText) block.push(line);
    else lines.push(line);
    if (isFence) isCode = !isCode;
  }
  endBlock();
  return lines.join("\n");
}

// A character that the pages do not contain replaces blanks at which no line may end.
const KEPT = "\0";

/** Keeps commands and other code in one line, so that users can copy them. */
function keepCode(text: string): string {
  return text.replace(/`[^`]+`/g, (code) => code.replaceAll(" ", KEPT));
}
