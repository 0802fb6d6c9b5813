/**
 * JSON that is shown with all digits of its numbers.
 *
 * @module
 */

interface ExactJson {
  /** `JSON.rawJSON`, which older browsers do not have. */
  readonly rawJSON?: (text: string) => unknown;
  parse(text: string, convert: (key: string, value: unknown, context?: Source) => unknown): unknown;
}

interface Source {
  readonly source?: string;
}

const { rawJSON, parse } = JSON as unknown as ExactJson;

/**
 * Parses JSON. Numbers that `JSON.stringify` would write in another way become objects that it
 * writes as the original text, where the browser knows this text.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseShown(text: string): unknown {
  if (!rawJSON) return JSON.parse(text);
  return parse(text, (_key, value, { source } = {}) => {
    const isKept = typeof value !== "number" || source === undefined || String(value) === source;
    return isKept ? value : rawJSON(source);
  });
}
