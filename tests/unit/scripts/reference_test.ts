/**
 * The generated pages of the reference.
 *
 * @module
 */

import { parseValue } from "../../../lib/config/option_types.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import type { OptionSpec } from "../../../lib/config/option_types.ts";
import { handWritten, oneLine, withContents } from "../../../scripts/contents.ts";
import { exampleOf } from "../../../scripts/reference/options.ts";
import { REFERENCE, referencePages } from "../../../scripts/reference.ts";
import { ROOT } from "../../../scripts/steps/deno.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("docs/reference/ is as the tables of the code write it", async (t) => {
  const pages = await referencePages();
  for (const { name, text } of pages) {
    await t.step(name, async () => {
      const isSame = await Deno.readTextFile(new URL(name, REFERENCE)) === text;
      assert(isSame, "the tables have changed: deno run -A scripts/reference.ts");
    });
  }
});

Deno.test("each long page begins with the table of its contents", () => {
  const stale = handWritten().filter((path) => {
    const text = Deno.readTextFileSync(`${ROOT}/${path}`);
    return oneLine(text) !== oneLine(withContents(text));
  });
  assertEquals(stale, [], "their headings have changed: deno run -A scripts/contents.ts");
  const long = `# A\n\nText.\n\n## B\n\n${"more\n".repeat(200)}\n## C d\n`;
  const [title, start] = withContents(long).split("\n\n");
  assertEquals([title, start], ["# A", "On this page: [B](#b) ·\n[C d](#c-d)"]);
  assertEquals(withContents(withContents(long)), withContents(long));
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
