import { asWritten, describeOption, formatValue } from "../../../lib/config/option_text.ts";
import { type OptionSpec, parseValue } from "../../../lib/config/option_types.ts";
import { assertEquals } from "../../support/assert.ts";

function option(type: OptionSpec["type"], more: Partial<OptionSpec> = {}): OptionSpec {
  return { name: "x", type, default: null, doc: "An option.", ...more };
}

Deno.test("asWritten() writes a value in the largest unit that fits", async (t) => {
  const cases: [OptionSpec, number | null, string | null][] = [
    [option("duration"), 90_000, "90s"],
    [option("duration"), 300_000, "5m"],
    [option("duration"), 7_200_000, "2h"],
    [option("duration"), 1_001, "1001ms"],
    [option("duration", { min: 0 }), 0, "0"],
    [option("duration"), null, null],
    [option("memory"), 4_000_000_000, "4GB"],
    [option("memory"), 1_073_741_824, "1GiB"],
    [option("memory"), 1_001, "1001B"],
  ];
  for (const [entry, value, expected] of cases) {
    await t.step(`${value} ${entry.type}`, () => {
      assertEquals(asWritten(entry, value), expected);
      assertEquals(parseValue(entry, expected, "here"), value);
    });
  }
});

Deno.test("formatValue() returns text that parses to the same value", async (t) => {
  const cases: [OptionSpec, unknown, string][] = [
    [option("list"), ["a", "b"], "a,b"],
    [option("map"), { A: "1", B: "x,y" }, "A=1,B=x,y"],
    [option("boolean"), true, "true"],
    [option("integer"), null, "null"],
  ];
  for (const [entry, value, expected] of cases) {
    await t.step(expected, () => {
      assertEquals(formatValue(value as never), expected);
      assertEquals(parseValue(entry, expected, "here"), value as never);
    });
  }
});

Deno.test("describeOption() adds the choices and the short names", () => {
  assertEquals(describeOption(option("text")), "An option.");
  assertEquals(describeOption(option("text", { choices: ["a", "b"] })), "An option. One of: a, b.");
  assertEquals(describeOption(option("text", { keys: { a: "b" } })), "An option. Short names: a.");
});
