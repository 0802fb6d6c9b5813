/**
 * Text in HTML.
 *
 * @module
 */

/**
 * Escapes the signs of a text that have a meaning in HTML.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "./escape_html.ts";
 *
 * if (escapeHtml("a<b") !== "a&#60;b") throw new Error("not escaped");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
