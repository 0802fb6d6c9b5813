/**
 * Columns of JSON values that are not parsed.
 *
 * @module
 */

import { Columns } from "../../../lib/formats/columns.ts";
import { eachMember } from "../../../lib/values/json_scan.ts";
import { assertEquals } from "../../support/assert.ts";

/** A generator of the same numbers from 0 to `limit - 1` in each run. */
function numbers(seed: number): (limit: number) => number {
  return (limit) => (seed = (seed * 48271) % 2147483647) % limit;
}

const TEXTS = ["", "a", "b.c", 'q"', "\\", '\\"', "é\n", "]}", "{,:", "12", "\u2028"];

function randomValue(next: (limit: number) => number, depth: number): unknown {
  const kind = next(depth > 0 ? 7 : 5);
  if (kind < 2) return TEXTS[next(TEXTS.length)];
  if (kind < 5) return [null, true, false, -1.5e-7, 0][next(5)];
  const values = Array.from({ length: next(4) }, () => randomValue(next, depth - 1));
  if (kind === 5) return values;
  return Object.fromEntries(values.map((value) => [TEXTS[next(TEXTS.length)], value]));
}

/** Returns the cells that parsed values have, by the JSON of their paths. */
function cellsOf(value: unknown, path: string[] = []): [string, unknown][] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || (Object.keys(value).length === 0 && path.length > 0)) {
    return [[JSON.stringify(path), value]];
  }
  return Object.entries(value).flatMap(([key, one]) => cellsOf(one, [...path, key]));
}

Deno.test("Columns has the cells of parsed values, whatever their white space", () => {
  const next = numbers(17), columns = new Columns(true);
  for (let round = 0; round < 3000; round++) {
    const value = randomValue(next, 3),
      text = JSON.stringify(value, null, next(3)),
      cells: string[] = [];
    columns.read(text, (column, json) => cells[column] = json);
    const found = columns.paths.flatMap((path, i) =>
      cells[i] === undefined ? [] : [[JSON.stringify(path), JSON.parse(cells[i])] as const]
    );
    const isEmpty = text === "{}";
    assertEquals(
      Object.fromEntries(found),
      isEmpty
        ? Object.fromEntries(found.map(([path]) => [path, {}]))
        : Object.fromEntries(cellsOf(value)),
      text,
    );
  }
});

Deno.test("Columns has only the cells of a value, however many columns there are", () => {
  const columns = new Columns(true);
  let calls = 0;
  for (let i = 0; i < 1000; i++) columns.read(`{"k${i}":1}`, () => calls++);
  assertEquals([columns.paths.length, columns.count, calls], [1000, 1000, 1000]);
});

Deno.test("eachMember() has the keys and the texts of values", () => {
  const found: [string, string][] = [];
  const text = 'x{ "a\\"" : [1, {"b": "}"}] ,"c":{ },"":-1.50 , "d":"\\\\" }';
  eachMember(text, 1, (key, from, to) => found.push([key, text.slice(from, to)]));
  assertEquals(found, [['a"', '[1, {"b": "}"}]'], ["c", "{ }"], ["", "-1.50"], ["d", '"\\\\"']]);
});
