/**
 * Escapes text for HTML.
 *
 * @module
 */

/**
 * Escapes the characters that have a special meaning in HTML.
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
