/**
 * The shape of a message: its text without the parts that differ from task to task.
 *
 * @module
 */

// Longer messages have the shape of their beginning.
const MAX_LETTERS = 2000;

/**
 * Returns the shape of a message. Ids, paths, hexadecimal and other numbers become placeholders.
 * Parts that name the reason are kept: status codes, names of errors, and short numbers in quotes.
 *
 * @example
 * ```ts
 * import { messageShape } from "./message_shape.ts";
 *
 * const shape = messageShape("HTTP 404: no tile 81 in /data/europe.tif");
 * if (shape !== "HTTP 404: no tile # in <path>") throw new Error(shape);
 * ```
 */
export function messageShape(message: string): string {
  return message.slice(0, MAX_LETTERS).replaceAll(PARTS, foldPart);
}

/** Returns a shape without the texts in quotes, for kinds that differ only in names. */
export function withoutQuoted(shape: string): string {
  return shape.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '"..."');
}

// The words before a number that make it a status: its digits are the reason.
const STATUS_WORDS =
  "http(?:/[\\d.]+)?(?: error)?|(?:status|error|exit|response|result) ?code|status|" +
  "code|errno|(?:os|win32|windows) error|exited with|signal|sqlstate";
// Words after which only the codes of HTTP are a status.
const ANSWER_WORDS = "error|response|failed with|returned|responded(?: with)?|answered(?: with)?|" +
  "replied(?: with)?|got|received";
// The words of a reason phrase, as servers write them after the code.
const REASONS = "Bad|Unauthorized|Payment|Forbidden|Not|Method|Request|Conflict|Gone|Length|" +
  "Precondition|Payload|Content|URI|Unsupported|Range|Expectation|Unprocessable|Locked|Failed|" +
  "Too|Internal|Service|Gateway|Client|Server|Insufficient|Network";
const NAME = "[\\w.@%+=~-]+";

const STATUS = `\\b(?i:${STATUS_WORDS})(?:\\]|:|=| is| of|)[ (\\["':=]*-?\\d{1,6}\\b|` +
  `\\b(?i:${ANSWER_WORDS})(?:| code)[ (:]+[45]\\d\\d\\b(?! of\\b)|` +
  `(?<![\\w.-])[1-5]\\d\\d(?= (?:${REASONS})\\b)|` +
  `^[1-5]\\d\\d(?=$|[:.,)])|(?<=\\()[45]\\d\\d(?=\\))`;

// Codes such as ORA-00942, TS2322: or 42P01, and names of types and encodings such as int32.
const CODE = "\\b[A-Z]{2,5}-\\d{3,6}\\b|\\b[A-Z]{1,3}\\d{3,5}(?=[:\\]])|^[A-Z]\\d{3,5}\\b|" +
  "(?<!-)\\b[2-5]\\d[A-Z]\\d\\d\\b|\\bE2BIG\\b|" +
  "\\b(?i:u?int|float|complex|bfloat|utf-?|base|sha-?|md|ipv|latin-?|cp|x)\\d{1,3}\\b";

// A text in quotes that is a path or the name of a file, and paths without quotes.
const FILE =
  "(?<=(?<!\\w)[\"'`])[^\"'`\\n]*(?:[/\\\\][^\"'`\\n]*|\\.[A-Za-z][A-Za-z0-9]{0,7})(?=[\"'`])|" +
  `(?<![\\w<])(?:~|\\.{1,2}|[A-Za-z]:)?(?:[/\\\\]${NAME})+[/\\\\]?|` +
  `\\b${NAME}(?:/${NAME})+\\.[A-Za-z]\\w{0,7}\\b`;

const UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const ID = `\\b(?:${UUID}|0x[0-9a-fA-F]+|(?=[a-fA-F]*\\d)(?=\\d*[a-fA-F])[0-9a-fA-F]{7,}|` +
  "(?=[\\w-]*\\d)(?=[\\w-]*[A-Za-z])[\\w-]{20,})\\b";

const NUMBER = "(?<![\\w.])-?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|" +
  "(?:(?<![\\w.)\\]-])-)?\\d+(?:\\.\\d+)*(?:[eE][+-]?\\d+)?";

/** The parts of a message, in the order in which they are tried. */
const PARTS = new RegExp(
  [
    `(?<kept>${STATUS}|${CODE}|"-?\\d{1,3}"|'-?\\d{1,3}'|\`-?\\d{1,3}\`)`,
    "(?<url>\\b[a-z][a-z0-9+.-]*://[^\\s\"'`<>)\\]]+)",
    `(?<path>${FILE})`,
    `(?<id>${ID})`,
    `(?<number>${NUMBER})`,
  ].join("|"),
  "g",
);

type Part = "kept" | "url" | "path" | "id" | "number";

const FOLD: { readonly [P in Part]: (text: string) => string } = {
  kept: (text) => text,
  // The host often is the reason.
  url: (text) => text.replace(/^([^:]+:\/\/[^/?#]*).*$/s, "$1/...").replaceAll(/\d+/g, "#"),
  path: () => "<path>",
  id: () => "<id>",
  number: () => "#",
};

function foldPart(text: string, ...rest: unknown[]): string {
  const found = rest.at(-1) as Record<Part, string | undefined>;
  for (const part in FOLD) if (found[part as Part] !== undefined) return FOLD[part as Part](text);
  return text;
}
