/**
 * Patterns of paths, as in bash: `*`, `?`, `[a-z]`, `{a,b}` and `**`.
 *
 * @see https://www.gnu.org/software/bash/manual/html_node/Pattern-Matching.html
 *
 * @module
 */

/** A part of a pattern, between slashes. */
export type PathPart =
  /** A name without special characters. */
  | { readonly type: "name"; readonly name: string }
  /** A pattern of names. */
  | { readonly type: "pattern"; readonly matches: (name: string) => boolean }
  /** Any number of folders: `**`. In bash, the last one may be a link, unless the pattern starts so. */
  | { readonly type: "folders"; readonly entersLinks: boolean };

/** A pattern, split at its slashes. */
export interface PathPattern {
  /** The folder in which it starts: `""` or `/`. */
  readonly root: string;
  readonly parts: readonly PathPart[];
  /** True when the pattern ends with a slash, so that only folders match. */
  readonly isFolder: boolean;
}

/** Parses a pattern. Alternatives in braces become patterns of their own. */
export function parsePatterns(text: string): PathPattern[] {
  return alternatives(text).map((one) => ({
    root: one.startsWith("/") ? "/" : "",
    parts: partsOf(one),
    isFolder: /[^/]\/+$/.test(one),
  }));
}

function partsOf(text: string): PathPart[] {
  const parts = text.split("/").filter((part) => part !== "");
  return parts.filter((part, i) => part !== "**" || parts[i - 1] !== "**")
    .map((part, i) => parsePart(part, i > 0 || text.startsWith("/")));
}

function parsePart(text: string, entersLinks: boolean): PathPart {
  if (text === "**") return { type: "folders", entersLinks };
  if (!/[*?[]/.test(text.replace(/\\./gsu, ""))) {
    return { type: "name", name: text.replace(/\\(.)/gsu, "$1") };
  }
  const regex = new RegExp(`^${toRegex(text)}$`, "su");
  // A leading dot must be written, because it hides a name.
  const isHidden = /^\\?\./.test(text);
  const matches = (name: string) => (isHidden || !name.startsWith(".")) && regex.test(name);
  return { type: "pattern", matches };
}

const TOKEN = /\\(.)|\[(!|\^)?(\]?(?:\[:\w+:\]|\\.|[^\]\\])*)\]|(\*+)|(\?)|(.)/gsu;

function toRegex(text: string): string {
  return text.replaceAll(TOKEN, (token, escaped, not, set, stars, any, char) => {
    if (set !== undefined) return setRegex(set, not !== undefined) ?? literal(token);
    if (stars !== undefined) return ".*";
    return any !== undefined ? "." : literal(escaped ?? char);
  });
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "\\p{L}",
  digit: "0-9",
  alnum: "\\p{L}\\p{N}",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s",
  punct: "\\p{P}\\p{S}",
  xdigit: "0-9A-Fa-f",
};

/** Returns the expression of a set of characters; `undefined` when it is not one. */
function setRegex(set: string, isNegated: boolean): string | undefined {
  if (set === "") return undefined;
  const inner = set.replaceAll(
    /\[:(\w+):\]|\\(.)|(.)(?:-(.))?/gsu,
    (_all, name, escaped, from, to) => {
      if (name !== undefined) return CLASSES[name] ?? "";
      if (escaped !== undefined) return literal(escaped);
      return literal(from) + (to === undefined ? "" : `-${literal(to)}`);
    },
  );
  const regex = `[${isNegated ? "^" : ""}${inner}]`;
  try {
    // A range may descend, such as z-a.
    new RegExp(regex, "u");
    return regex;
  } catch {
    return undefined;
  }
}

function literal(char: string): string {
  // A hyphen may have a backslash only inside of a set.
  return char.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&").replaceAll("-", "\\x2d");
}

/** Returns a text with each alternative in place of its braces. */
function alternatives(text: string): string[] {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") {
      const found = braceAt(text, at);
      if (!found) continue;
      const rest = alternatives(text.slice(found.end));
      const start = text.slice(0, at);
      return found.options.flatMap(alternatives).flatMap((one) =>
        rest.map((end) => start + one + end)
      );
    }
  }
  return [text];
}

/** Splits a pair of braces at its commas; returns `undefined` when it has none. */
function braceAt(text: string, start: number): { end: number; options: string[] } | undefined {
  const options: string[] = [];
  let depth = 0, from = start + 1;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "{") depth++;
    else if (depth === 1 && (char === "," || char === "}")) {
      options.push(text.slice(from, at));
      from = at + 1;
      if (char === "}") return options.length > 1 ? { end: from, options } : undefined;
    } else if (char === "}") depth--;
  }
  return undefined;
}
