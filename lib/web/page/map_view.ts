/**
 * Computes the area that a map shows, and its projection to pixels.
 *
 * @module
 */

import type { Place, Position } from "./places.ts";

/** The size of a map, and its projection. */
export interface MapView {
  /** The width in pixels. */
  readonly width: number;
  /** The height in pixels. */
  readonly height: number;
  /** The area that the map shows, in degrees. */
  readonly box: Box;
  /** Converts a position in degrees to pixels from the left and the top of the map. */
  toPixel(at: Position): Position;
}

/** A magnification of the map, and the point in its centre. */
export interface MapZoom {
  /** The magnification, from 1. */
  readonly scale: number;
  /** The shift of the centre to the east, as a fraction of the width of all places. */
  readonly lon: number;
  /** The shift of the centre to the north, as a fraction of the height of all places. */
  readonly lat: number;
}

/** The zoom that shows all places. */
export const ALL_PLACES: MapZoom = { scale: 1, lon: 0, lat: 0 };

const MAX_SCALE = 4096;

/**
 * Magnifies or shifts a map.
 *
 * @param factor the magnification
 * @param right the shift to the east, as a fraction of the visible width
 * @param up the shift to the north, as a fraction of the visible height
 */
export function moveZoom(
  { scale, lon, lat }: MapZoom,
  { factor = 1, right = 0, up = 0 }: { factor?: number; right?: number; up?: number },
): MapZoom {
  const next = Math.min(MAX_SCALE, Math.max(1, scale * factor));
  // The centre stays where the places are.
  const most = (1 - 1 / next) / 2, within = (at: number) => Math.min(most, Math.max(-most, at));
  return { scale: next, lon: within(lon + right / scale), lat: within(lat + up / scale) };
}

function zoomed({ west, east, south, north }: Box, { scale, lon, lat }: MapZoom): Box {
  const wide = east - west, high = north - south;
  const x = (west + east) / 2 + lon * wide, y = (south + north) / 2 + lat * high;
  const [right, up] = [wide / 2 / scale, high / 2 / scale];
  return { west: x - right, east: x + right, south: y - up, north: y + up };
}

interface Box {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/**
 * Returns a view that shows all places, in an equirectangular projection that is true to scale at
 * the middle latitude.
 *
 * @param width the width of the map, in pixels
 */
export function viewOf(
  places: readonly Place[],
  width: number,
  zoom: MapZoom = ALL_PLACES,
): MapView {
  const all = boxOf(places), box = zoomed(all, zoom);
  const wide = box.east - box.west, high = box.north - box.south;
  // At the middle latitude, a degree of longitude is shorter than one of latitude by this factor.
  const squeeze = Math.max(0.2, Math.cos((all.north + all.south) / 2 * Math.PI / 180));
  const height = Math.round(Math.min(520, Math.max(160, width * high / (wide * squeeze))));
  const scale = Math.min(width / (wide * squeeze), height / high);
  const [left, top] = [(width - wide * squeeze * scale) / 2, (height - high * scale) / 2];
  return {
    width,
    height,
    box,
    toPixel: ([lon, lat]) => [
      left + (lon - box.west) * squeeze * scale,
      top + (box.north - lat) * scale,
    ],
  };
}

/** Returns the bounds of the places, with a margin. */
function boxOf(places: readonly Place[]): Box {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { shapes } of places) {
    for (const [lon, lat] of shapes.flatMap(({ at }) => at)) {
      [west, east] = [Math.min(west, lon), Math.max(east, lon)];
      [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    }
  }
  const around = Math.max(0.01, 0.05 * Math.max(east - west, north - south));
  return {
    west: west - around,
    east: east + around,
    south: Math.max(-90, south - around),
    north: Math.min(90, north + around),
  };
}
