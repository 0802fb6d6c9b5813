/**
 * The hash that identifies programs and their source files.
 *
 * @module
 */

/** Returns the first 16 hexadecimal digits of a text's SHA-256. */
export async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 16);
}
