import { UsageError } from "../../../lib/util/errors.ts";
import {
  asWritten,
  describe,
  formatValue,
  type Option,
  parseValue,
} from "../../../lib/config/option_types.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

function option(type: Option["type"], more: Partial<Option> = {}): Option {
  return { name: "x", type, default: null, doc: "An option.", ...more };
}

Deno.test("parseValue() reads typed values and text", async (t) => {
  const cases: [Option, unknown, unknown][] = [
    [option("boolean"), true, true],
    [option("boolean"), " Off ", false],
    [option("boolean"), 1, true],
    [option("integer"), " 7 ", 7],
    [option("integer"), -7, -7],
    [option("integer"), null, null],
    [option("integer"), " None ", null],
    [option("number"), "0.5", 0.5],
    [option("text", { default: "" }), "", ""],
    [option("text", { default: "" }), "none", "none"],
    [option("text", { default: "" }), " a ", " a "],
    [option("text", { default: "", keys: { a: "b" } }), "a", "b"],
    [option("text", { default: "", keys: { a: "b" } }), "constructor", "constructor"],
    [option("list"), " a, b,,c ", ["a", "b", "c"]],
    [option("list"), ["a,b", 1, true], ["a,b", "1", "true"]],
    [option("list"), "", []],
    [option("duration"), 90, 90_000],
    [option("duration"), "90", 90_000],
    [option("duration"), "0.5", 500],
    [option("duration"), "250ms", 250],
    [option("duration"), "90s", 90_000],
    [option("duration"), "5m", 300_000],
    [option("duration"), "1.5 H", 5_400_000],
    [option("duration"), "2d", 172_800_000],
    [option("duration", { min: 0 }), "0", 0],
    [option("duration", { min: 0 }), 0, 0],
    [option("memory"), 4096, 4096],
    [option("memory"), "4GB", 4_000_000_000],
    [option("memory"), "512 mb", 512_000_000],
    [option("memory"), "1GiB", 1_073_741_824],
    [option("map"), "A=1", { A: "1" }],
    [option("map"), "A=b=c, D= e ", { A: "b=c", D: " e " }],
    [option("map"), "net=a.com,b.com,read=true", { net: "a.com,b.com", read: "true" }],
    [option("map"), ["A=1,B=2", "C="], { A: "1,B=2", C: "" }],
    [option("map"), { net: ["a", "b"], n: 1, read: true }, { net: "a,b", n: "1", read: "true" }],
    [option("map"), "", {}],
    [option("map"), {}, {}],
    [option("stem", { default: true }), "y", true],
    [option("stem", { default: true }), null, false],
    [option("stem", { default: true }), " july ", "july"],
    [option("stem", { default: true }), 2019, "2019"],
  ];
  for (const [entry, value, expected] of cases) {
    await t.step(`${entry.type} ${Deno.inspect(value)}`, () => {
      assertEquals(parseValue(entry, value, "here"), expected as never);
    });
  }
});

Deno.test("parseValue() refuses what does not fit, and says what would", async (t) => {
  const cases: [Option, unknown[], string][] = [
    [option("boolean", { default: true }), ["maybe", "", 5, ["true"], undefined], "true or false"],
    [option("boolean"), ["maybe"], "true or false, or null"],
    [option("integer", { default: 1 }), ["", "1.5", "x", true, null, [1]], "a whole number"],
    [option("integer", { default: 1, min: 1 }), [0, "-1"], "a whole number of at least 1"],
    [option("number", { default: 1 }), ["", " ", "Infinity", NaN, {}], "a number"],
    [option("text", { default: "" }), [null, true, ["a"]], "text"],
    [option("text", { default: "a", choices: ["a", "b"] }), ["c", "A"], "one of a, b"],
    [option("list", { default: [] }), [null, 5, [null], [["a"]]], "a list such as a,b"],
    [
      option("duration"),
      ["", 0, "-5", "5 weeks", "1h30m", "."],
      "seconds, or a duration such as 90s, 5m, 2h, or null",
    ],
    [
      option("duration", { default: "1s", min: 0 }),
      ["-1", "x"],
      "seconds, or a duration such as 90s, 5m, 2h",
    ],
    [
      option("memory"),
      ["", 0, "4G", "1.5.5GB", "9999999999TB"],
      "bytes, or a size such as 512MB, 4GB, 1GiB, or null",
    ],
    [
      option("map", { default: {} }),
      ["A", "=1", null, 5, ["A"], { A: null }, { A: {} }],
      "names and values such as A=1,B=2",
    ],
    [option("stem", { default: true }), ["", " ", ["a"]], "true, false or the name of a file"],
  ];
  for (const [entry, values, expected] of cases) {
    for (const value of values) {
      const shown = Deno.inspect(value);
      await t.step(`${entry.type} ${shown}`, () => {
        const wrong = assertThrows(() => parseValue(entry, value, "here"), UsageError);
        assertEquals(wrong.message, `Cannot use ${shown} as x (here): write ${expected}`);
      });
    }
  }
});

Deno.test("asWritten() undoes the units, in the largest that fits", async (t) => {
  const cases: [Option, number | null, string | null][] = [
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

Deno.test("formatValue() gives a text that reads as the same value", async (t) => {
  const cases: [Option, unknown, string][] = [
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

Deno.test("describe() adds the choices and the short names", () => {
  assertEquals(describe(option("text")), "An option.");
  assertEquals(describe(option("text", { choices: ["a", "b"] })), "An option. One of: a, b.");
  assertEquals(describe(option("text", { keys: { a: "b" } })), "An option. Short names: a.");
});
