/**
 * The template of a command for a shell.
 *
 * The values of a task are parameters of the script, which become variables, and never a part of its
 * text. A shell does not parse the values of variables, so no value can run a command, whatever the
 * quotes around its placeholder are.
 *
 * @module
 */

import { boundedText } from "../../values/thrown.ts";
import type { Argument, Placeholder } from "./argument.ts";
import { PartReader, placeholderInVariable, type Template, type WordPart } from "./parts.ts";
import { type ShellPlace, shellPlaces } from "./shell_places.ts";

/** A placeholder in a script. */
interface Slot {
  readonly placeholder: Placeholder;
  readonly place: ShellPlace;
  /** True when it is a whole word, which may become several. */
  readonly isWord: boolean;
}

/** A piece of a script. */
type Piece = string | Slot;

/**
 * Returns the template of a script.
 *
 * @throws {SyntaxError} when a filter is unknown, a placeholder is where the shell replaces nothing,
 * or the script is for another shell.
 */
export function shellScript(text: string): Template {
  checkScript(text);
  const parts = new PartReader().read(text, true), pieces = toPieces(parts);
  return {
    placeholders: parts.filter((part) => typeof part !== "string"),
    program: SHELL,
    fill(argument) {
      const values: string[] = [];
      const script = pieces.map((piece) =>
        typeof piece === "string" ? piece : references(piece, argument, values)
      ).join("");
      return [SHELL, "-c", assignments(values.length) + script, SHELL, ...values];
    },
  };
}

/** @throws {SyntaxError} for a script that `sh` would run otherwise than its author means. */
function checkScript(text: string): void {
  const shell = otherShell(text);
  if (shell !== undefined) {
    throw new SyntaxError(
      `its first line names ${shell}, but --shell runs sh: write -- ${shell} FILE {}, or ` +
        "leave out the line",
    );
  }
  const source = placeholderInVariable(text);
  if (source === undefined) return;
  throw new SyntaxError(
    `${source} is inside \${...}, where the shell takes the braces: write v=${source} before, and ` +
      "$v in its place",
  );
}

/** Returns the interpreter that the first line of a script names; undefined when it is `sh`. */
function otherShell(text: string): string | undefined {
  const [, path, first] = /^#![ \t]*(\S+)(?:[ \t]+(\S+))?/.exec(text) ?? [];
  const name = path?.replace(/.*\//, "") === "env" ? first : path?.replace(/.*\//, "");
  return name === undefined || /^(?:da|a)?sh$/.test(name) ? undefined : name;
}

const SHELL = "sh", VARIABLE = "dl_jobs_";

/**
 * Returns the start of a script, which moves the parameters to variables: in a function, and after
 * `set` and `shift`, the parameters are others. The script itself has no parameters.
 */
function assignments(count: number): string {
  const texts = Array.from({ length: count }, (_, i) => `${VARIABLE}${i + 1}=\${${i + 1}}`);
  return count === 0 ? "" : `${texts.join(" ")}; set --; `;
}

function toPieces(parts: readonly WordPart[]): Piece[] {
  const places = shellPlaces(parts).values();
  return parts.map((part, i) => {
    if (typeof part === "string") return part;
    const place = places.next().value!;
    if (place === "quoted here-document") {
      throw new SyntaxError(
        `${part.source} is in a here-document whose word has quotes, so that the shell keeps the ` +
          "text as it is: leave out the quotes, as in <<END",
      );
    }
    if (place === "escaped") {
      throw new SyntaxError(
        `${part.source} is after a backslash, which would change what the shell reads: write two ` +
          `backslashes before the value, or {${part.source}} for the text`,
      );
    }
    const [before = " ", after = " "] = [parts[i - 1], parts[i + 1]];
    const isWord = place === "command" && BEFORE.test(String(before)) && AFTER.test(String(after));
    return { placeholder: part, place, isWord };
  });
}

const BEFORE = /[\s;|&(`]$/, AFTER = /^[\s;|&)`<>]/;

/** Adds the values of a placeholder to the parameters, and returns their text in the script. */
function references(
  { placeholder, place, isWord }: Slot,
  argument: Argument,
  values: string[],
): string {
  const list = isWord ? argument.listOf(placeholder) : undefined;
  const texts = list ?? [argument.textOf(placeholder)];
  if (place === "arithmetic") checkInteger(texts[0]!, placeholder);
  const found = texts.map((text) => `\${${VARIABLE}${values.push(text)}}`);
  if (place !== "command" && place !== "'") return found.join(" ");
  const quoted = found.map((one) => `"${one}"`).join(" ");
  return place === "'" ? `'${quoted}'` : quoted;
}

/** @throws {TypeError} for anything but an integer: bash runs commands in other expressions. */
function checkInteger(text: string, { source }: Placeholder): void {
  if (/^-?\d+$/.test(text)) return;
  throw new TypeError(`${source} needs an integer inside $((...)), not ${boundedText(text, 200)}`);
}
