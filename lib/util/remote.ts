/**
 * What comes from the network, and what to say when it does not come.
 *
 * @module
 */

/** Whether an address is one of the network. */
export function isRemote(address = ""): boolean {
  return /^https?:/.test(address);
}

/**
 * The text of a module, as Deno itself loads one: from its cache when it is there, so also without a
 * network, and with the tokens that the user gave Deno.
 */
export async function readModule(url: string): Promise<string> {
  const { default: text } = await import(url, { with: { type: "text" } });
  return text;
}

/**
 * What Deno says, in many lines, of a module that did not come, in a few words. Any other text is
 * given back as it is.
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
  const [, url, causes = ""] = /^Import '(https?:[^']*)' failed[.:]\s*(.*)/s.exec(text) ?? [];
  return url ? `${url}: ${shortenCauses(causes.replace(/^(Caused by:\s*|0: )/, ""))}` : text;
}

/** Why a request had no answer: the first of several causes holds the others. */
export function shortenCauses(text: string): string {
  return text.split("\n")[0]!
    .replace(/^error sending request for url .*?\): (client error \(Connect\): )?/, "")
    .replace(/^(tcp connect|dns) error: /, "")
    .replace(/^(\d{3}) .*/, "the server answered $1")
    .replace(/ \(os error \d+\)$/, "");
}
