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
  const type = typeOf(text);
  return type === "FeatureCollection" || (type === undefined && hasFeatures(text));
}

/** Recognises JSON that is not GeoJSON, or returns `undefined`. */
export function guessNoGeojson(text: string, isWhole: boolean): Guess | undefined {
  const type = typeOf(text);
  if (type === "Topology") return { what: "TopoJSON", advice: "convert it to GeoJSON: topo2geo" };
  const isOther = type === undefined ? isWhole && !hasFeatures(text) : !TYPES.includes(type);
  return isOther && /^\s*\{/.test(text)
    ? { what: "JSON that is not GeoJSON", flags: "--input json" }
    : undefined;
}

const TOKENS = /"type"\s*:\s*"([^"]*)"|"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/gs;

/** Returns the member `type` of the object that a text begins with. */
function typeOf(text: string): string | undefined {
  let depth = 0;
  for (const [token, type] of text.slice(0, MAX_TEXT).matchAll(TOKENS)) {
    if (type !== undefined && depth === 1) return type;
    if ("[{".includes(token)) depth++;
    else if ("]}".includes(token) && --depth === 0) return undefined;
  }
  return undefined;
}

function hasFeatures(text: string): boolean {
  return /^\s*\{.*?"features"\s*:\s*\[\s*\{[^{}]*"type"\s*:\s*"Feature"/s
    .test(text.slice(0, MAX_TEXT));
}
