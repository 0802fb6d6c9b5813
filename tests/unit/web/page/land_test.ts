import { landRings } from "../../../../lib/web/page/land.ts";
import type { Position } from "../../../../lib/web/page/places.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

Deno.test("landRings() returns rings that jump only below the South Pole", () => {
  const rings = landRings();
  assert(rings.length > 100);
  for (const ring of rings) {
    for (const [i, [lon, lat]] of ring.entries()) {
      const [before] = ring[i - 1] ?? ring.at(-1)!;
      assert(Math.abs(lon - before) < 180 || lat === -90, `from ${before} to ${lon} at ${lat}`);
    }
  }
});

Deno.test("landRings() has Chad and the South Pole, and no Atlantic", () => {
  const places = [[18.6, 15.4], [178, 67], [0, -85], [-30, 0], [-150, 40]] as const;
  assertEquals(places.map(isLand), [true, true, true, false, false]);
});

/** Returns true when a line from a place to the east crosses coasts an odd number of times. */
function isLand([x, y]: Position): boolean {
  const crossed = landRings().flatMap((ring) =>
    ring.filter(([lon, lat], i) => {
      const [west, before] = ring[i - 1] ?? ring.at(-1)!;
      const at = lon + (y - lat) / (before - lat) * (west - lon);
      return lat > y !== before > y && (x < at) !== (x + 360 < at) !== (x - 360 < at);
    })
  );
  return crossed.length % 2 === 1;
}
