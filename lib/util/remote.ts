/**
 * Loads modules from the network, and shortens the messages of failed requests.
 *
 * @module
 */

/** Returns true for an `http:` or `https:` URL. */
export function isRemote(address = ""): boolean {
  return /^https?:/i.test(address);
}

/**
 * Returns true for the address of a module that comes from the network: a URL of a server, of a
 * package registry, or with the code in itself. Users often copy such addresses.
 */
export function isFromNetwork(module: string): boolean {
  return !module.startsWith("file:");
}

/**
 * Returns the source text of a module. Deno loads the module from its cache, or from the network
 * with the access tokens that the user configured for Deno.
 *
 * @throws {TypeError} when the module cannot be loaded. Trying again can help.
 */
export async function readModule(url: string): Promise<string> {
  // Deno refuses to import JSON as text.
  const type = new URL(url).pathname.endsWith(".json") ? "json" : "text";
  const { default: content } = await import(url, { with: { type } });
  return type === "json" ? JSON.stringify(content) : content;
}

/**
 * Shortens Deno's message for a missing or failed module to one line. Any other text is returned
 * unchanged.
 *
 * @example
 * ```ts
 * import { shortenMissing } from "./remote.ts";
 *
 * const text = shortenMissing('Module not found "https://example.org/a.ts".\n    at file:///b.ts:1:9');
 * if (!text.endsWith("/a.ts: the server answered 404, check the address")) throw new Error(text);
 * ```
 */
export function shortenMissing(text: string): string {
  const missing = /^Module not found "(https?:[^"]*)"/.exec(text) ??
    /^Import '(https?:[^']*)' failed, not found/.exec(text);
  if (missing) return `${missing[1]}: the server answered 404, check the address`;
  const [, url, causes = ""] = FAILED.map((failed) => failed.exec(text)).find(Boolean) ?? [];
  // Some commands of Deno leave out the causes, and others name only the importing line.
  if (url && /^(at .*)?$/s.test(causes)) return `${url}: the download failed, check the address`;
  return url ? `${url}: ${shortenCauses(causes.replace(/^(Caused by:\s*|0: )/, ""))}` : text;
}

/** The messages for an import, a package of npm and a package of JSR that cannot be downloaded. */
const FAILED = [
  /^(?:JSR package [^\n]*? failed to load\. )?Import '(https?:[^']*)' failed[.:]\s*(.*)/s,
  /^Failed loading (https?:\S+) for package "[^"]*"\s*(.*)/s,
];

/** Shortens the reason for a failed request to its first cause, which includes the others. */
export function shortenCauses(text: string): string {
  return text.split("\n")[0]!
    .replace(/^error sending request for url .*?\): (client error \(Connect\): )?/, "")
    .replace(/^(tcp connect|dns) error: /, "")
    .replace(/^(\d{3}) .*/, "the server answered $1")
    .replace(/ \(os error \d+\)$/, "");
}
