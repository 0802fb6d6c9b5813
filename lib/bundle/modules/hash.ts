/**
 * The hash that identifies programs and their source files.
 *
 * @module
 */

/** Returns the first 16 hexadecimal digits of the SHA-256 of a text, or of its bytes in UTF-8. */
export async function shortHash(text: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 16);
}
