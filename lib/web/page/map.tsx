/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A simple map of places, with coastlines and a grid of degrees. It uses no map tiles, because the
 * page loads nothing from other servers.
 *
 * @module
 */

import { DARK } from "./chart.tsx";
import { h, useEffect, useMemo, useRef, useState } from "./deps.ts";
import { axisTexts, cellText, plural } from "./format.ts";
import { drawMap, rankPlaces } from "./map_drawing.ts";
import { ALL_PLACES, type MapView, moveZoom, viewOf } from "./map_view.ts";
import { Select, useMedia } from "./parts.tsx";
import type { Place, Position } from "./places.ts";

const NO_FIELD = "nothing";

/** Shows places on a map, coloured by an optional field, and the result under the pointer. */
export function PlaceMap({ places, fields, onOpen }: {
  readonly places: readonly Place[];
  readonly fields: readonly string[];
  readonly onOpen: (id: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [field, setField] = useState(NO_FIELD);
  const [pointed, setPointed] = useState<Place>();
  const width = useWidth(canvas);
  const [zoom, setZoom] = useState(ALL_PLACES);
  // Several moves may precede the next rendering.
  const move = (change: Move) => setZoom((zoom) => moveZoom(zoom, change));
  const view = viewOf(places, width, zoom), drag = useDrag(view, move);
  const ranked = useMemo(() => rankPlaces(places, field), [places, field]);
  const [least, most] = axisTexts([ranked[0], ranked.at(-1)].map((one) => one?.value ?? 0));
  const isDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => {
    drawMap(canvas.current!, places, view, ranked);
    canvas.current!.classList.toggle(DARK, isDark);
  }, [ranked, width, zoom, isDark]);
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
              {least} <i /> {most}
            </span>
          )}
        </p>
      )}
      <p class="tools">
        <span class="choice" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom in" onClick={() => move({ factor: 2 })}>+</button>
          <button type="button" aria-label="Zoom out" onClick={() => move({ factor: 0.5 })}>
            −
          </button>
          <button type="button" onClick={() => setZoom(ALL_PLACES)}>All</button>
        </span>
        <span class="note">Drag, or use the arrow keys, + and − on the map.</span>
      </p>
      <canvas
        ref={canvas}
        tabIndex={0}
        onKeyDown={(event) => {
          const change = MAP_KEYS[event.key];
          if (!change) return;
          event.preventDefault();
          move(change);
        }}
        {...drag.handlers}
        class="map"
        role="img"
        aria-label={`Map of ${plural(places.length, "place")}`}
        onMouseMove={(event) => setPointed(find(event))}
        onMouseLeave={() => setPointed(undefined)}
        onClick={(event) => {
          // The end of a drag is a click, too.
          const place = drag.hasMoved() ? undefined : find(event);
          if (place) onOpen(place.id);
        }}
      />
      <p class="note pointed">{pointed ? placeText(pointed) : plural(places.length, "place")}</p>
    </div>
  );
}

// A hand moves the pointer a little during a click.
const DRAG_PIXELS = 3;

/** Lets a pointer drag the map. `hasMoved` tells whether it has since it was pressed last. */
function useDrag(view: MapView, move: (change: Move) => void) {
  const last = useRef<Position | undefined>(undefined), isDragged = useRef(false);
  const end = () => void (last.current = undefined);
  return {
    hasMoved: () => isDragged.current,
    handlers: {
      onPointerDown(event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }) {
        last.current = [event.clientX, event.clientY];
        isDragged.current = false;
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove({ clientX, clientY }: PointerEvent) {
        if (!last.current) return;
        const [x, y] = last.current;
        isDragged.current ||= Math.hypot(x - clientX, y - clientY) > DRAG_PIXELS;
        if (!isDragged.current) return;
        last.current = [clientX, clientY];
        move({ right: (x - clientX) / view.width, up: (clientY - y) / view.height });
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}

type Move = Parameters<typeof moveZoom>[1];

const MAP_KEYS: Readonly<Record<string, Move>> = {
  ArrowLeft: { right: -0.25 },
  ArrowRight: { right: 0.25 },
  ArrowUp: { up: 0.25 },
  ArrowDown: { up: -0.25 },
  "+": { factor: 2 },
  "-": { factor: 0.5 },
};

function placeText({ id, result }: Place): string {
  return `Task ${id}: ${cellText(result).slice(0, 160)}`;
}

function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    // The observer may report once more after the canvas is gone.
    const element = ref.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  return width;
}

const NEAR_PIXELS = 8;

/** Returns the place nearest to the pointer; `undefined` when no place is within 8 pixels. */
function placeAt(places: readonly Place[], view: MapView, [x, y]: Position): Place | undefined {
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
