/**
 * The argument of a task, from which the placeholders of a command take their texts.
 *
 * @module
 */

import { isList, isRawJson } from "../../util/builtins.ts";
import { parseExact } from "../../values/exact_json.ts";
import { boundedText } from "../../values/thrown.ts";
import { valueAt } from "../../values/value_at.ts";
import { JSON_FILTER, PATH_FILTERS } from "./filters.ts";

/** A part of a command that each task replaces. */
export interface Placeholder {
  /** The placeholder as written: `{path|stem}`. */
  readonly source: string;
  /** The path of the value: `key.sub`; empty for the whole value, and `#` for the task's id. */
  readonly path: string;
  /** The names of the filters, in the order in which they apply. */
  readonly filters: readonly string[];
}

/** The error of an argument that lacks the value of a placeholder. */
export class MissingValue extends TypeError {
  /** @param source the placeholder as written */
  constructor(readonly source: string, reason: string) {
    super(`the argument has no value for ${source}: ${reason}`);
  }
}

/** The argument of one task. */
export class Argument {
  #value: unknown;

  /**
   * Parses an argument.
   *
   * @param json the argument as JSON text, whose numbers keep their digits
   * @param id the task's id
   * @throws {SyntaxError} when the text is not JSON.
   */
  constructor(readonly json: string, readonly id: number) {
    // A text has no numbers, and parsing it is faster.
    this.#value = json.startsWith('"') ? JSON.parse(json) : parseExact(json);
  }

  /**
   * Returns the text that replaces a placeholder.
   *
   * @throws {TypeError} when the argument has no such value.
   * @throws {RangeError} when no program can receive the text.
   */
  textOf({ path, filters, source }: Placeholder): string {
    let value = this.#valueAt(path, source);
    for (const name of filters) {
      if (name === JSON_FILTER) value = this.#jsonOf(value);
      else if (isDictOrList(value)) {
        throw new TypeError(`${source} needs a path as text, not ${this.#jsonOf(value)}`);
      } else value = PATH_FILTERS[name]!(this.#textOf(value));
    }
    return passable(this.#textOf(value), source);
  }

  /** Returns the texts of a placeholder whose value is a list; undefined for any other value. */
  listOf({ path, filters, source }: Placeholder): string[] | undefined {
    const value = filters.length > 0 ? undefined : this.#valueAt(path, source);
    return isList(value) ? value.map((part) => passable(this.#textOf(part), source)) : undefined;
  }

  /** Returns true when the argument has a value at a path. */
  has(path: string): boolean {
    return valueAt(this.#value, path) !== undefined;
  }

  #valueAt(path: string, source: string): unknown {
    if (path === "#") return String(this.id);
    const value = path === "" ? this.#value : valueAt(this.#value, path);
    if (value !== undefined) return value;
    throw new MissingValue(source, hasText(this.#value));
  }

  /** Returns a text as it is, and any other value as JSON. */
  #textOf(value: unknown): string {
    return typeof value === "string" ? value : this.#jsonOf(value);
  }

  #jsonOf(value: unknown): string {
    return value === this.#value ? this.json : JSON.stringify(value);
  }
}

function isDictOrList(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isRawJson(value);
}

// The longest list of keys in a message.
const MAX_KEYS = 200;

/** Describes the values that an argument has. */
function hasText(value: unknown): string {
  if (isList(value)) return `it is a list of ${value.length}, whose first value is {0}`;
  if (!isDictOrList(value)) return "it has no keys, write {} for the whole argument";
  const keys = Object.keys(value).join(", ");
  return keys === "" ? "it has no keys" : `its keys are ${boundedText(keys, MAX_KEYS)}`;
}

/**
 * Returns a text that a program can receive, unchanged.
 *
 * @throws {RangeError} when the text cannot be an argument of a program.
 */
function passable(text: string, source: string): string {
  if (text.includes("\0")) {
    throw new RangeError(
      `${source} has a NUL character, which no argument of a program can contain: ` +
        "remove it from the list, or write the value to a file",
    );
  }
  if (text.isWellFormed()) return text;
  throw new RangeError(
    `${source} has half of a surrogate pair, which UTF-8 cannot represent: fix the text in the list`,
  );
}
