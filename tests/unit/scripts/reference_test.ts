/**
 * The generated pages of the reference.
 *
 * @module
 */

import { parseValue } from "../../../lib/config/option_types.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import type { OptionSpec } from "../../../lib/config/option_types.ts";
import { exampleOf } from "../../../scripts/reference/options.ts";
import { REFERENCE, referencePages } from "../../../scripts/reference.ts";
import { assert, assertThrows } from "../../support/assert.ts";

Deno.test("docs/reference/ is as the tables of the code write it", async (t) => {
  const pages = await referencePages();
  for (const { name, text } of pages) {
    await t.step(name, async () => {
      const isSame = await Deno.readTextFile(new URL(name, REFERENCE)) === text;
      assert(isSame, "the tables have changed: deno run -A scripts/reference.ts");
    });
  }
});

Deno.test("exampleOf() returns a valid value", async (t) => {
  for (const option of OPTIONS as readonly OptionSpec[]) {
    await t.step(option.name, () => {
      const [flag, value] = exampleOf(option).split(/ (.*)/);
      assert(flag!.startsWith("--"));
      if (value !== undefined) parseValue(option, value, flag!);
    });
  }
});

Deno.test("exampleOf() refuses an option without an example", () => {
  const option: OptionSpec = { name: "every", type: "duration", default: null, doc: "The pause." };
  assertThrows(() => exampleOf(option), Error, "The option every has no example");
});
