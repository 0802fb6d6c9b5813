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
