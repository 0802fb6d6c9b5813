/**
 * Writes the values of one column of a Parquet file as JSON, with all digits.
 *
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md}
 *
 * @module
 */

import type { ParquetElement } from "../../deps.ts";
import type { ByteWriter } from "../../util/bytes/bytes.ts";
import { jsonError } from "../../util/try_json.ts";
import {
  decimalText,
  float16,
  fromBytes,
  int96Nanos,
  intervalText,
  writeDecimal,
  writeShortFloat,
} from "./numbers.ts";
import { crsFact, isWgs84 } from "../crs.ts";
import type { Notice } from "../format.ts";
import { isPlain } from "./plain.ts";
import { dateText, timeOfDayText, timestampText } from "./times.ts";
import { readWkb } from "./wkb.ts";

/** Writes one value. A value that JSON cannot represent is an error, with the reason. */
export type WriteValue = (out: ByteWriter, value: never) => void;

/** The parts of a reader that values need. */
export interface ValueContext {
  /** Receives a fact about the values of a column, as a {@linkcode Notice} does, each fact once. */
  readonly notice: (column: string, ...fact: Parameters<Notice>) => void;
}

/**
 * Returns the function that writes the values of a column.
 *
 * @param column the name of the column, for messages
 */
export function valueWriter(
  element: ParquetElement,
  column: string,
  context: ValueContext,
): WriteValue {
  const notice: Notice = (...fact) => context.notice(column, ...fact);
  const { type } = element, kind = kindOf(element);
  if (kind === "GEOMETRY" || kind === "GEOGRAPHY") {
    const crs = crsOf(element);
    if (crs !== undefined && !isWgs84(crs)) notice(crsFact(crs));
    return (out, bytes: Uint8Array) => out.text(JSON.stringify(readWkb(bytes, notice)));
  }
  if (kind === "DECIMAL") return decimalWriter(scaleOf(element));
  if (kind === "TIMESTAMP") return timeWriter(element, timestampText);
  if (kind === "TIME") return timeWriter(element, timeOfDayText);
  if (kind === "FLOAT16") return (out, bytes) => writeFloat(out, float16(bytes), notice);
  const write = WRITERS[kind ?? ""] ?? (isUnsigned(element) ? UNSIGNED : PHYSICAL)[type!];
  if (write) return write;
  if (type === "FLOAT" || type === "DOUBLE") return (out, value) => writeFloat(out, value, notice);
  notice(`is binary${kind === undefined ? "" : ` (${kind})`}, its values become base64 text`);
  return (out, bytes: Uint8Array) => out.text(`"${bytes.toBase64()}"`);
}

/** Converts the types of old files to the types of new ones. */
const KINDS: Readonly<Record<string, string>> = {
  UTF8: "STRING",
  TIME_MILLIS: "TIME",
  TIME_MICROS: "TIME",
  TIMESTAMP_MILLIS: "TIMESTAMP",
  TIMESTAMP_MICROS: "TIMESTAMP",
};

function kindOf(
  { logical_type: logical, converted_type: converted }: ParquetElement,
): string | undefined {
  return logical?.type ?? (converted && (KINDS[converted] ?? converted));
}

function scaleOf({ logical_type: logical, scale }: ParquetElement): number {
  return logical?.type === "DECIMAL" ? logical.scale : scale ?? 0;
}

function crsOf({ logical_type: logical }: ParquetElement): string | undefined {
  return logical?.type === "GEOMETRY" || logical?.type === "GEOGRAPHY" ? logical.crs : undefined;
}

function isUnsigned({ logical_type: logical, converted_type: converted }: ParquetElement): boolean {
  return logical?.type === "INTEGER" ? !logical.isSigned : converted?.startsWith("UINT") === true;
}

const UNSIGNED: Readonly<Record<string, WriteValue>> = {
  INT32: (out, value: number) => out.number(value >>> 0),
  INT64: (out, value: number | bigint) => writeInteger(out, BigInt.asUintN(64, BigInt(value))),
};

const PHYSICAL: Readonly<Record<string, WriteValue>> = {
  BOOLEAN: (out, value: boolean) => out.text(value ? "true" : "false"),
  INT32: (out, value: number) => out.number(value),
  INT64: writeInteger,
  INT96: (out, value: bigint) => out.text(`"${timestampText(int96Nanos(value), 9, false)}"`),
};

/** The writers of logical types. */
const WRITERS: Readonly<Record<string, WriteValue>> = {
  STRING: writeString,
  ENUM: writeString,
  JSON: writeJson,
  UUID: (out, bytes: Uint8Array) =>
    out.text(`"${bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}"`),
  NULL: (out) => out.text("null"),
  DATE: (out, days: number) => out.text(`"${dateText(days)}"`),
  INTERVAL: (out, bytes: Uint8Array) => out.text(`"${intervalText(bytes)}"`),
};

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const QUOTE = 34;

/** Copies text that JSON writes as it is. Most texts are copied, which is ten times faster. */
export function writeString(out: ByteWriter, bytes: Uint8Array): void {
  if (!isPlain(bytes, 0, bytes.length)) return out.text(JSON.stringify(decode(bytes)));
  out.byte(QUOTE);
  out.append(bytes);
  out.byte(QUOTE);
}

function writeJson(out: ByteWriter, bytes: Uint8Array): void {
  const text = decode(bytes), cause = jsonError(text);
  if (cause) throw new SyntaxError(`its text is not JSON (${cause.message})`, { cause });
  // Valid JSON has line breaks only between values.
  out.text(text.replace(/[\r\n]+/g, " "));
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TypeError("its text is not UTF-8", { cause });
  }
}

function writeInteger(out: ByteWriter, value: number | bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) out.number(number);
  else out.text(String(value));
}

function writeFloat(out: ByteWriter, value: number, notice: Notice): void {
  if (value - value !== 0) notice("has NaN or Infinity, which become null", true);
  if (Object.is(value, -0)) out.text("-0");
  else if (Number.isInteger(value)) out.number(value);
  // Other ways to get the text also put it into a cache, which keeps megabytes.
  else if (!writeShortFloat(out, value)) out.text(JSON.stringify(value));
}

function decimalWriter(scale: number): WriteValue {
  return (out, value: number | bigint | Uint8Array) => {
    const digits = value instanceof Uint8Array ? fromBytes(value) : value;
    if (typeof digits === "number") writeDecimal(out, digits, scale);
    else out.text(decimalText(digits, scale));
  };
}

/** The number of digits after the second, by unit. */
const DIGITS: Readonly<Record<string, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

function timeWriter(
  { logical_type: logical, converted_type: converted }: ParquetElement,
  toText: (value: bigint, digits: number, isUtc: boolean) => string,
): WriteValue {
  const { unit, isAdjustedToUTC } = logical?.type === "TIMESTAMP" || logical?.type === "TIME"
    ? logical
    // Times of old files are always in UTC.
    : { unit: converted!.replace(/^.*_/, ""), isAdjustedToUTC: true };
  const digits = DIGITS[unit]!;
  return (out, value: number | bigint) =>
    out.text(`"${toText(BigInt(value), digits, isAdjustedToUTC)}"`);
}
