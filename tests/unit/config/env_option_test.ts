import { literalValues } from "../../../lib/config/env_option.ts";
import { parseOption } from "../../../lib/config/load.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { useEnv } from "../../../lib/util/env.ts";

Deno.test("env passes on a variable of this process by its name", async () => {
  using _env = useEnv({ DL_TEST_PASSED: "1,2=3" });
  assertEquals(await parseOption("env", "DL_TEST_PASSED", "here"), { DL_TEST_PASSED: "1,2=3" });
  assertEquals(await parseOption("env", ["DL_TEST_PASSED", "B=2"], "here"), {
    DL_TEST_PASSED: "1,2=3",
    B: "2",
  });
});

Deno.test("env refuses a value without showing it", async (t) => {
  const cases: [value: unknown, message: string][] = [
    [
      "DL_TEST_UNSET",
      "DL_TEST_UNSET as env (here): this variable is not set here, set it or " +
      "write DL_TEST_UNSET=VALUE",
    ],
    [{ T: null, U: "s3cret" }, "T as env (here): its value is not a text, write it in quotes"],
    [
      { T: undefined, U: "s3cret" },
      "T as env (here): its value is undefined, set it or leave the variable out",
    ],
    [{ T: { a: "s3cret" } }, "T as env (here): its value is not a text, write it in quotes"],
    [{ T: ["s3cret"] }, "T as env (here): its value is not a text, write it in quotes"],
    [{ T: 12345678901234567890 }, "T as env (here): its value is not a text, write it in quotes"],
    ...[{ T: "s3cret\0" }, ["T=s3cret\0"]].map((value): [unknown, string] => [
      value,
      "T as env (here): its value contains a NUL character, which no variable can hold, remove it",
    ]),
    ["=s3cret", "the value of env (here): write NAME=VALUE, or the NAME of a variable that is set"],
    [
      { "A=": "s3cret" },
      "the value of env (here): write NAME=VALUE, or the NAME of a variable that is set",
    ],
    [5, "the value of env (here): write NAME=VALUE, or the NAME of a variable that is set"],
  ];
  for (const [value, message] of cases) {
    await t.step(Deno.inspect(value), async () => {
      const error = await assertRejects(() => parseOption("env", value, "here"), UsageError);
      assertEquals(error.message, `Cannot use ${message}`);
    });
  }
});

Deno.test("literalValues() returns the values that a session must not store", () => {
  assertEquals(literalValues({ A: "x", B: 1 }), ["x", "1"]);
  assertEquals(literalValues(["A=x=y", "PASSED"]), ["x=y"]);
  assertEquals(literalValues("A=1,2"), ["1,2"]);
  assertEquals(literalValues(undefined), []);
});
