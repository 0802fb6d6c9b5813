import { checkCuts, type Cuts, cutsText } from "../../../../lib/tasks/cuts/cuts.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("checkCuts() returns the cuts that are set", () => {
  const none = { where: undefined, unique: false, shuffle: false };
  assertEquals(checkCuts(none), undefined);
  const all: Cuts = {
    where: "a > 1",
    unique: "id",
    sample: "5%",
    seed: 7,
    shuffle: true,
    skip: 0,
    limit: 3,
  };
  assertEquals(checkCuts(all), all);
  assertEquals(checkCuts({ ...none, limit: 3 }), { limit: 3 });
});

Deno.test("checkCuts() chooses a seed for a random cut", () => {
  const { seed } = checkCuts({ sample: 3 })!;
  assertEquals([Number.isInteger(seed), checkCuts({ limit: 3 })!.seed], [true, undefined]);
});

Deno.test("checkCuts() refuses values that are not cuts", async (t) => {
  const cases: [cuts: unknown, message: string][] = [
    [{ limit: -1 }, "Cannot use -1 as limit: write a whole number, at least 0"],
    [{ limit: "3" }, 'Cannot use "3" as limit: write a whole number, at least 0'],
    [{ skip: 1.5 }, "Cannot use 1.5 as skip: write a whole number, at least 0"],
    [
      { sample: 0.5 },
      "Cannot use 0.5 as sample: write a share such as 1% or a number such as 100",
    ],
    [
      { sample: "101%" },
      'Cannot use "101%" as sample: write a share such as 1% or a number such as 100',
    ],
    [{ seed: 1 }, "Cannot use a seed alone: it belongs to sample or shuffle"],
    [{ shuffle: 1 }, "Cannot use 1 as shuffle: write true"],
    [{ unique: "" }, 'Cannot use "" as unique: write a key such as id'],
    [
      { where: " " },
      `Cannot use " " as where: write an expression such as year > 2000 && band === "nir"`,
    ],
  ];
  for (const [cuts, message] of cases) {
    await t.step(message, () => {
      assertThrows(() => checkCuts(cuts as Cuts), UsageError, message);
    });
  }
});

Deno.test("cutsText() writes the flags that select the same part", () => {
  const cuts: Cuts = { where: "a === 'x'", unique: true, sample: "1%", seed: 7, shuffle: true };
  assertEquals(
    cutsText({ ...cuts, limit: 3, skip: 0 }),
    "--where 'a === '\\''x'\\''' --unique --sample 1% --seed 7 --shuffle --skip 0 --limit 3",
  );
  assertEquals(cutsText({ unique: "a b" }), "--unique='a b'");
});
