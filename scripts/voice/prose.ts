/**
 * The prose of a source file: its comments and its strings, apart from the code around them.
 *
 * @module
 */

/** A piece of prose and its place in a file. */
export interface Prose {
  /** A doc comment, another comment, the text of a string, or text for readers. */
  readonly kind: "doc" | "comment" | "string" | "text";
  /**
   * The words. Comment marks become spaces, which keeps the offsets and line breaks of the file.
   */
  readonly text: string;
  /** The line where the text begins, counted from 1. */
  readonly line: number;
}

/** Returns the prose of a file, according to its extension. */
export function readProse(path: string, source: string): Prose[] {
  if (/\.[cm]?[jt]sx?$/.test(path)) return new Scanner(source).scan();
  if (path.endsWith(".md")) return readMarkdown(source);
  const text = path.endsWith(".py") ? pythonProse(source) : source;
  return [{ kind: "text", text, line: 1 }];
}

const PYTHON = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*|[^]/g;

/** Blanks everything in a Python source except its comments and strings. */
function pythonProse(source: string): string {
  return source.replaceAll(PYTHON, (part) => part.length > 1 ? part : blank(part));
}

const FENCE = /^ *(`{3,}|~{3,})(\w*)[^\n]*\n([^]*?)^ *\1/gm;

/** Returns the prose of a Markdown page, and of its TypeScript examples. */
function readMarkdown(source: string): Prose[] {
  const examples = [...source.matchAll(FENCE)].filter(([, , name]) => /^[jt]sx?$/.test(name!));
  const inside = examples.flatMap(({ index, 0: block, 3: code = "" }) => {
    const first = lineAt(source, index + block.indexOf("\n") + 1);
    return new Scanner(code).scan().map((prose) => ({ ...prose, line: prose.line + first - 1 }));
  });
  const text = withoutCode(source.replaceAll(FENCE, blank));
  return [{ kind: "text", text, line: 1 }, ...inside];
}

/** Blanks the code spans of Markdown or of a comment: names in code are not prose. */
function withoutCode(text: string): string {
  return text.replaceAll(/(`+)(?!`)[^`]*?[^`]\1(?!`)/g, blank);
}

/** Replaces everything but line breaks with blanks. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

// A slash after one of these starts a regular expression; any other slash is a division.
const BEFORE_REGEX = /(^|[-=(,;:[!&|?{}+*%>~^]|\b(return|typeof|case|in|of|do|else|void|yield))$/;
// A regular expression with its flags. A slash inside a character class does not end the
// expression.
const REGEX = /\/(?![*/>])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
// A quote that is not closed on its line is text between the tags of a TSX file.
const STRING = /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/y;
const LINE_COMMENTS = /\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/y;
const BLOCK_COMMENT = /\/\*[^]*?(?:\*\/|$)/y;
const WORD = /[\w$]+/y;

/**
 * Tokenizes TypeScript just far enough to separate strings, templates, regular expressions and
 * comments from code.
 *
 * @see https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar
 */
class Scanner {
  readonly #found: Prose[] = [];
  readonly #source: string;
  /** The number of open braces inside the `${` of each open template, innermost last. */
  readonly #templates: number[] = [];
  #at = 0;
  /** The last token before the current offset: a word or a character, never white space. */
  #before = "";

  constructor(source: string) {
    this.#source = source;
  }

  scan(): Prose[] {
    while (this.#at < this.#source.length) this.#step();
    return this.#found;
  }

  #step(): void {
    const sign = this.#source[this.#at]!;
    if (sign === "/" && this.#slash()) return;
    if ((sign === '"' || sign === "'") && this.#string()) return;
    if (sign === "`") return this.#template();
    if (sign === "}" && this.#templates.at(-1) === 0) {
      this.#templates.pop();
      return this.#template();
    }
    this.#code(sign);
  }

  #code(sign: string): void {
    const open = this.#templates.length - 1;
    if (open >= 0 && sign === "{") this.#templates[open]!++;
    if (open >= 0 && sign === "}") this.#templates[open]!--;
    const code = this.#match(WORD) ?? sign;
    if (code.trim() !== "") this.#before = code;
    this.#at += code.length;
  }

  #slash(): boolean {
    const lines = this.#match(LINE_COMMENTS);
    if (lines !== undefined) {
      return this.#take("comment", lines, (text) => text.replaceAll(/^([ \t]*)\/\//gm, "$1  "));
    }
    const block = this.#match(BLOCK_COMMENT);
    if (block !== undefined) {
      const kind = /^\/\*\*(?![*/])/.test(block) ? "doc" : "comment";
      return this.#take(kind, block, withoutMarks);
    }
    const regex = BEFORE_REGEX.test(this.#before) ? this.#match(REGEX) : undefined;
    if (regex === undefined) return false;
    this.#at += regex.length;
    this.#before = "0";
    return true;
  }

  #string(): boolean {
    const text = this.#match(STRING);
    if (text === undefined) return false;
    this.#take("string", text, (text) => ` ${text.slice(1, -1)} `);
    this.#before = "0";
    return true;
  }

  /** Reads a template's text from a backtick or a closing brace to the next `${` or backtick. */
  #template(): void {
    let end = this.#at + 1;
    const { length } = this.#source;
    while (end < length && this.#source[end] !== "`" && !this.#source.startsWith("${", end)) {
      end += this.#source[end] === "\\" ? 2 : 1;
    }
    const isOpen = this.#source[end] === "$";
    this.#take("string", this.#source.slice(this.#at, end), (text) => ` ${text.slice(1)}`);
    this.#at = end + (isOpen ? 2 : 1);
    if (isOpen) this.#templates.push(0);
    this.#before = isOpen ? "{" : "0";
  }

  #take(kind: Prose["kind"], text: string, clean: (text: string) => string): true {
    const line = lineAt(this.#source, this.#at);
    const words = kind === "string" ? clean(text) : withoutCode(clean(text));
    this.#found.push({ kind, text: words, line });
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source)?.[0];
  }
}

/** Blanks the marks around a block comment and at the beginning of its lines. */
function withoutMarks(comment: string): string {
  return comment.replace(/^\/\*+(?!\/)/, blank).replace(/\*+\/$/, blank)
    .replaceAll(/^[ \t]*\*/gm, blank);
}

/** Returns the line number of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
