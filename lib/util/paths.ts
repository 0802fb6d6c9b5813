/**
 * Paths and `file:` URLs.
 *
 * @module
 */

/** The `file:` URL of an absolute path, whatever characters are in it. */
export function toFileUrl(path: string): string {
  const escaped = encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href;
}

/** The path of a `file:` URL. */
export function fromFileUrl(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}
