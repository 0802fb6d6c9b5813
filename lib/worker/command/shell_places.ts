/**
 * The places of placeholders in a shell script, which decide on the quotes that they need.
 *
 * @module
 */

import type { WordPart } from "./parts.ts";

/**
 * A place in a script: in a command or a comment, inside quotes, after a backslash, or where quotes
 * are only text.
 */
export type ShellPlace =
  | "command"
  | "'"
  | '"'
  | "arithmetic"
  | "escaped"
  | "here-document"
  | "quoted here-document";

/** A construct that contains the text after it; each may contain others. */
type Frame = "" | "(" | "case" | "`" | "'" | '"' | "((" | "<<" | "<<'";

/** A here-document whose text begins at the next line. */
interface HereDocument {
  readonly end: string;
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
}

const PLACES: { readonly [F in Frame]: ShellPlace } = {
  "": "command",
  "(": "command",
  "case": "command",
  "`": "command",
  "'": "'",
  '"': '"',
  "((": "arithmetic",
  "<<": "here-document",
  "<<'": "quoted here-document",
};

/** Returns the places of the placeholders among the parts of a script, in their order. */
export function shellPlaces(parts: readonly WordPart[]): ShellPlace[] {
  const slots = new Set<number>();
  let text = "";
  for (const part of parts) {
    if (typeof part !== "string") slots.add(text.length);
    text += typeof part === "string" ? part : SLOT;
  }
  return new PlaceReader(text, slots).read();
}

const SLOT = "\0";
// The text before the first word of a command.
const COMMAND_START = /(?:^|[\n;&|(){`!]|\b(?:then|do|else|elif|if|while|until|in))[ \t]*$/;
// The number of characters that are searched for it.
const MAX_BEFORE = 100;
const HERE = /<<(-?)[ \t]*((?:[^\s;&|<>()'"\\]|\\.|'[^']*'|"[^"]*")+)/y;

/** A reader of a script, which has a character in place of each placeholder. */
class PlaceReader {
  readonly #places: ShellPlace[] = [];
  readonly #waiting: HereDocument[] = [];
  #at = 0;

  constructor(readonly text: string, readonly slots: ReadonlySet<number>) {}

  read(): ShellPlace[] {
    this.#readTo(this.text.length, [""]);
    return this.#places;
  }

  #readTo(end: number, open: Frame[]): void {
    for (; this.#at < end; this.#at++) {
      const frame = open.at(-1)!;
      if (this.slots.has(this.#at)) this.#places.push(PLACES[frame]);
      else if (frame === "'") this.#closeAt("'", open);
      else if (frame !== "<<'" && !this.#readExpansion(open)) this.#readOther(frame, open);
    }
  }

  /** Reads an escape, or the start or end of a part that the shell expands, also inside `"`. */
  #readExpansion(open: Frame[]): boolean {
    const { text } = this, at = this.#at;
    if (text[at] === "\\") {
      this.#at++;
      if (this.slots.has(this.#at)) this.#places.push("escaped");
    } else if (text.startsWith("$((", at)) {
      open.push("((", "((");
      this.#at += 2;
    } else if (text.startsWith("$(", at)) {
      open.push("(");
      this.#at++;
    } else if (text[at] === "`") {
      const start = open.lastIndexOf("`");
      if (start < 0) open.push("`");
      else open.length = start;
    } else return false;
    return true;
  }

  #readOther(frame: Frame, open: Frame[]): void {
    const char = this.text[this.#at]!;
    if (frame === '"') this.#closeAt('"', open);
    else if (frame === "((") {
      if (char === "(") open.push("((");
      else this.#closeAt(")", open);
    } else if (frame !== "<<") this.#readCommand(char, frame, open);
  }

  #readCommand(char: string, frame: Frame, open: Frame[]): void {
    if (char === "'" || char === '"' || char === "(") open.push(char);
    // The patterns of `case` end with parentheses that have no beginning.
    else if (char === "c" && this.#isKeyword("case")) open.push("case");
    else if (char === "e" && frame === "case" && this.#isKeyword("esac")) open.pop();
    else if (char === ")" && frame === "(") open.pop();
    else if (char === "#") this.#skipComment();
    else if (char === "<") this.#readHere();
    else if (char === "\n") this.#readDocuments();
  }

  #isKeyword(word: string): boolean {
    const { text } = this, at = this.#at, next = text[at + word.length] ?? " ";
    return text.startsWith(word, at) && /[\s;&|)<>]/.test(next) &&
      COMMAND_START.test(text.slice(Math.max(0, at - MAX_BEFORE), at));
  }

  #closeAt(char: string, open: Frame[]): void {
    if (this.text[this.#at] === char) open.pop();
  }

  /** Passes over a comment, which begins a word. Placeholders in it do no harm. */
  #skipComment(): void {
    const at = this.#at;
    if (at > 0 && !/[\s;&|()]/.test(this.text[at - 1]!)) return;
    const end = this.#lineEnd();
    while (++this.#at < end) if (this.slots.has(this.#at)) this.#places.push("command");
    this.#at--;
  }

  #readHere(): void {
    HERE.lastIndex = this.#at;
    const match = HERE.exec(this.text);
    if (match === null) {
      // The operator <<< of other shells has no document.
      while (this.text[this.#at + 1] === "<") this.#at++;
      return;
    }
    const [source, dash, word = ""] = match;
    const isQuoted = /['"\\]/.test(word);
    const end = word.replace(/['"\\]/g, "");
    this.#waiting.push({ end, isQuoted, stripsTabs: dash === "-" });
    this.#at += source.length - 1;
  }

  /** Reads the here-documents that begin at the next line. */
  #readDocuments(): void {
    if (this.#waiting.length === 0) return;
    this.#at++;
    for (const { end, isQuoted, stripsTabs } of this.#waiting.splice(0)) {
      const lines = this.text.slice(this.#at).split("\n");
      const found = lines.findIndex((line) =>
        (stripsTabs ? line.replace(/^\t+/, "") : line) === end
      );
      const body = (found < 0 ? lines : lines.slice(0, found)).join("\n");
      const bodyEnd = this.#at + body.length;
      this.#readTo(bodyEnd, [isQuoted ? "<<'" : "<<"]);
      this.#at = found > 0 ? bodyEnd + 1 : bodyEnd;
      if (found < 0) return;
      this.#at = this.#lineEnd() + 1;
    }
    // The newline after the last document may end a command.
    this.#at -= 1;
  }

  #lineEnd(): number {
    const end = this.text.indexOf("\n", this.#at);
    return end < 0 ? this.text.length : end;
  }
}
