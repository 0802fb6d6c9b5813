import { basename, dirname, fromFileUrl, toFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("dirname() and basename() cut a path at its last slash", () => {
  const cases: [path: string, folder: string, name: string][] = [
    ["/data/a/b.csv", "/data/a", "b.csv"],
    ["a/b", "a", "b"],
    ["b", ".", "b"],
    ["/b", "/", "b"],
  ];
  for (const [path, folder, name] of cases) {
    assertEquals([dirname(path), basename(path)], [folder, name], path);
  }
});

Deno.test("toFileUrl() and fromFileUrl() keep every character of a path", () => {
  for (const path of ["/a b", "/ü/日本", "/100%", "/a?b#c", "/[x]"]) {
    assertEquals(fromFileUrl(toFileUrl(path)), path);
  }
});
