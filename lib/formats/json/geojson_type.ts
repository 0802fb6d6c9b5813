/**
 * Recognises GeoJSON by the beginning of a text.
 *
 * @module
 */

import type { Guess } from "../looks_like.ts";

// The part of the beginning that is read; members of a collection are rarely longer.
const MAX_TEXT = 64 * 1024;
const TYPES = [
  ..."Feature FeatureCollection Point MultiPoint LineString MultiLineString Polygon".split(" "),
  ...["MultiPolygon", "GeometryCollection"],
];

/** Returns true for the beginning of a FeatureCollection. */
export function isFeatureCollection(text: string): boolean {
  return typeOf(text) === COLLECTION;
}

/** Recognises JSON that is not GeoJSON, or returns `undefined`. */
export function guessNoGeojson(text: string, isWhole: boolean): Guess | undefined {
  const type = typeOf(text);
  if (type === "Topology") return { what: "TopoJSON", advice: "convert it to GeoJSON: topo2geo" };
  const isAll = isWhole && text.length <= MAX_TEXT;
  const isOther = type === undefined ? isAll : !TYPES.includes(type);
  return isOther && /^\s*\{/.test(text)
    ? { what: "JSON that is not GeoJSON", flags: "--input json" }
    : undefined;
}

const COLLECTION = "FeatureCollection";
const TOKENS = /"(type|features|geometry)"\s*:\s*("[^"]*"|\[)?|"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/gs;

/**
 * Returns the member `type` of the object that a text begins with. It may follow the features, as in
 * sorted keys, so an object whose first feature is one is a collection.
 */
function typeOf(text: string): string | undefined {
  let depth = 0, isInFeatures = false;
  for (const [token, key, value] of text.slice(0, MAX_TEXT).matchAll(TOKENS)) {
    if (key === "type" && depth === 1 && value?.startsWith('"')) return value.slice(1, -1);
    const isOfFeature = key === "geometry" || (key === "type" && value === '"Feature"');
    if (isOfFeature && isInFeatures && depth === 3) return COLLECTION;
    if (token.endsWith("[") || token === "{") {
      if (depth++ === 1) isInFeatures = key === "features";
    } else if ("]}".includes(token) && --depth === 0) return undefined;
  }
  return undefined;
}
