/**
 * The coordinate reference systems of lists. GeoJSON has no place for another one than WGS 84.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7946#section-4}
 *
 * @module
 */

// EPSG:4979 is WGS 84 with heights.
const CODE = /(?:^|\W)(?:CRS84h?|4326|4979)$/, NAME = /^WGS ?84(?: \(CRS84\))?$/;

/**
 * Returns true for the name of the system that GeoJSON has: longitude and latitude of WGS 84.
 *
 * @example
 * ```ts
 * import { isWgs84 } from "./crs.ts";
 *
 * if (!isWgs84("urn:ogc:def:crs:OGC:1.3:CRS84") || isWgs84("EPSG:28404")) throw new Error();
 * ```
 */
export function isWgs84(crs: string): boolean {
  return CODE.test(crs) || NAME.test(crs);
}

/** Returns what a user should know about coordinates that are not those of GeoJSON. */
export function crsFact(crs: string): string {
  return `has coordinates of ${crs}, not of WGS 84`;
}

/** Returns the name in the value of a member `crs` of GeoJSON, which RFC 7946 has removed. */
export function crsName(value: unknown): string | undefined {
  const name = (value as { properties?: { name?: unknown } } | null)?.properties?.name;
  return typeof name === "string" ? name : undefined;
}
