/**
 * Values that a script reads from lines of JSON.
 *
 * @module
 */

import { hasBigNumbers } from "../util/bytes/byte_scan.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseArguments } from "./big_numbers.ts";
import type { ValuePolicy } from "./policy.ts";
import { ValueChanges } from "./value_changes.ts";

/** Parses values, and warns once about numbers that the script receives in another form. */
export class ValueReader implements Disposable {
  #name: string;
  #policy: ValuePolicy;
  #changes: ValueChanges;

  /**
   * Starts to read.
   *
   * @param name the name of the values in the warning
   * @param policy the form of integers beyond 2^53
   * @param advice the way to receive all digits of integers
   */
  constructor(name: string, policy: ValuePolicy, advice: string) {
    this.#name = name;
    this.#policy = policy;
    this.#changes = new ValueChanges(advice);
  }

  /**
   * Returns the function that parses lines of JSON.
   *
   * @param bytes the lines
   */
  parserOf(bytes: Uint8Array): (line: string) => unknown {
    return hasBigNumbers(bytes) ? this.parse : parseJson;
  }

  /** Parses a line that may contain big numbers. */
  readonly parse = (line: string): unknown =>
    parseArguments(line, this.#policy, (change, source) => this.#changes.add(change, source));

  /** Warns about the numbers, if any. */
  [Symbol.dispose](): void {
    for (const text of this.#changes.texts(this.#name)) console.warn(`Warning: ${text}`);
  }
}
