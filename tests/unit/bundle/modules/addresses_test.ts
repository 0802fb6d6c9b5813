import { isLibrary, LIB, MOD } from "../../../../lib/bundle/modules/addresses.ts";
import { fromFileUrl } from "../../../../lib/util/paths.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("isLibrary() accepts the paths and the URLs of the library alone", async (t) => {
  const root = fromFileUrl(new URL("../", LIB).href);
  const cases: [importer: string, expected: boolean][] = [
    [MOD, true],
    [fromFileUrl(MOD), true],
    [`${LIB}bundle/build.ts`, true],
    [`${root}lib/bundle/build.ts`, true],
    [`${root}python/dl_jobs/worker.py`, true],
    [`${root}mod.ts.js`, false],
    [`${root}library/a.ts`, false],
    [`${root}node_modules/a/lib/mod.ts`, false],
    ["/mod.ts", false],
    ["https://example.org/lib/a.ts", false],
    ["user", false],
  ];
  for (const [importer, expected] of cases) {
    await t.step(importer.replace(root, ""), () => assertEquals(isLibrary(importer), expected));
  }
});
