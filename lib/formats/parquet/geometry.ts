/**
 * Recognises geometry of GeoJSON.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7946#section-3.1}
 *
 * @module
 */

/** The number of lists around the numbers of each type. */
const DEPTHS: Readonly<Record<string, number>> = {
  Point: 1,
  MultiPoint: 2,
  LineString: 2,
  MultiLineString: 3,
  Polygon: 3,
  MultiPolygon: 4,
};

/** The types of geometries with coordinates. */
export const GEOMETRY_TYPES: readonly string[] = Object.keys(DEPTHS);

/** Returns true for a valid geometry without other members. */
export function isGeoJson(value: unknown): boolean {
  const { type, coordinates, geometries, ...more } = value as Readonly<Record<string, unknown>>;
  if (Object.keys(more).length > 0) return false;
  if (type === "GeometryCollection") {
    return coordinates === undefined && Array.isArray(geometries) && geometries.every(isGeoJson);
  }
  const depth = typeof type === "string" && Object.hasOwn(DEPTHS, type) ? DEPTHS[type]! : 0;
  return depth > 0 && geometries === undefined && hasDepth(coordinates, depth);
}

/** Converts integers, which have been parsed as BigInt, to numbers. */
export function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) {
    return typeof value === "bigint" ? Number(value) : value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNumbers(one)]));
}

function hasDepth(value: unknown, depth: number): boolean {
  if (!Array.isArray(value)) return false;
  if (depth > 1) return value.every((one) => hasDepth(one, depth - 1));
  const isNumber = (one: unknown) => typeof one === "bigint" || Number.isFinite(one);
  return value.length >= 2 && value.length <= 4 && value.every(isNumber);
}
