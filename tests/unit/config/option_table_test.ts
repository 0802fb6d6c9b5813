import { invalidValue, namesOutside, readTable } from "../../../lib/config/option_table.ts";
import type { OptionSpec } from "../../../lib/config/option_types.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const TABLE = [
  { name: "workers", type: "integer", default: null, min: 1, max: 9, doc: "Number of workers." },
  { name: "poll_time", type: "duration", default: "1s", doc: "The pause." },
  { name: "kind", type: "text", default: "a", choices: ["a", "b"], doc: "The kind." },
  { name: "path", type: "text", default: null, doc: "The path." },
] as const satisfies readonly OptionSpec[];

Deno.test("readTable() fills in the defaults, with the types of the table", () => {
  const values: {
    readonly workers: number | undefined;
    readonly pollTime: number;
    readonly kind: "a" | "b";
    readonly path: string | undefined;
  } = readTable(TABLE, {}, "x");
  assertEquals(values, { workers: undefined, pollTime: 1000, kind: "a", path: undefined });
});

Deno.test("readTable() reads what is given, and ignores names that are not in the table", () => {
  const given = { workers: "4", poll_time: "2m", kind: "b", path: "none", other: "1" };
  const values = readTable(TABLE, given, "x");
  assertEquals(values, { workers: 4, pollTime: 120_000, kind: "b", path: "none" });
  assertEquals(namesOutside(TABLE, given), ["other"]);
});

Deno.test("readTable() refuses an invalid value, and lists the valid ones", async (t) => {
  const cases: [given: Record<string, string>, message: string][] = [
    [
      { workers: "0" },
      'Cannot use "0" as workers in the option x: write a whole number from 1 to 9',
    ],
    [{ workers: "" }, 'Cannot use "" as workers in the option x: write a whole number from 1 to 9'],
    [{ kind: "c" }, 'Cannot use "c" as kind in the option x: write one of a, b'],
    [
      { poll_time: "soon" },
      'Cannot use "soon" as poll_time in the option x: ' +
      "write seconds, or a duration such as 90s, 5m, 2h",
    ],
  ];
  for (const [given, message] of cases) {
    await t.step(message, () => {
      assertEquals(assertThrows(() => readTable(TABLE, given, "x"), UsageError).message, message);
    });
  }
});

Deno.test("invalidValue() names the option, its owner and the way out", () => {
  assertEquals(
    invalidValue("compute", "cpus", "3", "one of 1, 2").message,
    'Cannot use "3" as cpus in the option compute: write one of 1, 2',
  );
});
