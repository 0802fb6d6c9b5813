/**
 * A column of a Parquet file, value by value.
 *
 * @module
 */

import type { ByteWriter } from "../../util/bytes/bytes.ts";
import type { Notice } from "../format.ts";
import type { PageValues } from "./page.ts";
import { writeString, type WriteValue } from "./values.ts";

/** The options of a {@linkcode Column}. */
export interface ColumnOptions {
  readonly name: string;
  /** The level of definition of a value that is not null. */
  readonly maxDefinition: number;
  readonly pages: Iterator<PageValues, undefined>;
  readonly write: WriteValue;
  /** Receives the reason when a value cannot be written. */
  readonly reject: (reason: string) => void;
  /** Receives a fact about the values that the user should know. */
  readonly notice: Notice;
}

/** A cursor on the values of a column in one row group. */
export class Column {
  /** The level of repetition of the current value, 0 for the first value of a row. */
  repetition = 0;
  /** The level of definition of the current value, -1 after the last value. */
  definition = -1;
  #options: ColumnOptions;
  #isText: boolean;
  #page: PageValues | undefined;
  /** The number of values in the page that have not been reached. */
  #rest = 0;

  /** Moves to the first value. */
  constructor(options: ColumnOptions) {
    this.#options = options;
    this.#isText = options.write === writeString;
    this.next();
  }

  /** The name of the column. */
  get name(): string {
    return this.#options.name;
  }

  /** Reports that values are not kept as they are. */
  noticeChange(fact: string): void {
    this.#options.notice(fact, true);
  }

  /** Moves to the next value. */
  next(): void {
    while (this.#rest === 0) {
      this.#page = this.#options.pages.next().value;
      if (!this.#page) return this.#end();
      this.#rest = this.#page.count;
    }
    this.#rest--;
    const { repetition, definition } = this.#page!;
    this.repetition = repetition ? repetition.next() : 0;
    this.definition = definition ? definition.next() : this.#options.maxDefinition;
  }

  /** Writes the current value, which is not null. Must be called once for each such value. */
  write(out: ByteWriter): void {
    const { values } = this.#page!;
    if (this.#isText && values.copyText?.(out)) return;
    const start = out.length, value = values.next();
    try {
      this.#options.write(out, value as never);
    } catch (error) {
      // The rest of the row must be passed, too.
      out.length = start;
      out.text("null");
      this.#options.reject(`its ${this.name}: ${(error as Error).message}`);
    }
  }

  #end(): void {
    this.repetition = 0;
    this.definition = -1;
  }
}
