/**
 * Computes the area and the centroid of each country: `dl_jobs run countries.area`.
 *
 * @module
 */

import { Job, updateList } from "dl_jobs";
import { area as areaOf } from "npm:@turf/area@7.4.0";
import { centroid } from "npm:@turf/centroid@7.4.0";
import { type Country, loadCountries } from "../shapes.ts";

/** The run method. Creates a job with one task for each country whose name starts with `name`. */
export function area({ name = "" }: { name?: string }): Job {
  const countries = loadCountries().filter((country) => country.properties.name.startsWith(name));
  return new Job({
    moduleName: import.meta.url,
    methodName: "measure",
    argsList: updateList({ digits: 2 }, countries, "country"),
  });
}

/**
 * The task method. Computes a country's geodesic area in square metres and its centroid in degrees.
 */
export function measure({ country, digits }: { country: Country; digits: number }) {
  const { coordinates } = centroid(country).geometry;
  return {
    name: country.properties.name,
    area: Math.round(areaOf(country)),
    centroid: coordinates.map((degrees) => Number(degrees.toFixed(digits))),
  };
}
