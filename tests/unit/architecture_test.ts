import { LAYERS } from "../../scripts/check_layers.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const text = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));

Deno.test("ARCHITECTURE.md: lists the folders in the order of check_layers.ts", () => {
  const named = rowsBelow("## Folders").flatMap(([folders = ""]) =>
    [...folders.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace(/\/$/, ""))
  );
  const layers = LAYERS.flatMap((line) => line.split(" | "));
  assertEquals(named.length, layers.length);
  for (const [index, name] of named.entries()) assertStringIncludes(layers[index]!, name);
});

Deno.test("ARCHITECTURE.md: each walk has at most ten files, each once", async (t) => {
  for (const title of ["**One argument**", "**One event**"]) {
    const walk = rowsBelow(title).map(([file = "", step = ""]) =>
      [file.replaceAll("`", ""), step] as const
    );
    assert(walk.length >= 8 && walk.length <= 10, `${title} has ${walk.length} files`);
    assertEquals(new Set(walk.map(([file]) => file)).size, walk.length);
    for (const [file, step] of walk) {
      await t.step(`${file}: ${step}`, async () => {
        const code = await Deno.readTextFile(new URL(file, ROOT));
        const [, name] = /^`([^`]+)`/.exec(step) ?? [];
        assert(name, "the step does not start with a function");
        assert(code.includes(`${name}(`) || code.includes(`${name}<`), `${file} has no ${name}`);
      });
    }
  }
});

Deno.test("ARCHITECTURE.md: has tables that fit 100 columns", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  assertEquals(rows.filter(({ length }) => length > 100), []);
});

/** Returns the cells of the first table after a text, without its head. */
function rowsBelow(start: string): string[][] {
  const from = text.indexOf(start);
  assert(from >= 0, `there is no ${start}`);
  const [table = ""] = /(^\|.*\n)+/m.exec(text.slice(from)) ?? [];
  return table.trimEnd().split("\n").slice(2)
    .map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}
