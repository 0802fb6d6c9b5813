/**
 * The verdicts of `worker/check.ts`, read from their texts.
 *
 * @module
 */

import type { CheckVerdict } from "../../tasks/checked_list.ts";

const encoder = new TextEncoder();

/** Reads a verdict. The text `null` means that there is no schema. */
export function readVerdict(text: string): CheckVerdict {
  if (text.startsWith("[")) return encoder.encode(text.slice(1, -1));
  if (text.startsWith('"')) return JSON.parse(text);
  return text !== "false";
}
