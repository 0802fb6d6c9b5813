import { placesOf } from "../../../../lib/web/page/places.ts";
import { assertEquals } from "../../../support/assert.ts";

const RING = [[0, 0], [1, 0], [1, 1], [0, 0]];

/** Results, with the kinds of their shapes and the numbers of points. */
const RESULTS: readonly [name: string, result: unknown, shapes: readonly string[]][] = [
  ["a longitude and a latitude", { Lon: 7, lat: 45, height: 12 }, ["point 1"]],
  ["other names of them", { longitude: 7, latitude: 45 }, ["point 1"]],
  ["a pair with a name that says so", { name: "a", centroid: [7, 45] }, ["point 1"]],
  ["a pair with any other name", { range: [7, 45] }, []],
  ["a point", { type: "Point", coordinates: [7, 45, 1200] }, ["point 1"]],
  ["several points", { type: "MultiPoint", coordinates: [[7, 45], [8, 46]] }, [
    "point 1",
    "point 1",
  ]],
  ["a line", { type: "LineString", coordinates: RING }, ["line 4"]],
  ["a polygon with a hole", { type: "Polygon", coordinates: [RING, RING] }, ["ring 4", "ring 4"]],
  ["several polygons", { type: "MultiPolygon", coordinates: [[RING], [RING]] }, [
    "ring 4",
    "ring 4",
  ]],
  ["a feature", { type: "Feature", geometry: { type: "Point", coordinates: [7, 45] } }, [
    "point 1",
  ]],
  ["features", {
    type: "FeatureCollection",
    features: [{ type: "Feature", geometry: { type: "Point", coordinates: [7, 45] } }],
  }, ["point 1"]],
  ["a geometry below any key", { id: 3, tile: { type: "Polygon", coordinates: [RING] } }, [
    "ring 4",
  ]],
  ["metres", { lon: 691_000, lat: 4_980_000 }, []],
  ["nothing of the kind", { type: "Point" }, []],
  ["a type that every object has", { type: "constructor", coordinates: [RING] }, []],
  ["a type that every object has as a method", { type: "toString", coordinates: [RING] }, []],
  ["the prototype as a type", { type: "__proto__", coordinates: [RING] }, []],
  ["a feature without a geometry", { type: "Feature", geometry: null }, []],
  ["features that are not objects", { type: "FeatureCollection", features: [null, 1, []] }, []],
  ["coordinates in an object", { type: "Point", coordinates: { length: 2, 0: 1, 1: 2 } }, []],
  ["coordinates with an object", { type: "Point", coordinates: [1, { valueOf: 1 }] }, []],
  ["coordinates that are null", { type: "Point", coordinates: [1, null] }, []],
  ["text", "7, 45", []],
  ["null", null, []],
];

Deno.test("placesOf() finds places in results", async (t) => {
  for (const [name, result, shapes] of RESULTS) {
    await t.step(name, () => {
      const [place] = placesOf([{ id: 1, result }]);
      assertEquals(place?.shapes.map(({ kind, at }) => `${kind} ${at.length}`) ?? [], shapes);
    });
  }
});
