/**
 * Writes the countries of the world as GeoJSON, with a feature on each line:
 * `deno run -A write_geojson.ts > countries.geojson`.
 *
 * @module
 */

import { loadCountries } from "./shapes.ts";

const features = loadCountries().map((country) => JSON.stringify(country));
console.log(`{
"type": "FeatureCollection",
"name": "ne_110m_admin_0_countries",
"features": [
${features.join(",\n")}
]
}`);
