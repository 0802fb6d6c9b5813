/**
 * The verdicts of `worker/check.ts`, read from their texts.
 *
 * @module
 */

import type { CheckVerdict } from "../../tasks/checked_list.ts";

const decoder = new TextDecoder();
const FALSE = "f".charCodeAt(0), BRACKET = "[".charCodeAt(0), QUOTE = '"'.charCodeAt(0);

/** Reads a verdict. The text `null` means that there is no schema. Most texts are not decoded. */
export function readVerdict(text: Uint8Array): CheckVerdict {
  if (text[0] === BRACKET) return text.slice(1, -1);
  if (text[0] === QUOTE) return JSON.parse(decoder.decode(text));
  return text[0] !== FALSE;
}
