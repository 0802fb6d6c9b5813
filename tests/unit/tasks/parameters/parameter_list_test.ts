import { Job } from "../../../../lib/api/job.ts";
import {
  type Combination,
  grid,
  type ParameterInput,
  zip,
} from "../../../../lib/tasks/parameters/grid.ts";
import { files, glob } from "../../../../lib/tasks/list_files.ts";
import { ParameterList } from "../../../../lib/tasks/parameters/parameter_list.ts";
import { isLikeRange, rangeOf } from "../../../../lib/tasks/parameters/range.ts";
import { listedValues } from "../../../../lib/tasks/parameters/values.ts";
import { joinValues, valuesOf } from "../../../../lib/tasks/parameters/value_parts.ts";
import { toTasks } from "../../../../lib/tasks/source.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

/** Returns all combinations of lists, the last one changing fastest. */
function product(lists: readonly (readonly unknown[])[]): unknown[][] {
  const [first, ...others] = lists;
  if (!first) return [[]];
  return first.flatMap((value) => product(others).map((rest) => [value, ...rest]));
}

async function linesOf(list: ParameterList): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of toTasks(list)) {
    assertEquals(batch.id(0), lines.length);
    for (const { args } of batch) lines.push(new TextDecoder().decode(args));
  }
  return lines;
}

Deno.test("grid() returns the product of random parameters, also as tasks", async () => {
  for (let run = 0; run < 200; run++) {
    const size = () => Math.floor(Math.random() * 5);
    const names = ["b", "10", "a.c", "__proto__", "é"].slice(0, 1 + size());
    const lists = names.map(() =>
      Array.from({ length: size() }, (_, i) => [i, `v${i}`, null][i % 3])
    );
    const list = grid(Object.fromEntries(names.map((name, i) => [name, lists[i]!])));
    const order = Object.keys(Object.fromEntries(names.map((name) => [name, 0])));
    const expected = product(order.map((name) => lists[names.indexOf(name)]!)).map((values) =>
      Object.fromEntries(order.map((name, i) => [name, values[i]]))
    );
    assertEquals([...list], expected);
    assertEquals(list.length, expected.length);
    assertEquals((await linesOf(list)).map((line) => JSON.parse(line)), expected);
  }
});

Deno.test("grid() and zip() accept ranges, numbers and iterables, with their types", () => {
  const list = grid({ year: "2020..2021", month: "09..10", band: new Set(["nir"]), seed: 2 });
  const rows = Array.from(list, ({ year, month, band, seed }) => {
    const sum: number = year + seed, text: string = month + band;
    return `${sum} ${text}`;
  });
  const months = (
    year: number,
  ) => [`${year} 09nir`, `${year + 1} 09nir`, `${year} 10nir`, `${year + 1} 10nir`];
  assertEquals(rows, [...months(2020), ...months(2021)]);
  assertEquals([...zip({ a: [1, 2], b: "0.5..1.0..0.5" })], [{ a: 1, b: 0.5 }, { a: 2, b: 1 }]);
  assertEquals([...grid({ a: 0, b: [1] })], []);
  const dates: string[] = Array.from(grid({ day: "2024-01-01..2024-01-02" }), ({ day }) => day);
  assertEquals(dates, ["2024-01-01", "2024-01-02"]);
  const typed: Combination<{ a: number[]; b: "1..2" }>[] = [...grid({ a: [1], b: "1..2" })];
  assertEquals(typed, [{ a: 1, b: 1 }, { a: 1, b: 2 }]);
});

Deno.test("a list of parameters keeps the digits of numbers", async () => {
  const list = grid({ id: [2n ** 64n], x: "9007199254740993..9007199254740994" });
  assertEquals(await linesOf(list), [
    '{"id":18446744073709551616,"x":9007199254740993}',
    '{"id":18446744073709551616,"x":9007199254740994}',
  ]);
});

Deno.test("over() merges two lists, the argument changing more slowly", () => {
  const list = grid({ c: [1, 2] }).over(zip({ a: [1, 2], b: [3, 4] }));
  const text = Array.from(list, ({ a, b, c }) => `${a}${b}${c}`).join();
  assertEquals(text, "131,132,241,242");
  const error = assertThrows(() => grid({ a: [1] }).over(grid({ a: [2] })), UsageError);
  assertEquals(error.message, "Cannot combine parameters: two of them have the name a");
});

Deno.test("a list of 2^32 combinations takes no memory, and one more is refused", () => {
  const list = grid({ a: 65536, b: 65536 });
  assertEquals([list.length, list[Symbol.iterator]().next().value], [2 ** 32, { a: 0, b: 0 }]);
  const message = (a: ParameterInput, b: ParameterInput) =>
    assertThrows(() => grid({ a, b, c: [1, 2] }), UsageError).message;
  assertEquals(
    message(65536, 65536),
    "Cannot make a list of 8589934592 combinations: a job has at most 4294967296 tasks, divide it " +
      "into several jobs",
  );
  assertEquals(
    message("0..4294967296", 1),
    "Cannot read the range 0..4294967296: it has 4294967297 values, a list has at most 4294967296",
  );
});

Deno.test("a list without names has texts or arrays as elements", () => {
  const values = (...texts: string[]) => listedValues(texts.map((text) => JSON.stringify(text)));
  assertEquals([...new ParameterList([[{ values: values("a", "b") }]])], ["a", "b"]);
  const two = new ParameterList([[{ values: values("a", "b") }], [{ values: values("c") }]]);
  assertEquals([...two], [["a", "c"], ["b", "c"]]);
  const linked = new ParameterList([[{ values: values("a", "b") }, { values: values("c", "d") }]]);
  assertEquals([...linked], [["a", "c"], ["b", "d"]]);
});

Deno.test("zip() refuses lists of different lengths, and both refuse other values", () => {
  const cases: [call: () => unknown, message: string][] = [
    [
      () => zip({ a: [1], b: [1, 2] }),
      "Cannot combine a with b: they have 1 and 2 values, and need the same number",
    ],
    [() => grid({}), "Cannot call grid(): it has no parameters"],
    ...[undefined, [1]].map((value): [() => unknown, string] => [
      () => zip(value as never),
      `Cannot call zip() with ${
        value ? "[ 1 ]" : value
      }: pass the values of each parameter, as in ` +
      '{ year: "2020..2024" }',
    ]),
    [
      () => grid({ a: -1 }),
      'Cannot use -1 as a: pass an array, an iterable, a whole number or a range such as "2020..2024"',
    ],
    [
      () => grid({ a: [() => 1] }),
      "Cannot write a[0]: JSON has no functions, use its return value",
    ],
  ];
  for (const [call, message] of cases) {
    assertEquals(assertThrows(call, Error).message, message);
  }
});

Deno.test("rangeOf() computes exact decimals, and keeps leading zeros as texts", () => {
  const cases: Record<string, string> = {
    "2020..2024": "2020,2021,2022,2023,2024",
    "0..100..30": "0,30,60,90",
    "1.0..2.0..0.5": "1.0,1.5,2.0",
    "0..1..0.25": "0.00,0.25,0.50,0.75,1.00",
    "0.1..-0.3..0.2": "0.1,-0.1,-0.3",
    "3..1": "3,2,1",
    "3..1..-2": "3,1",
    "-1..1": "-1,0,1",
    "5..5": "5",
    "08..10": '"08","09","10"',
    "10..08": '"10","09","08"',
    "00..03..3": '"00","03"',
    "2024-02-28..2024-03-01": '"2024-02-28","2024-02-29","2024-03-01"',
    "2024-01-02..2023-12-31": '"2024-01-02","2024-01-01","2023-12-31"',
    "2024-01-03..2024-01-01..-2": '"2024-01-03","2024-01-01"',
    "2024-01-01..2024-01-31..16": '"2024-01-01","2024-01-17"',
  };
  for (const [text, expected] of Object.entries(cases)) {
    const { length, at } = rangeOf(text);
    assertEquals(Array.from({ length }, (_, i) => at(i)).join(), expected, text);
  }
});

Deno.test("isLikeRange() accepts a range with one end, which is refused, and no path", () => {
  const texts = ["2020..", "..2024", "2024-01-01..", "-1.5..", "..", "../a", "a..", "a/.."];
  assertEquals(texts.filter(isLikeRange), ["2020..", "..2024", "2024-01-01..", "-1.5.."]);
});

Deno.test("rangeOf() refuses other texts with the reason", () => {
  const write = ", write a range such as 2020..2024 or 0..100..10";
  const cases: Record<string, string> = {
    "1..5..0": `its step is 0${write}`,
    "1..5..-1": `its step leads away from its end${write}`,
    "1..05": "leading zeros need ends of the same number of digits, such as 01..12",
    "-05..05": "leading zeros need ends of the same number of digits, such as 01..12",
    "a..e":
      "its ends are not numbers or dates, write a range such as 2020..2024, or the text in quotes: '\"a..e\"'",
    "2020..":
      "it has only one end, write a range such as 2020..2024, or the text in quotes: '\"2020..\"'",
    "2024-01-01..2024-01-31..-1": "its step is not a number of days that leads to its end",
    "2024-02-30..2024-03-01":
      "its ends are not numbers or dates, write a range such as 2020..2024, or the text in quotes: '\"2024-02-30..2024-03-01\"'",
  };
  for (const [text, reason] of Object.entries(cases)) {
    const { message } = assertThrows(() => rangeOf(text), UsageError);
    assertEquals(message, `Cannot read the range ${text}: ${reason}`);
  }
});

Deno.test("the parts of values give the same values", () => {
  const values = joinValues([rangeOf("1..3"), listedValues(['"a,]"', "1.10"]), rangeOf("8..7")]);
  const again = joinValues(values.parts.map((part) => valuesOf(part as string)));
  const all = Array.from({ length: values.length }, (_, i) => values.at(i));
  assertEquals(all, ["1", "2", "3", '"a,]"', "1.10", "8", "7"]);
  assertEquals(Array.from({ length: again.length }, (_, i) => again.at(i)), all);
  assertEquals(values.parts, ["1..3", '["a,]",1.10]', "8..7"]);
});

Deno.test("the function of a job has the type of the elements", () => {
  const argsList = grid({ year: "2020..2024", band: ["nir"] });
  new Job({ fn: ({ year, band }: { year: number; band: string }) => year + band.length, argsList });
  // @ts-expect-error: the elements have no month.
  new Job({ fn: ({ month }: { month: number }) => month, argsList });
});

Deno.test("a session shows a list in one line", () => {
  const list = grid({ year: "2020..2024", band: ["nir"] }).over(zip({ a: [1, 2], b: [3, 4] }));
  const cases: [list: unknown, text: string][] = [
    [list, "List of 10 combinations: a, b (2 values) x year (5 values) x band (1 value)"],
    [files(["x.csv", "-"], { isTyped: true }), "List of x.csv, stdin { isTyped: true }"],
    [glob("data/*.tif"), "List of glob:data/*.tif"],
    [
      grid({ band: 2 }).over(files("x.csv")),
      "List of x.csv with 2 combinations: band (2 values)",
    ],
  ];
  for (const [value, text] of cases) assertEquals(Deno.inspect(value), text);
});
