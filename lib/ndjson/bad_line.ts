/**
 * Where a line is no JSON.
 *
 * @module
 */

// At the end only: a message may quote the text, and the text may say anything.
const POSITION = /(?: in JSON)? at position (\d+)(?: \(line \d+ column \d+\))?$/;

/**
 * A line that is no JSON, as an error with its place.
 *
 * @param text the line
 * @param name what the source is called
 * @param line the line's number, from 1
 * @param cause what `JSON.parse` threw
 */
export function badLine(text: string, name: string, line: number, cause: unknown): SyntaxError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [where, position] = POSITION.exec(message) ?? [];
  const column = (position === undefined ? brokenAt(text, message) : Number(position)) + 1;
  const reason = message.slice(0, message.length - (where?.length ?? 0));
  return new SyntaxError(`Cannot read ${name}:${line}:${column}: ${reason}`, { cause });
}

/** The index of the first character that JSON does not allow, where `JSON.parse` does not tell. */
function brokenAt(text: string, message: string): number {
  return message === "Unexpected end of JSON input" ? text.length : tokenAt(text);
}

// A number, or as much of a literal as there is.
const WORD = /-?\d[-+.\deE]*|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|/y;

/** The index of what stands where a value should: for everything else there is a position. */
function tokenAt(text: string): number {
  let before = ",";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (" \t\n\r".includes(char)) continue;
    const isDue = before === "," || before === ":" || (before === "[" && char !== "]");
    if (isDue && "]},:".includes(char)) return at;
    before = char;
    if (char === '"') at = stringEnd(text, at);
    if ('"[]{},:'.includes(char)) continue;
    WORD.lastIndex = at;
    const [word] = WORD.exec(text)!;
    if (!/^(?:true|false|null|[-\d].*)$/.test(word)) return at + word.length;
    at += word.length - 1;
  }
  return text.length;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
