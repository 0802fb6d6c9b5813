/**
 * The reason for which a text is not JSON.
 *
 * @module
 */

/**
 * Returns the reason of `JSON.parse` for an error in the first character of `rest`.
 *
 * @param valid the valid beginning of the text
 * @param blank the white space before the error
 * @param rest the text from the error on
 */
export function jsonReason(valid: Uint8Array, blank: string, rest: Uint8Array): string {
  const decoder = new TextDecoder();
  try {
    const [character = ""] = decoder.decode(rest.subarray(0, 4));
    JSON.parse(decoder.decode(valid) + blank + character);
  } catch (error) {
    if (error instanceof SyntaxError) return withoutPosition(error.message);
  }
  return "it is not JSON";
}

/** Removes a position, which is that in the shortened text. */
function withoutPosition(message: string): string {
  return message.replace(/(?: in JSON)? at position \d+(?: \(line \d+ column \d+\))?$/, "");
}
