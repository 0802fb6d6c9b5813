/**
 * Converts JSON to lines: the elements of a list, or texts that follow each other.
 *
 * @module
 */

import { NEWLINE } from "../../util/bytes/bytes.ts";
import { GeojsonMembers } from "./geojson_members.ts";
import {
  AFTER,
  BEGIN,
  BROKEN,
  BROKEN_ESCAPE,
  BROKEN_STRING,
  CLASS,
  CLASS_BITS,
  CLOSE,
  COLON,
  COMMA,
  END,
  FIRST_ACTION,
  FIRST_KEY,
  FIRST_RECORD,
  FIRST_VALUE,
  isInString,
  isNumber,
  KEY,
  KEY_END,
  LOST,
  NUMBER_END,
  OPEN,
  RECORD,
  SEPARATOR,
  SKIP,
  SPACE,
  STRING_END,
  TABLE,
  TOP,
  VALUE,
  WIDE,
} from "./grammar.ts";
import { jsonReason } from "./reason.ts";
import type { LineNumbers } from "../line_numbers.ts";
import { RecordLines } from "./record_lines.ts";
import { TextCursor } from "./text_cursor.ts";

/** The options of a {@linkcode JsonScanner}. */
export interface JsonScannerOptions {
  /** The name of the file, for messages. */
  readonly name: string;
  /** Receives the line of each record. */
  readonly lines: LineNumbers;
  /** True when the file is one list, whose elements are the records. */
  readonly isList: boolean;
  /** True when the features of a FeatureCollection are records. */
  readonly isGeojson: boolean;
  /** Receives the coordinate reference system of a FeatureCollection, before and after its features. */
  readonly onCrs: (crs: string | undefined) => void;
}

const LIST = 91, OBJECT = 123;
const AFTER_LIST =
  "text follows the end of the list, several lists are ndjson with one on each line";

/**
 * Copies the records in chunks of JSON to lines, without the white space between their tokens.
 *
 * The grammar checks each byte, so that an error has its exact place. Of a broken record, only the
 * strings and the brackets are followed, to find its end.
 */
export class JsonScanner {
  /** The lines of the records. */
  readonly records: RecordLines;
  /** The number of values that are not in a list or an object. */
  texts = 0;
  /** The number of FeatureCollections. */
  collections = 0;
  /** True when the rest of the file cannot be read. */
  isStopped = false;
  #options: JsonScannerOptions;
  #cursor: TextCursor;
  #state = TOP;
  /** The brackets around the current value, from 1. */
  #stack: number[] = [0];
  #depth = 0;
  /** The depth of the values that are records. */
  #base = 0;
  /** True when an RS precedes each text. */
  #isSequence = false;
  #members: GeojsonMembers | undefined;

  constructor(options: JsonScannerOptions) {
    this.#options = options;
    this.#cursor = new TextCursor(options.name);
    this.records = new RecordLines(options.lines);
  }

  /** Reads a chunk. */
  feed(chunk: Uint8Array): void {
    const { records } = this, cursor = this.#cursor;
    // A record of one byte takes two.
    records.reserve(2 * chunk.length);
    cursor.begin(chunk);
    let { bytes, length } = records, state = this.#state;
    for (let at = 0; at < chunk.length && !this.isStopped; at++) {
      const byte = chunk[at]!, next = TABLE[state << CLASS_BITS | CLASS[byte]!]!;
      if (next < FIRST_ACTION) {
        bytes[length++] = byte;
        state = next;
        continue;
      }
      if (next === SKIP) continue;
      cursor.at = at, records.length = length, this.#state = state;
      this.#act(next, byte);
      at = cursor.at, { bytes, length } = records, state = this.#state;
    }
    records.length = length, this.#state = state;
    if (records.broken !== "" || state === LOST) records.drop();
    else if (this.#base === 0 && this.#depth > 1) this.#members?.drop(records);
  }

  /** Ends the file. A record that is not complete is broken. */
  end(): void {
    // The place of an error is the end of the last chunk.
    this.#cursor.begin(new Uint8Array(0));
    if (!this.isStopped) this.#endTexts();
  }

  #act(action: number, byte: number): void {
    switch (action) {
      case SPACE:
        return this.#space(byte);
      case BEGIN:
        return this.#begin(byte);
      case NUMBER_END:
        return this.#again(AFTER);
      case KEY_END:
        return this.#endKey(byte);
      case STRING_END:
        return this.#endString(byte);
      case WIDE:
        this.#cursor.wide(byte);
        return this.#copy(byte, this.#state === BROKEN_ESCAPE ? BROKEN_STRING : this.#state);
      case COMMA:
        return this.#comma(byte);
      case OPEN:
        return this.#open(byte);
      case CLOSE:
        return this.#close(byte);
      default:
        return this.#error(byte);
    }
  }

  #copy(byte: number, state: number): void {
    this.records.bytes[this.records.length++] = byte;
    this.#state = state;
  }

  /** Reads the current byte again in another state. */
  #again(state: number): void {
    this.#state = state;
    this.#cursor.at--;
  }

  #space(byte: number): void {
    const state = this.#state;
    if (byte === NEWLINE) this.#cursor.endLine();
    if (byte === SEPARATOR) this.#isSequence = true;
    if (state === BROKEN_ESCAPE) this.#state = BROKEN_STRING;
    if (this.#depth > 0) return;
    if (state === AFTER || (state === BROKEN && byte === NEWLINE)) this.#endRecord();
  }

  #begin(byte: number): void {
    const { isList, isGeojson } = this.#options;
    if (this.#state === TOP) {
      this.texts++;
      if (isList) return this.#openRecords(1);
      this.#members = isGeojson && byte === OBJECT ? new GeojsonMembers() : undefined;
    }
    this.records.begin(this.#cursor.line);
    this.#again(VALUE);
  }

  #openRecords(depth: number): void {
    this.#depth = this.#base = depth;
    this.#stack[depth] = LIST;
    this.records.drop();
    this.#state = FIRST_RECORD;
  }

  #endRecord(): void {
    this.records.end();
    this.#state = this.#base === 0 ? TOP : RECORD;
  }

  #endKey(byte: number): void {
    this.#copy(byte, COLON);
    if (this.#depth === 1) this.#members?.endKey(this.records);
  }

  #endString(byte: number): void {
    this.#copy(byte, AFTER);
    if (this.#depth === 0) this.#endRecord();
    else if (this.#depth === 1) this.#members?.endText(this.records);
  }

  #comma(byte: number): void {
    const isBroken = this.#state === BROKEN;
    if (this.#depth === 0) return isBroken ? this.#copy(byte, BROKEN) : this.#error(byte);
    if (this.#depth === this.#base) return this.#endRecord();
    const next = this.#stack[this.#depth] === OBJECT ? KEY : VALUE;
    this.#copy(byte, isBroken ? BROKEN : next);
    if (this.#depth === 1) this.#members?.begin(this.records);
  }

  #open(byte: number): void {
    const isBroken = this.#state === BROKEN;
    if (byte === LIST && this.#depth === 1 && this.#members?.isAtFeatures) {
      return this.#openFeatures(this.#members);
    }
    this.#stack[++this.#depth] = byte;
    this.#copy(byte, isBroken ? BROKEN : byte === OBJECT ? FIRST_KEY : FIRST_VALUE);
    if (this.#depth === 1) this.#members?.begin(this.records);
  }

  #openFeatures(members: GeojsonMembers): void {
    if (members.hasFeatures) {
      return this.#stop("its FeatureCollection has a second list of features");
    }
    members.hasFeatures = true;
    this.collections++;
    this.#options.onCrs(members.crs);
    this.#openRecords(2);
  }

  #close(byte: number): void {
    const isBroken = this.#state === BROKEN;
    if (this.#depth === 0) return isBroken ? this.#copy(byte, BROKEN) : this.#error(byte);
    if (this.#stack[this.#depth] !== byte - 2) return this.#stop(this.#reason());
    if (this.#depth === this.#base) return this.#closeRecords();
    this.#depth--;
    this.#copy(byte, isBroken ? BROKEN : AFTER);
    if (this.#depth === 0) this.#endText();
    else if (this.#depth === 1) this.#members?.endValue(this.records);
  }

  #closeRecords(): void {
    if (this.#state !== FIRST_RECORD) this.#endRecord();
    this.#state = this.#base === 1 ? END : AFTER;
    this.#depth--;
    this.#base = 0;
  }

  #endText(): void {
    const members = this.#members;
    this.#members = undefined;
    if (!members?.isCollection) return this.#endRecord();
    if (!members.hasFeatures) {
      return this.#bad(this.#cursor.error("its FeatureCollection has no features"));
    }
    this.#options.onCrs(members.crs);
    this.records.drop();
    this.#state = TOP;
  }

  #error(byte: number): void {
    const { isList } = this.#options;
    if (byte === SEPARATOR && !isList) return this.#restart();
    if (this.records.broken !== "") return;
    if (this.#state === END) return this.#stop(AFTER_LIST);
    if (this.#base === 0) {
      if (this.#members?.isCollection) {
        return this.#stop("a member beside the features is not JSON");
      }
      this.#members = undefined;
    }
    this.records.broken = this.#cursor.error(this.#reason());
    this.#again(isInString(this.#state) ? BROKEN_STRING : BROKEN);
  }

  /** Ends the last text, and the record in it that is not complete. */
  #endTexts(): void {
    if ([TOP, END, LOST].includes(this.#state)) return;
    // The last number of a list may lack digits.
    const isWhole = this.records.broken !== "" || this.#state === AFTER ||
      (this.#depth === 0 && isNumber(this.#state));
    if (this.#depth === this.#base && isWhole) this.#endRecord();
    if (this.#state === TOP) return;
    if (this.records.broken === "") {
      this.#bad(this.#cursor.error("the text ends early, its JSON is not complete"));
    } else this.#stop("");
  }

  /** Begins the next text of a sequence, also when the last one is not complete. */
  #restart(): void {
    this.#isSequence = true;
    this.#endTexts();
    this.records.drop();
    this.#depth = this.#base = 0;
    this.#members = undefined;
    this.#state = TOP;
  }

  /** Adds a record that cannot be read. */
  #bad(message: string): void {
    this.records.begin(this.#cursor.line);
    this.records.broken = message;
    this.#endRecord();
  }

  /** Ends the file, or a text of a sequence, at a place after which its structure is unknown. */
  #stop(reason: string): void {
    const message = this.records.broken || this.#cursor.error(reason);
    this.#bad(`${message}, the rest of the ${this.#isSequence ? "text" : "file"} is not read`);
    if (this.#isSequence) this.#state = LOST;
    else this.isStopped = true;
  }

  /** Returns the reason of `JSON.parse` for an error at the current byte. */
  #reason(): string {
    const { bytes, start, length } = this.records;
    // White space between two tokens is not copied.
    const blank = this.#state === AFTER ? " " : "";
    return jsonReason(bytes.subarray(start, length), blank, this.#cursor.rest);
  }
}
