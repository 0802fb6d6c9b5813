/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * Places on a plain map: land and degrees, and no picture, as nothing is asked of any server.
 *
 * @module
 */

import { colour } from "./chart.tsx";
import { h, useEffect, useMemo, useRef, useState } from "./deps.ts";
import { cellText, compactText, plural } from "./format.ts";
import { landRings } from "./land.ts";
import { Select } from "./parts.tsx";
import type { Place, Position } from "./places.ts";
import { numberAt } from "./plot.tsx";

const NO_FIELD = "nothing";
const MOST_POINTS = 200_000;

/** Draws places, coloured by a field if wanted; the one that is pointed at says what it is. */
export function PlaceMap({ places, fields, onOpen }: {
  readonly places: readonly Place[];
  readonly fields: readonly string[];
  readonly onOpen: (id: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [field, setField] = useState(NO_FIELD);
  const [pointed, setPointed] = useState<Place>();
  const width = useWidth(canvas);
  const view = viewOf(places, width);
  const ranked = useMemo(() => rank(places, field), [places, field]);
  useEffect(() => draw(canvas.current!, places, view, ranked), [ranked, width]);
  const find = ({ offsetX, offsetY }: MouseEvent) => placeAt(places, view, [offsetX, offsetY]);
  return (
    <div>
      {fields.length > 0 && (
        <p class="tools">
          <Select
            label="Coloured by"
            options={[NO_FIELD, ...fields]}
            value={field}
            onChange={setField}
          />
          {ranked.length > 0 && (
            <span class="scale">
              {compactText(ranked[0]!.value)} <i /> {compactText(ranked.at(-1)!.value)}
            </span>
          )}
        </p>
      )}
      <canvas
        ref={canvas}
        class="map"
        role="img"
        aria-label={`Map of ${plural(places.length, "place")}`}
        onMouseMove={(event) => setPointed(find(event))}
        onMouseLeave={() => setPointed(undefined)}
        onClick={(event) => {
          const place = find(event);
          if (place) onOpen(place.id);
        }}
      />
      <p class="note pointed">{pointed ? placeText(pointed) : plural(places.length, "place")}</p>
    </div>
  );
}

function placeText({ id, result }: Place): string {
  return `Task ${id}: ${cellText(result).slice(0, 160)}`;
}

function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(() => setWidth(ref.current!.clientWidth));
    sizes.observe(ref.current!);
    return () => sizes.disconnect();
  }, []);
  return width;
}

/** From degrees to pixels. */
interface View {
  readonly width: number;
  readonly height: number;
  readonly box: Box;
  toPixel(at: Position): Position;
}

interface Box {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

function viewOf(places: readonly Place[], width: number): View {
  const box = boxOf(places);
  const wide = box.east - box.west, high = box.north - box.south;
  // In the middle, a degree is as long to the east as to the north.
  const squeeze = Math.max(0.2, Math.cos((box.north + box.south) / 2 * Math.PI / 180));
  const height = Math.round(Math.min(520, Math.max(160, width * high / (wide * squeeze))));
  const scale = Math.min(width / (wide * squeeze), height / high);
  const [left, top] = [(width - wide * squeeze * scale) / 2, (height - high * scale) / 2];
  return {
    ...{ width, height, box },
    toPixel: ([lon, lat]) => [
      left + (lon - box.west) * squeeze * scale,
      top + (box.north - lat) * scale,
    ],
  };
}

/** Where the places lie, and a little around. */
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

/** A place that has a field. */
interface Ranked {
  readonly place: Place;
  readonly value: number;
}

/** The places in the order of a field: with ranks, one that is far off hides no other. */
function rank(places: readonly Place[], field: string): Ranked[] {
  const known = places.flatMap((place) => {
    const value = numberAt(place.result, field);
    return value === undefined ? [] : [{ place, value }];
  });
  return known.sort((a, b) => a.value - b.value);
}

function draw(
  canvas: HTMLCanvasElement,
  places: readonly Place[],
  view: View,
  ranked: readonly Ranked[],
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
    if (points > MOST_POINTS) return;
    const part = parts.get(place);
    const fill = part === undefined
      ? accent
      : `color-mix(in oklab, ${accent} ${100 * part}%, ${low})`;
    drawPlace(context, place, view, fill);
  }
}

function drawPlace(context: CanvasRenderingContext2D, { shapes }: Place, view: View, fill: string) {
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
  // A ring inside another is a hole.
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

// In a smaller part of the world, the coasts are too coarse.
const LEAST_DEGREES = 4;

function drawLand(context: CanvasRenderingContext2D, { box, toPixel }: View): void {
  if (box.east - box.west < LEAST_DEGREES) return;
  const land = new Path2D();
  // What lies behind the date line is seen on its other side, too.
  for (const turn of [-360, 0, 360]) {
    for (const ring of landRings()) {
      trace(land, ring.map(([lon, lat]) => toPixel([lon + turn, lat]))).closePath();
    }
  }
  context.fillStyle = colour("track");
  context.fill(land, "evenodd");
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60];

function drawDegrees(context: CanvasRenderingContext2D, view: View): void {
  const { box, width, height } = view;
  const step = STEPS.find((step) => (box.east - box.west) / step < Math.max(2, width / 60)) ?? 90;
  context.strokeStyle = colour("line");
  context.fillStyle = colour("muted");
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  for (const lon of multiples(box.west, box.east, step)) {
    const [x] = view.toPixel([lon, 0]);
    line(context, [x, 0], [x, height]);
    const label = degrees(lon, "E", "W");
    if (x + 3 + context.measureText(label).width > width) continue;
    context.fillText(label, x + 3, height - 5);
  }
  for (const lat of multiples(box.south, box.north, step)) {
    const [, y] = view.toPixel([0, lat]);
    line(context, [0, y], [width, y]);
    context.fillText(degrees(lat, "N", "S"), 3, y - 4);
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

function degrees(value: number, more: string, less: string): string {
  const text = `${Number(Math.abs(value).toFixed(3))}°`;
  return value === 0 ? text : text + (value > 0 ? more : less);
}

const NEAR_PIXELS = 8;

/** The nearest place to the pointer, by its points. */
function placeAt(places: readonly Place[], view: View, [x, y]: Position): Place | undefined {
  let nearest: Place | undefined, least = NEAR_PIXELS;
  for (const place of places) {
    for (const { at } of place.shapes) {
      for (const point of at) {
        const [left, top] = view.toPixel(point), distance = Math.hypot(left - x, top - y);
        if (distance < least) [nearest, least] = [place, distance];
      }
    }
  }
  return nearest;
}
