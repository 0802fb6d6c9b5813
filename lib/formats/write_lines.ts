/**
 * Writes results as lines of text, the counterpart of lists of the format `lines`.
 *
 * @module
 */

import type { OutputSource } from "./output.ts";

/**
 * Writes each result that is a text as it is, and another one as JSON. A text with line breaks is
 * several lines, and a notice counts such texts.
 */
export async function* writeTexts({ name, notice, rows }: OutputSource): AsyncGenerator<string> {
  let broken = 0;
  for await (const batch of rows()) {
    const texts = batch.map(({ result }) => unquoted(result));
    broken += texts.filter((text) => /[\r\n]/.test(text)).length;
    yield texts.map((text) => `${text}\n`).join("");
  }
  if (broken > 0) notice?.(`Results in ${name} that are several lines: ${broken}`, true);
}

/**
 * Returns the text of a result: the string itself, or the JSON of another value. UTF-8 has no form for
 * half of a surrogate pair, so such a string stays JSON.
 *
 * @param result the JSON of the result
 */
export function unquoted(result: string): string {
  if (!result.startsWith('"')) return result;
  const text: string = JSON.parse(result);
  return text.isWellFormed() ? text : result;
}
