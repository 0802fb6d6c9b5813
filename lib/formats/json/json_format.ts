/**
 * Distinguishes ndjson, JSON and GeoJSON by the beginning of a file.
 *
 * @module
 */

import type { Beginning } from "../check_format.ts";
import { headText } from "../encoding.ts";
import type { Format, InputOptions } from "../format.ts";
import { isFeatureCollection } from "./geojson_type.ts";
import { firstLines, isJson } from "../looks_like_text.ts";

/**
 * Returns the format of a file by its beginning, when its name or an option states JSON, or nothing.
 *
 * @param named the format that the name states
 */
export function jsonFormatOf(
  named: Format | undefined,
  { head, isWhole }: Beginning,
  { format, encoding }: InputOptions,
): Format | undefined {
  const stated = format ?? named;
  if (stated !== undefined && stated !== "json" && stated !== "geojson") return stated;
  const text = headText(head, encoding);
  const isCollection = isFeatureCollection(text);
  if (areLines(text, isWhole) && !(stated === "geojson" && isCollection)) return "ndjson";
  return isCollection ? format ?? "geojson" : stated;
}

/** Returns true when the first one of several lines is JSON, and most others are. */
function areLines(text: string, isWhole: boolean): boolean {
  const lines = firstLines(text, isWhole), { length } = lines;
  if (length === 0 || firstLines(text, true).length === 1) return false;
  return isJson(lines[0]!) && 2 * lines.filter(isJson).length > length;
}
