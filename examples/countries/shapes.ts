/**
 * The countries of the world as GeoJSON: Natural Earth at 1:110 million, from `world-atlas`.
 *
 * @module
 */

import type { Feature, MultiPolygon, Polygon, Position } from "npm:@types/geojson@7946.0.16";
import { feature } from "npm:topojson-client@3.1.0";
import world from "npm:world-atlas@2.0.2/countries-110m.json" with { type: "json" };

/** A country's shape and name, with its ISO 3166-1 numeric code as `id`. */
export type Country = Feature<Polygon | MultiPolygon, { name: string }>;

/** Returns all countries, each as a separate feature. */
export function loadCountries(): Country[] {
  const countries: Country[] = feature(world, world.objects.countries).features;
  return countries.map(({ id, properties, geometry }) => ({
    type: "Feature",
    // Three territories have no ISO code, and JSON cannot represent undefined.
    ...(id === undefined ? {} : { id }),
    properties,
    geometry: unroll(geometry),
  }));
}

/**
 * Unwraps a shape that crosses the date line, so that its longitudes do not jump by 360 degrees.
 */
function unroll(shape: Polygon | MultiPolygon): MultiPolygon {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  let last = polygons[0]![0]![0]![0]!;
  const point = ([lon = 0, lat = 0]: Position) => {
    last = lon - 360 * Math.round((lon - last) / 360);
    return [last, lat];
  };
  const ring = (points: Position[]) => roundPole(points.map(point));
  return { type: "MultiPolygon", coordinates: polygons.map((rings) => rings.map(ring)) };
}

/** Closes a ring that circles a pole, such as Antarctica's, by adding the pole. */
function roundPole(ring: Position[]): Position[] {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  if (first[0] === last[0]) return ring;
  const pole = 90 * Math.sign(first[1]!);
  return [...ring, [last[0]!, pole], [first[0]!, pole], first];
}
