/**
 * Reads JSON: a list, whose elements are records, or values that follow each other. Of GeoJSON, the
 * features of a FeatureCollection are records.
 *
 * @module
 */

import type { RecordFile } from "../format.ts";
import { crsFact, isWgs84 } from "../crs.ts";
import { JsonScanner } from "./scanner.ts";
import { peek } from "../peek.ts";
import { counted } from "../../util/text/counted.ts";

// The beginning in which a list ends that is only the first one of a sequence.
const MAX_FIRST = 64 * 1024;
// A program that writes one element after the other must not wait for its results.
const PATIENCE = 1000;
const QUOTE = 34, BACKSLASH = 92, LIST = 91, LIST_END = 93, OBJECT = 123, OBJECT_END = 125;

/** Reads JSON. */
export function readJson(file: RecordFile): AsyncGenerator<Uint8Array> {
  return readTexts(file, false);
}

/** Reads GeoJSON: a document, or texts that follow each other, also with an RS before each. */
export function readGeojson(file: RecordFile): AsyncGenerator<Uint8Array> {
  return readTexts(file, true);
}

async function* readTexts(
  { name, path, chunks, lines, notice }: RecordFile,
  isGeojson: boolean,
): AsyncGenerator<Uint8Array> {
  const { head, chunks: all } = await peek(
    chunks,
    isFirstKnown,
    path === undefined ? PATIENCE : undefined,
  );
  const isList = isAtList(head) && !isFollowed(head);
  const systems = new Set<string>();
  const onCrs = (crs: string | undefined) => {
    if (crs === undefined || isWgs84(crs) || systems.has(crs)) return;
    systems.add(crs);
    notice(`${name} ${crsFact(crs)}`);
  };
  const scanner = new JsonScanner({ name, lines, isList, isGeojson, onCrs }), { records } = scanner;
  for await (const chunk of all) {
    scanner.feed(chunk);
    if (records.hasLines) yield records.take();
    if (scanner.isStopped) break;
  }
  scanner.end();
  if (records.hasLines) yield records.take();
  if (records.count > 0) notice(`${name} is ${describe(scanner, isList)}`);
}

function describe({ records, texts, collections }: JsonScanner, isList: boolean): string {
  const { count } = records;
  if (isList) return `a JSON array of ${counted(count, "element")}, a task each`;
  if (texts === 1 && collections === 1) {
    return `a FeatureCollection of ${counted(count, "feature")}, a task each`;
  }
  if (texts === 1) return "one JSON value: it is one task";
  return `a sequence of ${texts} JSON values: ${counted(count, "task")}`;
}

/** Returns true when a beginning tells whether a list is the whole file. */
function isFirstKnown(head: Uint8Array): boolean {
  return head.length >= MAX_FIRST || (head.some(isToken) && (!isAtList(head) || isFollowed(head)));
}

function isAtList(head: Uint8Array): boolean {
  return head.find(isToken) === LIST;
}

/** Returns true when the list at the start ends, and another value begins after it. */
function isFollowed(head: Uint8Array): boolean {
  const next = head.subarray(0, MAX_FIRST).subarray(valueEnd(head)).find(isToken);
  return next === LIST || next === OBJECT;
}

/** Returns the end of a list or object, or the length of the text. */
function valueEnd(text: Uint8Array): number {
  let depth = 0, isInString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) isInString = !isInString;
    else if (isInString) continue;
    else if (byte === LIST || byte === OBJECT) depth++;
    else if ((byte === LIST_END || byte === OBJECT_END) && --depth === 0) return at + 1;
  }
  return text.length;
}

function isToken(byte: number): boolean {
  return byte > 32;
}
