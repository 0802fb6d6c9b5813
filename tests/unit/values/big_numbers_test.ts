/**
 * Numbers that JavaScript cannot represent.
 *
 * @module
 */

import { hasBigNumbers } from "../../../lib/util/bytes/byte_scan.ts";
import { parseArguments } from "../../../lib/values/big_numbers.ts";
import type { ValueChange } from "../../../lib/values/policy.ts";
import { assertEquals } from "../../support/assert.ts";

function parse(text: string, hasBigInts = false) {
  const changes: [ValueChange, string][] = [];
  if (!mayHave(text)) return { value: JSON.parse(text), changes };
  const value = parseArguments(
    text,
    { hasBigInts },
    (change, source) => changes.push([change, source]),
  );
  return { value, changes };
}

function mayHave(text: string): boolean {
  return hasBigNumbers(new TextEncoder().encode(text));
}

const BIG = "9007199254740993", HUGE = "9".repeat(400);

Deno.test("parseArguments() reports the numbers that JavaScript cannot represent", async (t) => {
  const cases: [text: string, changes: [ValueChange, string][]][] = [
    [BIG, [["rounded", BIG]]],
    [`-${BIG}`, [["rounded", `-${BIG}`]]],
    [`{"id":${BIG},"v":1.10}`, [["rounded", BIG]]],
    [`[1, ${BIG} ,${BIG}]`, [["rounded", BIG], ["rounded", BIG]]],
    [`{"a":"${"x".repeat(2000)}","id":${BIG}}`, [["rounded", BIG]]],
    [`{"a":"${'\\"x'.repeat(2000)}","id":${BIG}}`, [["rounded", BIG]]],
    [`{"id":${BIG},"a":"${"x".repeat(2000)}"}`, [["rounded", BIG]]],
    [`[${"1,".repeat(1000)}${BIG}]`, [["rounded", BIG]]],
    ["1e400", [["infinite", "1e400"]]],
    ["[-1E+400,0.1e309,0.1e310]", [["infinite", "-1E+400"], ["infinite", "0.1e310"]]],
    ["[1e0400]", [["infinite", "1e0400"]]],
    [HUGE, [["infinite", HUGE]]],
    [`${HUGE}.5`, [["infinite", `${HUGE}.5`]]],
    [`[${"9".repeat(250)}e99]`, [["infinite", `${"9".repeat(250)}e99`]]],
    ["0.1000000000000000055", [["shortened", "0.1000000000000000055"]]],
    ["[-3.141592653589793238]", [["shortened", "-3.141592653589793238"]]],
    ["[1,12345678901234567890.0]", [["shortened", "12345678901234567890.0"]]],
    ["0.00012345678901234567890", [["shortened", "0.00012345678901234567890"]]],
    [`{"v":1234567890123.4567890e2}`, [["shortened", "1234567890123.4567890e2"]]],
    ["[1e-400,-1.5E-0999]", [["shortened", "1e-400"], ["shortened", "-1.5E-0999"]]],
    // The digits of a double, as a program prints them with "%.30f", and zeros after digits.
    ["[0.1000000000000000055511151231257827,1.00000000000000000000,2.5000000000000000000]", []],
    ["[0.000012345678901234567,5e-324,0e-400,0.0000000000000000000,0.30000000000000004]", []],
    // These values are exact, or texts, or fractions with fewer digits.
    ["9007199254740991", []],
    ["9007199254740992", []],
    ["10000000000000000000000", []],
    // The digits that JSON.stringify writes for 2 ** 60 and 2 ** 70, and those that it does not.
    ["1152921504606847000", []],
    ["1152921504606846976", [["rounded", "1152921504606846976"]]],
    ["-175928847299117056", [["rounded", "-175928847299117056"]]],
    ["1180591620717411300000", []],
    ["-1180591620717411300000", []],
    ["1180591620717411303424", [["rounded", "1180591620717411303424"]]],
    ["1e300", []],
    ["[0.12345678901234567, 12345678901234567.5]", []],
    [`["${BIG}", "a ${BIG} b", "ab1e400"]`, []],
    [`{"${BIG}": 1}`, []],
    [`"${"a".repeat(3000)} ${BIG}"`, []],
    ["null", []],
  ];
  for (const [text, changes] of cases) {
    await t.step(text.length > 60 ? `${text.slice(0, 60)}...` : text, () => {
      assertEquals(parse(text), { value: JSON.parse(text), changes });
    });
  }
});

Deno.test("parseArguments() returns integers beyond 2^53 as BigInt on request", () => {
  const text = `[${BIG}, 1e22, 9007199254740992, -${BIG}, 9007199254740991, "${BIG}", 1e400]`;
  assertEquals(parse(text, true), {
    value: [BigInt(BIG), 1e22, 2n ** 53n, -BigInt(BIG), 2 ** 53 - 1, BIG, Infinity],
    changes: [["infinite", "1e400"]],
  });
});

Deno.test("hasBigNumbers() is false for usual lists, so that they are parsed without a delay", () => {
  const lists = [
    '{"path":"data/scene/1234567/tile.tif","year":2020,"at":"2026-11-26T03:00:00.000Z"}\n',
    "[0.012345678901234567,-0.30000000000000004,0.00001234567890123456,-1.5e-7,3e8,123456789012345]\n",
  ];
  const found = lists.map((line) => mayHave(line.repeat(10)));
  assertEquals(found, [false, false]);
});

Deno.test("parseArguments() finds a big integer at each place of a text", () => {
  for (let before = 0; before < 2000; before += before < 40 ? 1 : 37) {
    for (const pad of [" ".repeat(before), `"${"x".repeat(before)}",`]) {
      const text = `[${pad}${BIG},1]`;
      assertEquals(parse(text).changes, [["rounded", BIG]], text);
    }
    const text = `[${" ".repeat(before)}1e400,"ü"]`;
    assertEquals(parse(text).changes, [["infinite", "1e400"]], text);
  }
});
