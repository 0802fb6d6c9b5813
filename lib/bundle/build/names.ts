/**
 * The names of the user's classes and functions in a program.
 *
 * All modules of a program share one scope, so the bundler renames what has the same name. It can
 * restore the names, but then adds code to each function that contains another one, which
 * `own_names.ts` removes again. The names are therefore restored only where it is necessary.
 *
 * @module
 */

import { loadMappings } from "../../deps.ts";
import type { SourceMap } from "../program/worker_part.ts";

/**
 * Returns true when the bundler has renamed a class or a function, or has named one without a name.
 *
 * @param code the text of the program
 * @param map its source map, which records the renamed identifiers of the user's code
 */
export async function hasRenamed(code: string, map: SourceMap): Promise<boolean> {
  if (UNNAMED.test(nameClasses(code)) || hiddenNames(code).size > 0) return true;
  if (map.names.length === 0) return false;
  const { decode } = await loadMappings(), lines = code.split("\n");
  // A segment of five numbers is the place of a renamed identifier.
  const renamed = decode(map.mappings).flatMap((segments, line) =>
    segments.filter((segment) => segment.length === 5)
      .map(([column]) => /^[\w$]+/.exec(lines[line]!.slice(column))?.[0])
  );
  return [...new Set(renamed)].some((name) => name !== undefined && isDefined(name, code));
}

/**
 * Returns the names outside of functions that are also those of a class inside of one. Nothing in
 * such a class uses its own name, or the bundler would have renamed it, so each use of the name in it
 * means the variable of a module, such as the base in `import { K as Base }`.
 */
export function hiddenNames(code: string): ReadonlySet<string> {
  const classes = new Set(
    // The bundler assigns a class with decorators to a variable of its name: both mean the class.
    Array.from(code.matchAll(CLASS))
      .filter(({ 1: name, index }) => !code.startsWith(`${name} = `, index - name!.length - 3))
      .map(([, name]) => name!),
  );
  if (classes.size === 0) return classes;
  const names = Array.from(code.matchAll(OUTER), ([, list]) => list!.split(", ")).flat();
  return classes.intersection(new Set(names));
}

const CLASS = /\bclass ([\w$]+)(?: extends [^\n]+)? \{$/gm;
const OUTER = /^(?:var|(?:async )?function\*?) ([\w$, ]+)/gm;

/** Returns true when a class or a function may get its name from an identifier. */
function isDefined(name: string, code: string): boolean {
  const word = RegExp.escape(name);
  return new RegExp(
    String.raw`\b(?:function\s*\*?|class)\s*${word}(?![\w$])|` +
      String.raw`(?<![.\w$])${word} (?:|\?\?|\|\||&&)= ${VALUE}`,
  ).test(code);
}

// The start of a class or a function that may have no name.
const VALUE = String.raw`(?:async\b|function\b|class\b|\(|[\w$]+ =>)`;

// Classes that only the bundler has named, default exports, and static fields.
const UNNAMED = new RegExp([
  String.raw`\bclass _[\w$]+(?!(?: extends [\w$.]+)? \{static\{)(?![\w$])`,
  String.raw`(?<![.\w$])_[a-z]\d* = class\b`,
  String.raw`\b(?:function\*? |class )[\w$]+_default\b`,
  String.raw`\w_default\d* = ${VALUE}`,
  String.raw`\b__publicField\d*\((?!this\b)[\w$]+, "(?:[^"\\]|\\.)*", ${VALUE}`,
].join("|"));

/** Restores the name of each class that refers to itself, which the bundler calls `K = class _K`. */
export function nameClasses(code: string): string {
  return code.replace(SELF, (_, name: string, inner: string, base = "") => {
    const value = `{value:${JSON.stringify(name)},configurable:true}`;
    const rename = `if(this.name===${JSON.stringify(inner)})` +
      `Object.defineProperty(this,"name",${value})`;
    return `${name} = class ${inner}${base} {static{${rename}}\n`;
  });
}

const SELF = /(?<![.\w$])([\w$]+) = class (_\1)( extends [\w$.]+)? \{\n/g;
