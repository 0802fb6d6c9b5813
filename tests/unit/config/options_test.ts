import { type OptionSpec, parseValue } from "../../../lib/config/option_types.ts";
import { camelCase, OPTION_GROUPS, OPTIONS } from "../../../lib/config/options.ts";
import { SETTABLE } from "../../../lib/job/steer/check_change.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("OPTIONS has each name and flag once, in snake_case, and sentences", () => {
  const table: readonly OptionSpec[] = OPTIONS;
  const words = table.flatMap(({ name, flag }) => flag ? [name, flag] : [name]);
  assertEquals(words.length, new Set(words).size);
  assertEquals(words.filter((word) => !/^[a-z]+(_[a-z]+)*$/.test(word)), []);
  assertEquals(table.filter(({ doc }) => !/^[A-Z][^\n]*\.$/.test(doc)), []);
});

Deno.test("camelCase() infers the type of the name", () => {
  const name: "maxAttempts" = camelCase("max_attempts");
  assertEquals([name, camelCase("log"), camelCase("is_x_y")], ["maxAttempts", "log", "isXY"]);
});

Deno.test("OPTIONS has each short flag once, and options in every group", () => {
  const table: readonly OptionSpec[] = OPTIONS;
  const letters = table.flatMap(({ name, short }) => short ? [[short, name]] : []);
  assertEquals(letters, [["j", "workers"], ["q", "quiet"]]);
  const used = new Set(table.filter(({ isCommon }) => isCommon).map(({ group }) => group));
  assertEquals([...used].sort(), Object.keys(OPTION_GROUPS).sort());
});

Deno.test("OPTIONS hides options for users of the Python package from the main help", () => {
  const table: readonly OptionSpec[] = OPTIONS;
  const legacy = table.filter((option) => option.legacy);
  assertEquals(legacy.map(({ name }) => name), [
    "is_dev",
    "cpu_job",
    "cpu_image",
    "gpu_image",
    "suppress",
  ]);
  assertEquals(legacy.filter(({ isCommon }) => isCommon), []);
});

Deno.test("each option that can change while a job runs accepts none", () => {
  const values = SETTABLE.map((name) => {
    const option = OPTIONS.find((one) => one.name === name)!;
    return [name, parseValue(option, "none", "here")];
  });
  assertEquals(values, [
    ["workers", null],
    ["rate", null],
    ["timeout", null],
    ["memory", null],
    ["halt", null],
    ["max_attempts", 1],
    ["retry", {}],
    ["backoff", 0],
  ]);
});

Deno.test("OPTIONS knows each option that is a path", () => {
  const table: readonly OptionSpec[] = OPTIONS;
  assertEquals(
    table.filter(({ label }) => /^(?:DIR|FILE)/.test(label ?? "")).map(({ isPath }) => isPath),
    table.filter(({ isPath }) => isPath).map(() => true),
  );
});
