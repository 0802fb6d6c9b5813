/**
 * The outlines of the Earth's land.
 *
 * @see https://github.com/topojson/topojson-specification
 *
 * @module
 */

import { world } from "./deps.ts";
import type { Position } from "./places.ts";

/** The fields of a TopoJSON topology that this module reads. Adjacent shapes share lines. */
interface Topology {
  /** The scale and offset that convert the lines' integers to degrees. */
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  /** The lines. Each point is relative to the previous one. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
  readonly objects: { readonly land: { readonly geometries: readonly Polygons[] } };
}

interface Polygons {
  /** The polygons' rings, as indexes into the lines. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
}

let rings: Position[][] | undefined;

/** Returns the coastlines of continents and large islands as rings, accurate to about 50 km. */
export function landRings(): readonly (readonly Position[])[] {
  return rings ??= ringsOf(world as unknown as Topology);
}

function ringsOf({ transform, arcs, objects }: Topology): Position[][] {
  const lines = arcs.map((arc) => lineOf(arc, transform));
  const numbers = objects.land.geometries.flatMap(({ arcs }) => arcs.flat());
  // The bitwise complement of an index refers to the reversed line.
  return numbers.map((ring) =>
    unroll(ring.flatMap((number) => number < 0 ? lines[~number]!.toReversed() : lines[number]!))
  );
}

/**
 * Unwraps a ring that crosses the date line, and closes a ring around the South Pole at the pole.
 */
function unroll(ring: readonly Position[]): Position[] {
  let turns = 0, before = 0;
  const points = ring.map(([lon, lat]): Position => {
    if (Math.abs(lon - before) > 180) turns -= Math.sign(lon - before);
    before = lon;
    return [lon + 360 * turns, lat];
  });
  const start = points[0]![0], end = points.at(-1)![0];
  return Math.abs(end - start) < 180 ? points : [...points, [end, -90], [start, -90]];
}

function lineOf(
  arc: Topology["arcs"][number],
  { scale: [width = 1, height = 1], translate: [west = 0, south = 0] }: Topology["transform"],
): Position[] {
  let x = 0, y = 0;
  return arc.map(([right = 0, up = 0]) => {
    x += right;
    y += up;
    return [west + x * width, south + y * height];
  });
}
