import { Places } from "../../../lib/tasks/places.ts";
import { assertEquals } from "../../support/assert.ts";

/** Returns places after their way through a file. */
const again = (places: Places) => Places.from(JSON.parse(JSON.stringify(places)));

/** Returns the places of two files. The first one has a header and an empty line. */
function twoFiles(): Places {
  const places = new Places();
  places.begin(0, "a.csv").set(0, 2);
  places.begin(3, "b.ndjson").skip(1);
  return places;
}

Deno.test("Places keeps the lines of files as JSON", () => {
  const texts = [0, 1, 2, 3, 4, 5].map((id) => again(twoFiles()).textOf(id));
  const expected = ["a.csv:2", "a.csv:3", "a.csv:4", "b.ndjson:1", "b.ndjson:3", "b.ndjson:4"];
  assertEquals(texts, expected);
});

Deno.test("Places keeps the lines of a part in another order as JSON", () => {
  const places = new Places(), origins = places.partOf(twoFiles());
  [5, 2, 4, 0].forEach((from, id) => origins.set(id, from));
  const texts = [0, 1, 2, 3].map((id) => again(places).textOf(id));
  assertEquals(texts, ["b.ndjson:4", "a.csv:4", "b.ndjson:3", "a.csv:2"]);
});

Deno.test("Places keeps the name of a source without lines as JSON", () => {
  const places = new Places();
  places.begin(0, "stdin", false);
  const found = again(places);
  assertEquals([found.textOf(1), found.of(1)], [undefined, { name: "stdin", line: 2 }]);
});

Deno.test("Places has no size without files", () => {
  const part = new Places();
  part.partOf(new Places());
  assertEquals([new Places().size, part.size, twoFiles().size > 0], [0, 0, true]);
});
