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

/** Returns true for a valid geometry without other members. A point may be empty. */
export function isGeoJson(value: unknown): boolean {
  const { type, coordinates, geometries, ...more } = value as Readonly<Record<string, unknown>>;
  if (Object.keys(more).length > 0) return false;
  if (type === "GeometryCollection") {
    return coordinates === undefined && Array.isArray(geometries) && geometries.every(isGeoJson);
  }
  const depth = typeof type === "string" && Object.hasOwn(DEPTHS, type) ? DEPTHS[type]! : 0;
  if (depth === 0 || geometries !== undefined) return false;
  return isEmptyPoint(value as object) || hasDepth(coordinates, depth);
}

/**
 * Converts integers, which have been parsed as BigInt, to numbers. Well-known binary has one number of
 * dimensions for all positions, so those that a position lacks are NaN. The numbers of an empty point
 * are NaN, too.
 */
export function withNumbers(geometry: unknown): unknown {
  return converted(geometry, mostNumbers(geometry));
}

function isEmptyPoint({ type, coordinates }: { type?: unknown; coordinates?: unknown }): boolean {
  return type === "Point" && Array.isArray(coordinates) && coordinates.length === 0;
}

function converted(value: unknown, length: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isPosition(value)) {
    return Array.from({ length }, (_, i) => i < value.length ? Number(value[i]) : NaN);
  }
  if (Array.isArray(value)) return value.map((one) => converted(one, length));
  if (isEmptyPoint(value)) return { ...value, coordinates: Array(Math.max(2, length)).fill(NaN) };
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, converted(one, length)]),
  );
}

/** Returns the length of the longest position. */
function mostNumbers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (isPosition(value)) return value.length;
  return Object.values(value).reduce<number>((most, one) => Math.max(most, mostNumbers(one)), 0);
}

function isPosition(value: object): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && typeof value[0] !== "object";
}

function hasDepth(value: unknown, depth: number): boolean {
  if (!Array.isArray(value)) return false;
  if (depth > 1) return value.every((one) => hasDepth(one, depth - 1));
  return value.length >= 2 && value.length <= 4 && value.every(isCoordinate);
}

/** Returns true for a number that a double represents, which others are not. */
function isCoordinate(value: unknown): boolean {
  return typeof value === "bigint" ? BigInt(Number(value)) === value : Number.isFinite(value);
}
