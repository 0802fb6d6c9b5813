import { nearest, nearestWord } from "../../../../lib/util/text/nearest.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("nearest() sorts by similarity and leaves out the least similar", async () => {
  assertEquals(await nearest("means", ["max", "mean", "median"]), "mean, max, median");
  assertEquals(await nearest("b", [..."abcdefghi"]), "b, a, c, d, e, f, g, h, ...");
  assertEquals(await nearest("b", []), "");
});

Deno.test("nearestWord() finds a similar word, and no other one", async () => {
  const words = ["name", "workers", "every", "nan", "max_attempts"];
  const found = ["nmae", "wrokers", "print_every", "attempts", "nam", "jobs", "b", ""].map((word) =>
    nearestWord(word, words)
  );
  assertEquals(await Promise.all(found), [
    "name",
    "workers",
    "every",
    "max_attempts",
    "name",
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(await nearestWord("name", []), undefined);
  // The beginning of a word counts more than letters that other words share.
  const flags = ["ops", "output", "output_format", "put"];
  assertEquals(await nearestWord("out", flags), "output");
});
