/**
 * Finds places in results, as GeoJSON or as a longitude and a latitude.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7946
 *
 * @module
 */

import type { Sample } from "../protocol.ts";
import type {} from "./deps.ts";

/** A longitude and a latitude, in degrees. */
export type Position = readonly [number, number];

/** A result with a place. */
export interface Place {
  /** The task's id. */
  readonly id: number;
  /** The task's result. */
  readonly result: unknown;
  /** The points, lines and polygon rings of the place. */
  readonly shapes: readonly {
    readonly kind: "point" | "line" | "ring";
    readonly at: readonly Position[];
  }[];
}

/** Returns the results that have a place, with their shapes. */
export function placesOf(rows: Sample["rows"]): Place[] {
  return rows.flatMap(({ id, result }) => {
    const shapes = shapesOf(result);
    return shapes.length > 0 ? [{ id, result, shapes }] : [];
  });
}

type Shape = Place["shapes"][number];

function shapesOf(value: unknown): Shape[] {
  if (typeof value !== "object" || value === null) return [];
  const object = value as Record<string, unknown>;
  const own = geometry(object);
  if (own) return own;
  const [lon, lat] = [LONGITUDES, LATITUDES].map((names) => numberOf(object, names));
  if (lon !== undefined && lat !== undefined) return pointAt([lon, lat]);
  // A geometry may be under any key; a pair of numbers is a place only under a key like `center`.
  for (const [key, inner] of Object.entries(object)) {
    const found = PAIRS.test(key) ? pointAt(inner) : geometryIn(inner);
    if (found.length > 0) return found;
  }
  return [];
}

const LONGITUDES = ["lon", "lng", "long", "longitude"];
const LATITUDES = ["lat", "latitude"];
const PAIRS = /^(cent(er|re|roid)|coord(inate)?s?|point|position|place|lonlat|lnglat)$/i;

function numberOf(object: Readonly<Record<string, unknown>>, names: readonly string[]) {
  const key = Object.keys(object).find((key) => names.includes(key.toLowerCase()));
  const value = key === undefined ? undefined : object[key];
  return typeof value === "number" ? value : undefined;
}

function geometryIn(value: unknown, depth = 0): Shape[] {
  return typeof value === "object" && value !== null && depth < MAX_DEPTH
    ? geometry(value as Record<string, unknown>, depth) ?? []
    : [];
}

// A collection of features with collections of geometries is shallower than this.
const MAX_DEPTH = 10;

/** Returns the shapes of a GeoJSON object, or `undefined` for any other object. */
function geometry(
  object: Readonly<Record<string, unknown>>,
  depth = 0,
): Shape[] | undefined {
  const { type, coordinates } = object;
  const within = (value: unknown) => geometryIn(value, depth + 1);
  if (type === "Feature") return within(object.geometry);
  if (type === "FeatureCollection") return each(object.features, within);
  if (type === "GeometryCollection") return each(object.geometries, within);
  return typeof type === "string" && coordinates ? KINDS.get(type)?.(coordinates) : undefined;
}

// A type may be any text, such as `constructor`, so a plain object would also find its own methods.
const KINDS: ReadonlyMap<string, (coordinates: unknown) => Shape[]> = new Map([
  ["Point", pointAt],
  ["MultiPoint", (all) => each(all, pointAt)],
  ["LineString", (all) => path("line", all)],
  ["MultiLineString", (all) => each(all, (one) => path("line", one))],
  ["Polygon", (all) => each(all, (one) => path("ring", one))],
  ["MultiPolygon", (all) => each(all, (one) => each(one, (ring) => path("ring", ring)))],
]);

function each(values: unknown, make: (value: unknown) => Shape[]): Shape[] {
  return Array.isArray(values) ? values.flatMap(make) : [];
}

function path(kind: "line" | "ring", points: unknown): Shape[] {
  const at = each(points, pointAt).flatMap((shape) => shape.at);
  return at.length > 1 ? [{ kind, at }] : [];
}

function pointAt(value: unknown): Shape[] {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return [];
  const [lon, lat] = value;
  const isPlace = Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lat) <= 90 &&
    Math.abs(lon) <= 540;
  return isPlace ? [{ kind: "point", at: [[lon, lat]] }] : [];
}
