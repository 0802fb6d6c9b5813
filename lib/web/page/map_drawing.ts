/**
 * Draws a map on a canvas.
 *
 * @module
 */

import { colour } from "./chart.tsx";
import { degreesText } from "./format.ts";
import { landRings } from "./land.ts";
import type { MapView } from "./map_view.ts";
import type { Place, Position } from "./places.ts";
import { numberAt } from "./plot.tsx";

const MAX_POINTS = 200_000;

/** A place whose result has a number in the chosen field. */
export interface RankedPlace {
  /** The place. */
  readonly place: Place;
  /** The number in the field. */
  readonly value: number;
}

/**
 * Returns the places that have a number in a field, in ascending order. Colours follow the rank,
 * not the value, so an extreme value does not make all other places look alike.
 */
export function rankPlaces(places: readonly Place[], field: string): RankedPlace[] {
  const known = places.flatMap((place) => {
    const value = numberAt(place.result, field);
    return value === undefined ? [] : [{ place, value }];
  });
  return known.sort((a, b) => a.value - b.value);
}

/**
 * Draws land, the grid of degrees, and places. Ranked places are coloured by rank, and all others
 * have the accent colour. Stops after 200,000 points.
 */
export function drawMap(
  canvas: HTMLCanvasElement,
  places: readonly Place[],
  view: MapView,
  ranked: readonly RankedPlace[],
): void {
  const { width, height } = view, ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  drawLand(context, view);
  drawDegrees(context, view);
  const parts = new Map(ranked.map(({ place }, i) => [place, i / Math.max(1, ranked.length - 1)]));
  const [accent, low] = [colour("accent"), colour("low")];
  let points = 0;
  for (const place of places) {
    points += place.shapes.reduce((sum, { at }) => sum + at.length, 0);
    if (points > MAX_POINTS) return;
    const part = parts.get(place);
    const fill = part === undefined
      ? accent
      : `color-mix(in oklab, ${accent} ${100 * part}%, ${low})`;
    drawPlace(context, place, view, fill);
  }
}

function drawPlace(
  context: CanvasRenderingContext2D,
  { shapes }: Place,
  view: MapView,
  fill: string,
) {
  context.fillStyle = context.strokeStyle = fill;
  context.lineWidth = 1;
  const rings = new Path2D();
  for (const { kind, at } of shapes) {
    const pixels = at.map(view.toPixel);
    if (kind === "point") dot(context, pixels[0]!);
    else if (kind === "line") context.stroke(trace(new Path2D(), pixels));
    else trace(rings, pixels).closePath();
  }
  context.globalAlpha = 0.55;
  // With this fill rule, a ring inside another ring is a hole.
  context.fill(rings, "evenodd");
  context.globalAlpha = 1;
  context.stroke(rings);
}

function dot(context: CanvasRenderingContext2D, [x, y]: Position): void {
  context.globalAlpha = 0.75;
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}

function trace(path: Path2D, [first, ...rest]: readonly Position[]): Path2D {
  path.moveTo(...first!);
  for (const [x, y] of rest) path.lineTo(x, y);
  return path;
}

// The coastlines are too coarse for a map narrower than this number of degrees.
const LEAST_DEGREES = 4;

function drawLand(context: CanvasRenderingContext2D, { box, toPixel }: MapView): void {
  if (box.east - box.west < LEAST_DEGREES) return;
  const land = new Path2D();
  // Land that extends beyond the date line also has to appear on the other side of the map.
  for (const turn of [-360, 0, 360]) {
    for (const ring of landRings()) {
      trace(land, ring.map(([lon, lat]) => toPixel([lon + turn, lat]))).closePath();
    }
  }
  context.fillStyle = colour("track");
  context.fill(land, "evenodd");
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60];

function drawDegrees(context: CanvasRenderingContext2D, view: MapView): void {
  const { box, width, height } = view;
  const step = STEPS.find((step) => (box.east - box.west) / step < Math.max(2, width / 60)) ?? 90;
  context.strokeStyle = colour("line");
  context.fillStyle = colour("muted");
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  for (const lon of multiples(box.west, box.east, step)) {
    const [x] = view.toPixel([lon, 0]);
    line(context, [x, 0], [x, height]);
    const label = degreesText(lon, "E", "W");
    if (x + 3 + context.measureText(label).width > width) continue;
    context.fillText(label, x + 3, height - 5);
  }
  for (const lat of multiples(box.south, box.north, step)) {
    const [, y] = view.toPixel([0, lat]);
    line(context, [0, y], [width, y]);
    context.fillText(degreesText(lat, "N", "S"), 3, y - 4);
  }
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step), count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

function line(context: CanvasRenderingContext2D, from: Position, to: Position): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
