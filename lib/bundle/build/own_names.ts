/**
 * Functions that keep their names without help from the program.
 *
 * To keep names, the bundler puts a call of its function `__name` around each function. The text of
 * a function with such a call inside works only in the program, but packages also run texts of
 * functions elsewhere, such as in a worker or in a browser. The calls are therefore removed where
 * the name is already right, and replaced by a call of the language elsewhere.
 *
 * @module
 */

import { hiddenNames } from "./names.ts";

/** A part of the program that the bundler has added, or a name that it should not have left. */
interface Added {
  readonly from: number;
  readonly to: number;
  /** The text to put there. */
  readonly text: string;
}

/**
 * Removes the calls of `__name` from a program. Keeps the lines, and the columns before the end of
 * each function, so that the source map stays valid.
 *
 * @param named the program, with names
 * @param plain the same program as built without names, which tells what the bundler has added
 * @returns the program, with the calls if it differs in more than the names
 */
export function withOwnNames(named: string, plain: string): string {
  const added = OWN_OBJECT.test(plain) ? undefined : compare(named, plain);
  if (!added) return withoutHiddenNames(named, plain);
  let end = 0;
  const parts = added.sort((a, b) => a.from - b.from).map(({ from, to, text }) => {
    const before = named.slice(end, from);
    end = to;
    return before + text;
  });
  return parts.join("") + named.slice(end);
}

/** Removes the names of classes that hide a variable of a module. The calls name these classes. */
function withoutHiddenNames(named: string, plain: string): string {
  const hidden = hiddenNames(plain);
  return hidden.size === 0 ? named : named.replace(
    NAMED_CLASS,
    (head, name) => hidden.has(name) ? "class".padEnd(head.length) : head,
  );
}

const NAMED_CLASS =
  /\bclass ([\w$]+)(?=(?: extends [^\n]+)? \{\n *static \{\n *__name\d*\(this, "\1"\);)/g;

// A function in the scope of such a variable does not see the object of the language.
const OWN_OBJECT = /\b(?:var|let|const|class|function\*?) Object\b|, Object = /;

/**
 * Finds what the bundler has added; undefined when the programs differ in other places. Reads both
 * programs side by side: what only the one with names has was added.
 */
function compare(named: string, plain: string): Added[] | undefined {
  const added: Added[] = [], open: RegExpExecArray[] = [], hidden = hiddenNames(plain);
  const modules = new Modules(named);
  let at = 0, plainAt = 0;
  while (at < named.length) {
    const char = named[at]!, isLineStart = at === 0 || named[at - 1] === "\n";
    // Whole lines: the call for a declared function, or the block of a class.
    const line = isLineStart ? matchAt(LINES, named, at) : undefined;
    if (line && (!plain.startsWith(line[0], plainAt) || isRepeated(line, named))) {
      added.push(...ownLines(line, named.slice(0, at), hidden, modules));
      at += line[0].length;
      continue;
    }
    // The start of a call around an expression: `__name(`.
    const mayOpen = char === "/" || (char === "(" && named[at + 1] === "/");
    const start = mayOpen ? matchAt(OPEN, named, at) : undefined;
    const next = start && continuation(named, at + start[0].length, plain, plainAt);
    if (start && next !== undefined) {
      open.push(start);
      at += start[0].length, plainAt = next;
      continue;
    }
    // The end of such a call: `, "name")`.
    const last = char === "," && named[at + 2] === '"' ? open.at(-1) : undefined;
    const end = last && matchAt(last[0].startsWith("(") ? CLOSE_BOTH : CLOSE, named, at);
    if (end && !plain.startsWith(end[0], plainAt)) {
      added.push(...ownCall(named, open.pop()!, end));
      at += end[0].length;
      continue;
    }
    // A package may have a function of the same name, which the bundler then renames.
    const helper = char === "_" ? matchAt(HELPER, named, at) : undefined;
    const plainHelper = helper && matchAt(HELPER, plain, plainAt);
    if (helper && plainHelper) at += helper[0].length, plainAt += plainHelper[0].length;
    else if (char === plain[plainAt]) at++, plainAt++;
    else return undefined;
  }
  return plainAt === plain.length && open.length === 0 ? added : undefined;
}

/** Returns true when a package itself names the function in the next line. */
function isRepeated({ 0: line, 2: id, index }: RegExpExecArray, named: string): boolean {
  return id !== undefined && matchAt(OTHER_NAME, named, index + line.length)?.[1] === id;
}

const OTHER_NAME = /^ *__name\d+\(([\w$]+), /my;

/** Returns the place in the plain program where a named function starts; undefined elsewhere. */
function continuation(named: string, i: number, plain: string, j: number): number | undefined {
  // No function is shorter than `() => 0`.
  const start = named.slice(i, i + 7);
  return [j, j + PURE.length].find((at, isMarked) =>
    plain.startsWith(start, at) && (!isMarked || plain.startsWith(PURE, j))
  );
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const NAME = String.raw`"((?:[^"\\]|\\.)*)"`;
const PURE = "/* @__PURE__ */ ";
const OPEN = /\(?\/\* @__PURE__ \*\/ __name\(/y;
const CLOSE = new RegExp(String.raw`, ${NAME}\)`, "y");
const CLOSE_BOTH = new RegExp(String.raw`, ${NAME}\)\)`, "y");
const HELPER = /__(?:name|defProp)\d*/y;
// The call for a declared function, the block of a class, and the functions of the bundler.
const LINES = new RegExp(
  String.raw`( *)__name\(([\w$]+), ${NAME}\);\n|` +
    String.raw`( *)static \{\n *__name\(this, ${NAME}\);\n *\}\n|` +
    String
      .raw` *var (?:__name = \(\w+, \w+\) => .*|__defProp\d* = Object\.defineProperty);\n`,
  "y",
);

/** Returns lines that name a function or a class, as many as the bundler has added. */
function ownLines(
  { 0: lines, 1: indent, 2: id, 3: name, 4: blockIndent, 5: className, index }: RegExpExecArray,
  before: string,
  hidden: ReadonlySet<string>,
  modules: Modules,
): Added[] {
  const all = (text: string) => ({ from: index, to: index + lines.length, text });
  // A call that gives a function the name that it has anyway.
  if (id === name && id !== undefined) return [all("\n")];
  // A call for a function that the bundler has renamed.
  if (id !== undefined) {
    const call = `${CALL}${id}, ${property(name!)};`;
    // The module may use its functions before it declares them.
    const at = indent!.length === MODULE_INDENT ? modules.startAt(index, id) : undefined;
    return at === undefined
      ? [all(`${indent}${call}\n`)]
      : [all("\n"), { from: at, to: at, text: ` ${call}` }];
  }
  // The functions of the bundler, which other calls may need.
  if (className === undefined) return [all(lines)];
  // The block of a class.
  const start = before.lastIndexOf("\n", before.length - 2) + 1;
  const { groups, indices } = CLASS.exec(before.slice(start)) ?? {};
  const { own, variable } = groups ?? {}, isHidden = own !== undefined && hidden.has(own);
  if (!isHidden && (own ?? variable) === className) return [all("\n\n\n")];
  const named = all(`${blockIndent}static {\n${CALL}this, ${property(className)};\n}\n`);
  if (!isHidden) return [named];
  const [from, to] = indices!.groups!.own!.map((column) => start + column) as [number, number];
  // Without a name, the class does not hide the variable.
  return [{ from, to, text: " ".repeat(to - from) }, named];
}

/** The indentation of the statements of a module. */
const MODULE_INDENT = 4;

/** The modules of a program, which is read once from its start. */
class Modules {
  #lines: IterableIterator<RegExpExecArray>;
  #next: RegExpExecArray | undefined;
  /** The end of the line before the module, or before its first statement. */
  #start: number | undefined;
  #isEsm = false;
  /** The functions of ES modules, which are outside of these. */
  #outer = new Set<string>();

  constructor(text: string) {
    this.#lines = text.matchAll(MODULE_LINES);
    this.#next = this.#lines.next().value;
  }

  /**
   * Returns the place before the statements of the module at a position, which may not be before the
   * last one. Returns undefined when the module itself does not declare the function.
   */
  startAt(position: number, id: string): number | undefined {
    for (let line; (line = this.#next) && line.index < position;) {
      this.#add(line);
      this.#next = this.#lines.next().value;
    }
    return this.#isEsm && !this.#outer.has(id) ? undefined : this.#start;
  }

  #add({ 0: text, 1: esm, 2: outer, index }: RegExpExecArray): void {
    if (outer !== undefined) this.#outer.add(outer);
    else if (text === "});") this.#start = undefined;
    else {
      this.#isEsm = esm !== undefined;
      this.#start = (esm ? index : index + text.length) - 1;
    }
  }
}

// The first lines of a module, its last one, and a function of an ES module.
const MODULE_LINES =
  /^var [\w$]+ = __(?:(esm)|commonJS)\(\{\n.*\n|^\}\);|^(?:async )?function\*? ([\w$]+)\(/gm;

const CLASS =
  /(?:(?<variable>[\w$]+) = )?\bclass\b(?: (?!extends\b)(?<own>[\w$]+))?(?!.*\bclass\b)/d;

/** Returns the texts before and after a function that is the value of a variable or property. */
function ownCall(named: string, open: RegExpExecArray, close: RegExpExecArray): Added[] {
  const [before] = open, [after, name = ""] = close, to = open.index + before.length;
  const [, variable, key] = TARGET.exec(named.slice(Math.max(0, open.index - 200), open.index)) ??
    [];
  const own = matchAt(FUNCTION, named, to)?.[1];
  const isOwn = (own ?? variable ?? key) === name, hasBoth = before.startsWith("(");
  const start = (isOwn ? hasBoth ? "(" : "" : CALL).padStart(before.length);
  const end = isOwn ? hasBoth ? ")" : "" : `, ${property(name)}`;
  return [
    { from: open.index, to, text: start },
    { from: close.index, to: close.index + after.length, text: end },
  ];
}

// The name of a function in its own text.
const FUNCTION = /\(*(?:async )?function\*? ?([\w$]+)\(/y;
// The variable or the key that gives a function its name.
const TARGET = new RegExp(String.raw`(?:(?<![.\w$])([\w$]+)|${NAME})(?: (?:|\?\?|\|\||&&)=|:) $`);

const CALL = "Object.defineProperty(";

function property(name: string): string {
  return `"name", { value: "${name}", configurable: true })`;
}
