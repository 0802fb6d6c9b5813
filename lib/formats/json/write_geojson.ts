/**
 * Writes results as a FeatureCollection of GeoJSON.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7946
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { elementTexts } from "../../values/exact_json.ts";
import { type Members, membersOf } from "../../values/json_scan.ts";
import { Columns } from "../columns.ts";
import { crsName, isWgs84 } from "../crs.ts";
import type { OutputRow, OutputSource } from "../output.ts";

/**
 * Writes a Feature for each result. A result is a Feature, a FeatureCollection, a geometry, an object
 * with the key `geometry`, or null, which is a Feature without a geometry. The arguments of the task
 * become properties, such as `args.x`.
 */
export async function* writeGeojson({ name, rows, notice }: OutputSource): AsyncGenerator<string> {
  const args = new Columns(true), crs = new CommonCrs(name);
  let missing = 0;
  for await (const batch of rows()) {
    for (const row of batch) {
      const { length } = toFeatures(row, args, name);
      if (row.result === "null") missing++;
      else if (length > 0) crs.add(row);
    }
  }
  const start = `{"type":"FeatureCollection",${crs.member}"features":[`;
  let separator = `${start}\n`;
  for await (const batch of rows()) {
    const features = batch.flatMap((row) => toFeatures(row, args, name));
    if (features.length === 0) continue;
    yield separator + features.join(",\n");
    separator = ",\n";
  }
  yield separator === ",\n" ? "\n]}\n" : `${start}]}\n`;
  if (missing > 0) {
    notice?.(`Features of ${name} without a geometry, because the result is null: ${missing}`);
  }
}

/** The coordinate reference system of all results, as a member of the collection that is written. */
class CommonCrs {
  #name: string;
  #task: number | undefined;
  #crs: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The member, with a comma. It is missing for WGS 84. */
  get member(): string {
    return this.#crs === undefined ? "" : `"crs":${this.#crs},`;
  }

  /** Adds a result. */
  add({ id, result }: OutputRow): void {
    const crs = crsOf(result);
    this.#crs = this.#task === undefined ? crs : this.#crs;
    this.#task ??= id;
    if (crs === this.#crs) return;
    throw new UsageError(
      `Cannot write ${this.#name}: the results of tasks ${this.#task} and ${id} have coordinates ` +
        `of ${nameOf(this.#crs)} and of ${nameOf(crs)}, convert them, or use another format`,
    );
  }
}

/** Returns the coordinate reference system of a FeatureCollection, unless it is that of GeoJSON. */
function crsOf(result: string): string | undefined {
  if (!result.includes('"crs"')) return undefined;
  const members = membersOf(result), crs = members?.get("crs") ?? "null";
  if (members?.get("type") !== '"FeatureCollection"' || crs === "null") return undefined;
  const name = crsName(JSON.parse(crs));
  return name !== undefined && isWgs84(name) ? undefined : crs;
}

function nameOf(crs: string | undefined): string {
  return crs === undefined ? "WGS 84" : crsName(JSON.parse(crs)) ?? crs;
}

function toFeatures(row: OutputRow, args: Columns, name: string): string[] {
  const features = featuresOf(row.result.trim());
  if (features) {
    return row.args === undefined ? features : features.map((one) => addArgs(one, row, args));
  }
  const start = row.result.length > 80 ? row.result.slice(0, 80) + "..." : row.result;
  throw new UsageError(
    `Cannot write ${name}: the result of task ${row.id} has no geometry (${start}), return a ` +
      "Feature, a geometry or an object with the key geometry, or use another format",
  );
}

/** Returns the Features of a result; `undefined` when it has no geometry. */
function featuresOf(json: string): string[] | undefined {
  if (json === "null") return [feature(json, "{}")];
  const members = membersOf(json);
  switch (members?.get("type")) {
    case '"Feature"':
      return isGeometry(members.get("geometry")) ? [json] : undefined;
    case '"FeatureCollection"':
      return collected(members.get("features"));
  }
  if (isGeometry(json)) return [feature(json, "{}")];
  const geometry = members?.get("geometry");
  if (geometry === undefined || !isGeometry(geometry)) return undefined;
  members!.delete("geometry");
  return [feature(geometry, objectOf(members!))];
}

function collected(list: string | undefined): string[] | undefined {
  const features = (list?.startsWith("[") ? elementTexts(list) : undefined)?.map(featuresOf);
  return features?.every((one) => one !== undefined) ? features.flat() : undefined;
}

function feature(geometry: string, properties: string): string {
  return `{"type":"Feature","geometry":${geometry},"properties":${properties}}`;
}

const GEOMETRIES = new Set(
  ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]
    .map((type) => JSON.stringify(type)),
);

/** Returns true for the JSON text of a geometry, which may be null. */
function isGeometry(json: string | undefined): boolean {
  if (json === undefined || json === "null") return json !== undefined;
  const members = membersOf(json), type = members?.get("type");
  if (type === '"GeometryCollection"') return members!.get("geometries")?.[0] === "[";
  return GEOMETRIES.has(type ?? "") && members!.get("coordinates")?.[0] === "[";
}

/** Adds the arguments to the properties, and the id unless the Feature has one. */
function addArgs(json: string, { id, args }: OutputRow, columns: Columns): string {
  const members = membersOf(json)!, cells = new Map<number, string>();
  const given = members.get("properties") ?? "null";
  // Properties that are not an object are not GeoJSON, but a value of the result.
  const properties = membersOf(given) ?? new Map(given === "null" ? [] : [["properties", given]]);
  columns.read(args!, (column, cell) => cells.set(column, cell));
  // Programs take the columns from the first Feature, so all have the same order.
  for (const [column, cell] of [...cells].sort(([a], [b]) => a - b)) {
    let name = ["args", ...columns.paths[column]!].join(".");
    // A property of the result keeps its name.
    while (properties.has(name)) name = `task.${name}`;
    properties.set(name, cell);
  }
  if (!members.has("id")) members.set("id", String(id));
  return objectOf(members.set("properties", objectOf(properties)));
}

function objectOf(members: Members): string {
  const texts = Array.from(members, ([key, json]) => `${JSON.stringify(key)}:${json}`);
  return `{${texts.join(",")}}`;
}
