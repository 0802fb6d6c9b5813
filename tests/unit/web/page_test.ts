import { readGraph } from "../../../scripts/import_graph.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

Deno.test("page.ts has a literal import of every module and style of the page", async () => {
  const graph = new Map((await readGraph(ROOT)).map((file) => [file.path, file.imports]));
  const used = new Set<string>();
  const visit = (path: string) => {
    if (used.has(path)) return;
    used.add(path);
    for (const { target, kind } of graph.get(path) ?? []) {
      if (target && kind !== "type") visit(target);
    }
  };
  visit("lib/web/page/main.tsx");
  const text = await Deno.readTextFile(`${ROOT}lib/web/page.ts`);
  const modules = [...text.matchAll(/^ {2}"(lib\/[^"]+)": \(\)/gm)].map(([, path]) => path);
  assertEquals(modules.sort(), [...used].sort());
  for (const { name } of Deno.readDirSync(`${ROOT}lib/web/page`)) {
    assert(text.includes(`import("./page/${name}"`), name);
  }
});
