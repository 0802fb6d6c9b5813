/**
 * Converts Features of GeoJSON to records with a geometry.
 *
 * @module
 */

import { type Members, membersOf } from "../../values/json_scan.ts";
import type { OutputRow } from "../output.ts";

type Batches = () => AsyncIterable<readonly OutputRow[]>;

/**
 * Returns rows whose results are the properties of Features beside their geometry, if each result is
 * a Feature, a geometry or null. Returns other rows as they are.
 */
export async function featureRows(rows: Batches): Promise<Batches> {
  let count = 0;
  for await (const batch of rows()) {
    for (const { result } of batch) {
      const record = recordOf(result);
      if (record === undefined) return rows;
      if (record !== "{}") count++;
    }
  }
  return count === 0 ? rows : () => converted(rows);
}

async function* converted(rows: Batches): AsyncGenerator<OutputRow[]> {
  for await (const batch of rows()) {
    yield batch.map((row) => ({ ...row, result: recordOf(row.result)! }));
  }
}

/** Returns a result as the text of a record; `undefined` when it is not GeoJSON. */
function recordOf(result: string): string | undefined {
  const members = membersOf(result), type = members?.get("type");
  if (members === undefined) return result.trim() === "null" ? "{}" : undefined;
  if (type === undefined) return undefined;
  if (members.has("coordinates") || members.has("geometries")) return `{"geometry":${result}}`;
  if (type !== '"Feature"' || !members.has("geometry")) return undefined;
  const record: Members = new Map(membersOf(members.get("properties") ?? "{}"));
  for (const [key, json] of members) {
    const isColumn = key === "geometry" || (!OWN.has(key) && !record.has(key));
    if (isColumn) record.set(key, json);
  }
  const texts = Array.from(record, ([key, json]) => `${JSON.stringify(key)}:${json}`);
  return `{${texts.join(",")}}`;
}

/** The members of a Feature that are not columns. */
const OWN = new Set(["type", "properties"]);
