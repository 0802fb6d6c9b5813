/**
 * Converts the bytes of CSV to lines of JSON.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180}
 * @module
 */

import { concatBytes, NEWLINE } from "../../util/bytes/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import type { CellTypes } from "./cell_types.ts";
import { ACTIONS as DO, actionsFor, STATES as IN } from "./states.ts";
import { MARKED } from "../../ndjson/bad_line.ts";
import { hasMark } from "../encoding.ts";
import { badRecord, MAX_RECORD, NOT_TEXT, TOO_LONG } from "../format.ts";
import { JsonLines } from "../json/json_lines.ts";
import type { LineNumbers } from "../line_numbers.ts";
import { ARRAYS, type RowFrame } from "./row_frame.ts";
import { counted } from "../../util/text/counted.ts";

/** A file of CSV, and the form of its records in JSON. */
export interface CsvSettings {
  /** The name of the file, for errors. */
  readonly name: string;
  /** The byte between two cells. */
  readonly delimiter: number;
  /** False when quotes are text. @default {true} */
  readonly hasQuotes?: boolean | undefined;
  /** The number of the first line. */
  readonly line: number;
  /** Receives the line of each record. */
  readonly lines: Pick<LineNumbers, "set">;
  /**
   * Returns the form of the other records for the cells of the first one.
   * @default {the first record is not a header, and records become arrays}
   */
  readonly header?: ((cells: readonly string[]) => RowFrame) | undefined;
  /** Converts cells to other values than text. @default {cells are texts} */
  readonly types?: CellTypes | undefined;
}

// The largest number of bytes that a step writes, without the JSON before a cell.
const MAX_STEP = 16;
const CR = 13, MARK_SIZE = 3;
const EMPTY = new Uint8Array(0);

/**
 * Reads records in pieces of any size, in memory for the longest of them.
 *
 * When the quotes of a record are wrong, only its first line is lost: the next line is read as a
 * record, because a single quote would otherwise take many good records with it.
 *
 * @example
 * ```ts
 * import { CsvRows } from "./rows.ts";
 * import { LineNumbers } from "../line_numbers.ts";
 *
 * const rows = new CsvRows({ name: "a.csv", delimiter: 44, line: 1, lines: new LineNumbers() });
 * const blocks = [rows.read(new TextEncoder().encode('1,"a\nb"\n2')), rows.finish()];
 * const text = blocks.map((block) => new TextDecoder().decode(block)).join("");
 * if (text !== '["1","a\\nb"]\n["2"]\n') throw new Error(text);
 * ```
 */
export class CsvRows {
  #settings: CsvSettings;
  #actions: Uint8Array;
  #frame = ARRAYS;
  #isHeader: boolean;
  #out = new JsonLines();
  #state: number = IN.row;
  #input: Uint8Array = EMPTY;
  #at = 0;
  /** The byte before the input. */
  #previous = 0;
  /** The parts of the record in earlier inputs, their size, and its place in this input. */
  #earlier: Uint8Array[] = [];
  #size = 0;
  #from = 0;
  #line: number;
  #firstLine = 0;
  #records = 0;
  #column = 0;
  /** True when a byte order mark begins the record, which is part of a cell only inside of quotes. */
  #isMarked = false;
  /** The place in the output at which the cell begins. */
  #cell = 0;

  /** Creates a reader at the start of a record. */
  constructor(settings: CsvSettings) {
    this.#settings = settings;
    this.#actions = actionsFor(settings.delimiter, settings.hasQuotes ?? true);
    this.#isHeader = settings.header !== undefined;
    this.#line = settings.line;
  }

  /**
   * Reads bytes.
   *
   * @returns the lines of the records that are complete.
   * @throws {UsageError} when the header cannot be read.
   */
  read(bytes: Uint8Array): Uint8Array {
    this.#setInput(bytes);
    this.#run();
    return this.#out.take();
  }

  /** Reads the last record, which may lack its end. */
  finish(): Uint8Array {
    while (this.#state === IN.quoted) {
      this.#fail(notClosed(this.#column));
      this.#run();
    }
    if (this.#isInRecord()) this.#endRow();
    return this.#out.take();
  }

  #run(): void {
    do {
      while (this.#at < this.#input.length) {
        this.#out.reserve(this.#input.length - this.#at + this.#frame.longest + MAX_STEP);
        this.#copy();
        if (this.#at < this.#input.length) this.#step(this.#input[this.#at]!);
      }
      this.#keep();
    } while (this.#at < this.#input.length);
  }

  /** Copies the bytes before the next one that is more than text. */
  #copy(): void {
    const input = this.#input, actions = this.#actions, state = this.#state;
    const { bytes } = this.#out;
    let at = this.#at, end = this.#out.end;
    while (at < input.length && actions[state + input[at]!] === DO.copy) {
      bytes[end++] = input[at++]!;
    }
    this.#at = at;
    this.#out.end = end;
  }

  #step(byte: number): void {
    switch (this.#actions[this.#state + byte]) {
      case DO.begin:
        return this.#beginRow();
      case DO.start:
        this.#state = IN.bare;
        return;
      case DO.refuse:
        return this.#fail(textAfter(this.#column));
      case DO.open:
        this.#state = IN.quoted;
        break;
      case DO.close:
        this.#state = IN.closed;
        break;
      case DO.double:
        this.#state = IN.quoted;
        this.#out.appendEscaped(byte);
        break;
      case DO.escape:
        this.#out.appendEscaped(byte);
        this.#countLine(byte);
        break;
      case DO.next:
        this.#endCell();
        this.#beginCell(this.#column + 1);
        break;
      case DO.end:
        this.#endRow();
        this.#countLine(byte);
        break;
      case DO.pass:
        this.#state = IN.row;
        this.#countLine(byte);
    }
    this.#at++;
  }

  #beginRow(): void {
    this.#from = this.#at;
    this.#earlier = [];
    this.#size = 0;
    this.#firstLine = this.#line;
    this.#beginCell(0);
  }

  #beginCell(column: number): void {
    this.#column = column;
    this.#out.append(this.#frame.before[column] ?? this.#frame.beforeMore);
    this.#cell = this.#out.end - this.#out.start;
    this.#state = IN.cell;
  }

  #endCell(): void {
    const { types } = this.#settings;
    if (this.#column === 0) {
      const { bytes, start, end } = this.#out, at = start + this.#cell;
      this.#isMarked = this.#state === IN.bare && end - at >= MARK_SIZE && hasMark(bytes, at);
    }
    if (types && !this.#isHeader) {
      types.endCell(this.#out, this.#out.start + this.#cell, this.#column);
    } else this.#out.quote();
  }

  #endRow(): void {
    this.#endCell();
    const { count, after } = this.#frame, cells = this.#column + 1;
    this.#state = IN.row;
    if (this.#isMarked) return this.#addBad(MARKED);
    if (count !== undefined && cells !== count) {
      const last = this.#line > this.#firstLine ? ` (up to line ${this.#line})` : "";
      return this.#addBad(`it has ${counted(cells, "cell")}, the header has ${count}${last}`);
    }
    this.#out.append(after);
    if (this.#isHeader) return this.#takeHeader();
    this.#settings.types?.endRow(cells);
    this.#out.endLine();
    this.#settings.lines.set(this.#records++, this.#firstLine);
  }

  #takeHeader(): void {
    const text = this.#out.takeText();
    if (text === undefined) return this.#addBad(NOT_TEXT);
    this.#frame = this.#settings.header!(JSON.parse(text));
    this.#isHeader = false;
  }

  /** Adds a record that fails for its first line, and returns to the line after it. */
  #fail(reason: string): void {
    const next = this.#line > this.#firstLine && !this.#isHeader
      ? ` (line ${this.#firstLine + 1} is read as a record)`
      : "";
    this.#addBad(reason + next);
    const rest = this.#input.subarray(this.#from);
    this.#setInput(this.#earlier.length > 0 ? concatBytes([...this.#earlier, rest]) : rest);
    this.#state = IN.skipped;
    this.#line = this.#firstLine;
  }

  #addBad(reason: string): void {
    const text = badRecord(this.#settings.name, this.#firstLine, reason);
    if (this.#isHeader) throw new UsageError(text);
    this.#out.replaceLine(text);
    this.#settings.lines.set(this.#records++, this.#firstLine);
  }

  #setInput(bytes: Uint8Array): void {
    this.#input = bytes;
    this.#at = this.#from = 0;
  }

  /** Keeps the part of the record in the input, which must be read again if its quotes are wrong. */
  #keep(): void {
    this.#previous = this.#input.at(-1) ?? this.#previous;
    const part = this.#isInRecord() ? this.#input.slice(this.#from) : EMPTY;
    this.#setInput(EMPTY);
    if (part.length === 0) return;
    this.#earlier.push(part);
    this.#size += part.length;
    // A record with a quote that is not closed ends here, too.
    if (this.#size <= MAX_RECORD) return;
    this.#fail(this.#state === IN.quoted ? `${TOO_LONG}, or ${notClosed(this.#column)}` : TOO_LONG);
  }

  #isInRecord(): boolean {
    return this.#state !== IN.row && this.#state !== IN.skipped;
  }

  /** Counts a line break. CR, LF and CR LF are one each. */
  #countLine(byte: number): void {
    const previous = this.#at > 0 ? this.#input[this.#at - 1] : this.#previous;
    if (byte === CR || (byte === NEWLINE && previous !== CR)) this.#line++;
  }
}

function textAfter(column: number): string {
  return `text follows the closing quote in column ${column + 1}, double the quotes inside of a ` +
    "cell, or pass --no-quotes";
}

function notClosed(column: number): string {
  return `the quote in column ${column + 1} is not closed, pass --no-quotes if it is text`;
}
