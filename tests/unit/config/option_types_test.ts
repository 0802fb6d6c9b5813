import { UsageError } from "../../../lib/util/errors.ts";
import { type OptionSpec, parseValue } from "../../../lib/config/option_types.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const HOME = Deno.env.get("HOME") ?? "~";

function option(type: OptionSpec["type"], more: Partial<OptionSpec> = {}): OptionSpec {
  return { name: "x", type, default: null, doc: "An option.", ...more };
}

Deno.test("parseValue() reads typed values and text", async (t) => {
  const cases: [OptionSpec, unknown, unknown][] = [
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
    [option("text", { isPath: true }), "~/logs", `${HOME}/logs`],
    [option("text", { isPath: true }), "a/~/b", "a/~/b"],
    [option("text"), "~/logs", "~/logs"],
    [option("list", { isPath: true }), "~/a.env,b.env", [`${HOME}/a.env`, "b.env"]],
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
    [option("map"), "extra=--nice=5,--gres=gpu:1,qos=low", {
      extra: "--nice=5,--gres=gpu:1",
      qos: "low",
    }],
    [option("map"), { a: "True", b: 12345678901234567890n }, {
      a: "true",
      b: "12345678901234567890",
    }],
    [option("env"), "A=1,B=2", { A: "1,B=2" }],
    [option("env"), ["A=x=y", "B="], { A: "x=y", B: "" }],
    [option("env"), { A: 1.5, B: true, D: "True" }, { A: "1.5", B: "true", D: "True" }],
    [option("env"), "", {}],
    [option("integer", { limit: 5 }), 5, 5],
    [option("stem", { default: false, words: ["args"] }), "args", "args"],
    [option("stem", { default: true }), "y", true],
    [option("stem", { default: true }), null, false],
    [option("integer", { default: 1, none: 0 }), null, 0],
    [option("integer", { default: 1, none: 0 }), "None", 0],
    [option("stem", { default: true }), " july ", "july"],
    [option("stem", { default: true }), 2019, "2019"],
    [option("key", { default: false }), "y", "y"],
    [option("key", { default: false }), "no", "no"],
    [option("key", { default: false }), "0", "0"],
    [option("key", { default: false }), true, true],
    [option("key", { default: false }), "false", false],
  ];
  for (const [entry, value, expected] of cases) {
    await t.step(`${entry.type} ${Deno.inspect(value)}`, () => {
      assertEquals(parseValue(entry, value, "here"), expected as never);
    });
  }
});

Deno.test("parseValue() refuses an invalid value, and describes a valid one", async (t) => {
  const cases: [OptionSpec, unknown[], string][] = [
    [option("boolean", { default: true }), ["maybe", "", 5, ["true"], undefined], "true or false"],
    [option("boolean"), ["maybe"], "true or false, or null"],
    [option("integer", { default: 1 }), ["", "1.5", "x", true, null, [1]], "a whole number"],
    [option("integer", { default: 1, min: 1 }), [0, "-1"], "a whole number of at least 1"],
    [option("integer", { default: 1, min: 1, max: 9 }), [0, 10], "a whole number from 1 to 9"],
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
    [
      option("map", { default: {}, example: "hosts=lab1,lab2*8" }),
      ["lab1,lab2"],
      "names and values such as hosts=lab1,lab2*8",
    ],
    [
      option("map", { default: {}, example: "partition=long" }),
      ["exclusive", "exclusive,partition=long"],
      "names and values such as partition=long, and exclusive=true for a switch",
    ],
    [option("stem", { default: true }), ["", " ", ["a"]], "true, false or the name of a file"],
    [option("stem", { default: false, words: ["args"] }), ["arg"], "true, false or args"],
    [
      option("integer", { default: 1, min: 1, limit: 9 }),
      [1e9, "1e12"],
      "a whole number from 1 to 9",
    ],
    [
      option("integer", { default: 1, min: 1, limit: 9 }),
      [0, "1e30", NaN],
      "a whole number of at least 1",
    ],
    [option("number", { default: 1, min: 0, limit: 9 }), [1e300], "a number from 0 to 9"],
    [
      option("duration", { default: "1s" }),
      ["1e10s", "1e999s"],
      "seconds, or a duration such as 90s, 5m, 2h",
    ],
    [
      option("duration", { default: "1s" }),
      ["3651d", 1e9],
      "seconds, or a duration such as 90s, 5m, 2h, at most 3650d",
    ],
    [
      option("memory", { default: 1, limit: 1e14 }),
      ["101TB"],
      "bytes, or a size such as 512MB, 4GB, 1GiB, at most 100TB",
    ],
    [
      option("memory", { default: 1, max: 500e6 }),
      ["501MB", "600MB", 1e9],
      "bytes, or a size such as 512MB, 4GB, 1GiB, at most 500MB",
    ],
    [
      option("memory", { min: 1e6 }),
      [4, "999KB"],
      "bytes, or a size such as 512MB, 4GB, 1GiB, at least 1MB, or null",
    ],
    [
      option("memory", { default: 1, max: 1234 }),
      ["2KB"],
      "bytes, or a size such as 512MB, 4GB, 1GiB, at most 1234B",
    ],
    [
      option("map", { default: {} }),
      [{ A: 12345678901234567890 }],
      "names and values such as A=1,B=2",
    ],
    [option("text", { default: "" }), [2 ** 60], "text"],
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
