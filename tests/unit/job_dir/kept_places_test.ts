import { keepPlaces, keptPlaces } from "../../../lib/job_dir/kept_places.ts";
import { jobFiles } from "../../../lib/job_dir/layout.ts";
import { Places } from "../../../lib/tasks/places.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

/** Returns the places of a file whose records begin at line 12. */
function oneFile(): Places {
  const places = new Places();
  places.begin(0, "list.csv").set(0, 12);
  return places;
}

Deno.test("keptPlaces() reads what keepPlaces() wrote, and nothing from a damaged file", async () => {
  await using folder = await makeFolder();
  keepPlaces(folder.path, oneFile());
  assertEquals(keptPlaces(folder.path).textOf(1), "list.csv:13");
  const { places } = jobFiles(folder.path), text = await Deno.readTextFile(places);
  for (const damaged of [text.replace("12", "13"), text.slice(0, 20), "", '{"places":[[]]}']) {
    await Deno.writeTextFile(places, damaged);
    assertEquals(keptPlaces(folder.path).textOf(1), undefined, damaged);
  }
});

Deno.test("keepPlaces() writes nothing for a list without files", async () => {
  await using folder = await makeFolder();
  keepPlaces(folder.path, new Places());
  assertEquals(Array.from(Deno.readDirSync(folder.path)), []);
});
