/**
 * Converts Features of GeoJSON to records with a geometry.
 *
 * @module
 */

import { type Members, membersOf } from "../../values/json_scan.ts";
import type { OutputRow } from "../output.ts";
import { GEOMETRY_TYPES } from "./geometry.ts";

type Batches = () => AsyncIterable<readonly OutputRow[]>;

/** The parts of a Feature that become columns, each member as JSON text. */
interface FeatureParts {
  /** The members except the type and the properties. */
  readonly members: Members;
  readonly properties: Members;
}

/**
 * Returns rows whose results are the properties of Features beside their other members, if each
 * result is a Feature, a geometry or null. Returns other rows as they are.
 *
 * A property with the name of another member, such as `id`, has the column `properties.id`.
 */
export async function featureRows(rows: Batches): Promise<Batches> {
  const members = new Set<string>(), properties = new Set<string>();
  for await (const batch of rows()) {
    for (const { result } of batch) {
      const parts = partsOf(result);
      if (parts === undefined) return rows;
      for (const key of parts.members.keys()) members.add(key);
      for (const key of parts.properties.keys()) properties.add(key);
    }
  }
  return members.size === 0 ? rows : () => converted(rows, columnsOf(properties, members));
}

/** Returns the columns of properties. They depend on all rows, so a column has one meaning. */
function columnsOf(properties: Set<string>, members: Set<string>): Map<string, string> {
  const columns = new Map<string, string>();
  for (const key of properties) {
    let name = key;
    while (members.has(name) || (name !== key && properties.has(name))) name = `properties.${name}`;
    columns.set(key, name);
  }
  return columns;
}

async function* converted(rows: Batches, columns: Map<string, string>) {
  for await (const batch of rows()) {
    yield batch.map((row) => ({ ...row, result: recordOf(partsOf(row.result)!, columns) }));
  }
}

function recordOf({ members, properties }: FeatureParts, columns: Map<string, string>): string {
  const texts = [
    ...Array.from(properties, ([key, json]) => `${JSON.stringify(columns.get(key))}:${json}`),
    ...Array.from(members, ([key, json]) => `${JSON.stringify(key)}:${json}`),
  ];
  return `{${texts.join(",")}}`;
}

/** Returns the parts of a result; `undefined` when it is not GeoJSON. */
function partsOf(result: string): FeatureParts | undefined {
  const members = membersOf(result), type = members?.get("type");
  if (members === undefined) {
    return result.trim() === "null" ? { members: new Map(), properties: new Map() } : undefined;
  }
  if (GEOMETRIES.has(type ?? "") && (members.has("coordinates") || members.has("geometries"))) {
    return { members: new Map([["geometry", result]]), properties: new Map() };
  }
  if (type !== '"Feature"' || !members.has("geometry")) return undefined;
  const json = members.get("properties") ?? "null";
  const properties = json === "null" ? new Map<string, string>() : membersOf(json);
  if (properties === undefined) return undefined;
  return { members: new Map([...members].filter(([key]) => !OWN.has(key))), properties };
}

// Other objects may have a type and coordinates, too.
const GEOMETRIES = new Set([...GEOMETRY_TYPES, "GeometryCollection"].map((t) => JSON.stringify(t)));
/** The members of a Feature that are not columns. */
const OWN = new Set(["type", "properties"]);
