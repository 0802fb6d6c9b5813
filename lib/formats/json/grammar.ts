/**
 * The grammar of JSON as a table: for each state and byte, the next state or an action.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259} for the grammar.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7464} for the RS before the texts of a sequence.
 *
 * @module
 */

/** The states before the value of a record: at the top, and in a list, also its first element. */
export const TOP = 40, RECORD = 41, FIRST_RECORD = 42;
/** The state after a list that is the whole file. */
export const END = 43;
/** The states in a value that breaks the grammar, of which only strings and brackets are followed. */
export const BROKEN = 44, BROKEN_STRING = 45;
/** The state after an error in a sequence, up to the RS of the next text. */
export const LOST = 47;
/** The states before a value, an element, a key or a comma. */
export const VALUE = 30, FIRST_VALUE = 31, FIRST_KEY = 32, KEY = 33, COLON = 34, AFTER = 35;
/** The state after a backslash in a string of a broken value. */
export const BROKEN_ESCAPE = 46;

/** The states in a string; the first two are those of its characters. */
const KEY_STRING = 0, STRING = 1, KEY_ESCAPE = 2, ESCAPE = 3, KEY_HEX = 4, HEX = 8, LITERAL = 12;
const MINUS = 22,
  ZERO = 23,
  WHOLE = 24,
  POINT = 25,
  FRACTION = 26,
  E = 27,
  SIGN = 28,
  EXPONENT = 29;

/** Returns true for a state in a string. */
export function isInString(state: number): boolean {
  return state < LITERAL;
}

/** Returns true for a state in a number that can be complete. */
export function isNumber(state: number): boolean {
  return NUMBERS.includes(state);
}

/** The number of the first action; smaller numbers are states, and their bytes are copied. */
export const FIRST_ACTION = 64;
/** The actions at a byte. */
export const ERROR = 64,
  SPACE = 65,
  BEGIN = 66,
  NUMBER_END = 67,
  KEY_END = 68,
  STRING_END = 69,
  WIDE = 70,
  COMMA = 71,
  OPEN = 72,
  CLOSE = 73,
  SKIP = 74;

/** The byte that precedes each text of a sequence. */
export const SEPARATOR = 0x1e;
/** The number of bits for a class of bytes in an index of {@linkcode TABLE}. */
export const CLASS_BITS = 5;
/** The class of each byte. The bytes of a class are the same in all states. */
export const CLASS = new Uint8Array(256);
/** The next state or action for `state << CLASS_BITS | class`. */
export const TABLE: Uint8Array = new Uint8Array(48 << CLASS_BITS).fill(ERROR);

const BLANKS = " \t\r\n",
  WIDE_BYTE = "\x80",
  RECORD_SEPARATOR = "\x1e",
  PLAIN = "~",
  CONTROL = "\0";
const CLASSES = [
  CONTROL,
  ...[" ", "\t\r\n", PLAIN, WIDE_BYTE, RECORD_SEPARATOR, "0", "123456789", "ABCDFcd"],
  ...'{}[],:"\\/-+.eEabflnrstu',
];
const ALL = CLASSES.join("");
const TEXT = CLASSES.slice(CLASSES.indexOf("0")).join("") + PLAIN;
const NUMBERS = [ZERO, WHOLE, FRACTION, EXPONENT];

for (let byte = 0; byte < 256; byte++) {
  const found = CLASSES.findIndex((chars) => chars.includes(String.fromCharCode(byte)));
  const other = byte < 0x20 ? CONTROL : byte < 0x80 ? PLAIN : WIDE_BYTE;
  CLASS[byte] = found < 0 ? CLASSES.indexOf(other) : found;
}

addStrings(KEY_STRING, KEY_ESCAPE, KEY_HEX, KEY_END);
addStrings(STRING, ESCAPE, HEX, STRING_END);
addLiterals(["true", "false", "null"]);
addNumbers();
addStructure();
addBroken();

/** Sets the next state or action for characters. */
function on(states: readonly number[], chars: string, next: number): void {
  for (const state of states) {
    for (const char of chars) TABLE[state << CLASS_BITS | CLASS[char.charCodeAt(0)]!] = next;
  }
}

function addStrings(string: number, escape: number, hex: number, end: number): void {
  on([string], TEXT + " ", string);
  on([string], "\t\r\n", ERROR);
  on([string], WIDE_BYTE, WIDE);
  on([string], '"', end);
  on([string], "\\", escape);
  on([escape], '"\\/bfnrt', string);
  on([escape], "u", hex);
  for (let digit = 0; digit < 4; digit++) {
    on([hex + digit], "0123456789abcdefABCDEF", digit < 3 ? hex + digit + 1 : string);
  }
}

function addLiterals(words: readonly string[]): void {
  let state = LITERAL;
  for (const word of words) {
    on([VALUE, FIRST_VALUE], word[0]!, state);
    for (let at = 1; at < word.length; at++, state++) {
      on([state], word[at]!, at < word.length - 1 ? state + 1 : AFTER);
    }
  }
}

function addNumbers(): void {
  on(NUMBERS, BLANKS + ",]}", NUMBER_END);
  on([VALUE, FIRST_VALUE], "-", MINUS);
  on([VALUE, FIRST_VALUE, MINUS], "0", ZERO);
  on([VALUE, FIRST_VALUE, MINUS], "123456789", WHOLE);
  on([WHOLE], "0123456789", WHOLE);
  on([ZERO, WHOLE], ".", POINT);
  on([POINT, FRACTION], "0123456789", FRACTION);
  on([ZERO, WHOLE, FRACTION], "eE", E);
  on([E], "+-", SIGN);
  on([E, SIGN, EXPONENT], "0123456789", EXPONENT);
}

function addStructure(): void {
  on([TOP, RECORD, FIRST_RECORD], ALL, BEGIN);
  on([TOP], RECORD_SEPARATOR, SPACE);
  on(
    [TOP, RECORD, FIRST_RECORD, END, VALUE, FIRST_VALUE, FIRST_KEY, KEY, COLON, AFTER],
    BLANKS,
    SPACE,
  );
  // The most frequent byte of indented JSON.
  on([RECORD, FIRST_RECORD, VALUE, FIRST_VALUE, FIRST_KEY, KEY, COLON], " ", SKIP);
  on([VALUE, FIRST_VALUE], "[{", OPEN);
  on([VALUE, FIRST_VALUE], '"', STRING);
  on([FIRST_KEY, KEY], '"', KEY_STRING);
  on([COLON], ":", VALUE);
  on([AFTER], ",", COMMA);
  on([AFTER], "]}", CLOSE);
  on([FIRST_VALUE, FIRST_RECORD], "]", CLOSE);
  on([FIRST_KEY], "}", CLOSE);
}

function addBroken(): void {
  const all = [BROKEN, BROKEN_STRING, BROKEN_ESCAPE, LOST];
  on([BROKEN], ALL, BROKEN);
  on([BROKEN_STRING, BROKEN_ESCAPE], ALL, BROKEN_STRING);
  on([LOST], ALL, LOST);
  on(all, WIDE_BYTE, WIDE);
  on(all, BLANKS, SPACE);
  on(all, RECORD_SEPARATOR, ERROR);
  on([BROKEN], '"', BROKEN_STRING);
  on([BROKEN], "[{", OPEN);
  on([BROKEN], "]}", CLOSE);
  on([BROKEN], ",", COMMA);
  on([BROKEN_STRING], '"', BROKEN);
  on([BROKEN_STRING], "\\", BROKEN_ESCAPE);
}
