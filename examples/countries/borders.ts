/**
 * Measures each country of a GeoJSON file: `dl_jobs map borders.ts#measure countries.geojson`.
 *
 * @module
 */

import { area } from "npm:@turf/area@7.4.0";
import { length } from "npm:@turf/length@7.4.0";
import type { Country } from "./shapes.ts";

/** Computes the area of a country in square metres, and the length of its borders in kilometres. */
export function measure(country: Country) {
  return {
    name: country.properties.name,
    area: Math.round(area(country)),
    borders: Math.round(length(country)),
  };
}
