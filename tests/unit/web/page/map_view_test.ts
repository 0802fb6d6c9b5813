import { ALL_PLACES, moveZoom, viewOf } from "../../../../lib/web/page/map_view.ts";
import { assertEquals } from "../../../support/assert.ts";

const PLACES = [{
  id: 0,
  result: {},
  shapes: [{ kind: "line", at: [[10, 0], [30, 10]] }],
}] as const;

Deno.test("moveZoom() magnifies around the centre, and stays within the places", () => {
  const twice = moveZoom(ALL_PLACES, { factor: 2 });
  assertEquals(twice, { scale: 2, lon: 0, lat: 0 });
  assertEquals(moveZoom(twice, { right: 0.25 }), { scale: 2, lon: 0.125, lat: 0 });
  assertEquals(moveZoom(twice, { right: 9, up: -9 }), { scale: 2, lon: 0.25, lat: -0.25 });
  assertEquals(moveZoom({ scale: 2, lon: 0.25, lat: -0.25 }, { factor: 0.1 }), ALL_PLACES);
  assertEquals(moveZoom(ALL_PLACES, { factor: 1e9 }).scale, 4096);
});

Deno.test("viewOf() shows a part of the places at the same size", () => {
  const all = viewOf(PLACES, 800), part = viewOf(PLACES, 800, { scale: 2, lon: 0, lat: 0 });
  assertEquals([part.width, part.height], [all.width, all.height]);
  const round = ([x, y]: readonly [number, number]) => [Math.round(x), Math.round(y)];
  assertEquals(round(part.toPixel([20, 5])), round(all.toPixel([20, 5])));
  const [x] = all.toPixel([25, 5]), [magnified] = part.toPixel([25, 5]);
  assertEquals(Math.round(magnified - 400), Math.round(2 * (x - 400)));
});
