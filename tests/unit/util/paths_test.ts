import { dirname, fromFileUrl, toFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("dirname() cuts a path at its last slash", () => {
  const cases: [path: string, folder: string][] = [
    ["/data/a/b.csv", "/data/a"],
    ["a/b", "a"],
    ["b", "."],
    ["/b", "/"],
  ];
  for (const [path, folder] of cases) assertEquals(dirname(path), folder, path);
});

Deno.test("toFileUrl() and fromFileUrl() keep every character of a path", async (t) => {
  const cases: [path: string, url: string][] = [
    ["/a/b.ts", "file:///a/b.ts"],
    ["/a b/%20.ts", "file:///a%20b/%2520.ts"],
    ["/a#b?c.ts", "file:///a%23b%3Fc.ts"],
    ["/ü/€.ts", "file:///%C3%BC/%E2%82%AC.ts"],
    ["/a\\b.ts", "file:///a%5Cb.ts"],
    ["/a\nb\t.ts", "file:///a%0Ab%09.ts"],
    ["/a;b=c&d+e@f:g[1].ts", "file:///a;b=c&d+e@f:g[1].ts"],
    ["/a^b|c/%5B.ts", "file:///a^b|c/%255B.ts"],
    ["/C|/a.ts", "file:///C%7C/a.ts"],
    ["/", "file:///"],
  ];
  for (const [path, url] of cases) {
    await t.step(path, () => {
      assertEquals(toFileUrl(path), url);
      assertEquals(fromFileUrl(url), path);
    });
  }
});
