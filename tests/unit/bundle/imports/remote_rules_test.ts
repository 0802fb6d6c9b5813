import {
  type ImportRuling,
  judge,
  judgeRedirect,
} from "../../../../lib/bundle/imports/remote_rules.ts";
import { assertEquals } from "../../../support/assert.ts";

const HTTPS = "https://host/a/main.ts", HTTP = "http://host:81/a/main.ts";
const MAP: Readonly<Record<string, string>> = {
  own: "file:///project/own.ts",
  far: "https://far/far.ts",
  kit: "npm:kit@1",
};
const FILE = 'A module from the network cannot import the local file "file:///x.ts"';

Deno.test("judge() decides by the address that an import resolves to", async (t) => {
  const cases: [path: string, ImportRuling, importer?: string, type?: string][] = [
    ["./b.ts", { included: "https://host/a/b.ts" }],
    ["../b.js?v=1", { included: "https://host/b.js?v=1" }],
    ["/b.tsx", { included: "https://host/b.tsx" }],
    [".\\b.ts", { included: "https://host/a/b.ts" }],
    ["\t./b.ts", { included: "https://host/a/b.ts" }],
    ["./a%20b.ts", { included: "https://host/a/a%20b.ts" }],
    ["//host/b.ts", { included: "https://host/b.ts" }],
    ["./b.json", { external: "https://host/a/b.json" }, HTTPS, "json"],
    ["./b.ts", { external: "https://host/a/b.ts" }, HTTPS, "text"],
    ["./b", { external: "https://host/a/b" }],
    ["https://host/b.ts", { external: "https://host/b.ts" }],
    ["//far/b.ts", { external: "https://far/b.ts" }],
    ["\\\\far\\b.ts", { external: "https://far/b.ts" }],
    ["//host:82/b.ts", { external: "http://host:82/b.ts" }, HTTP],
    ["far", { external: "https://far/far.ts" }],
    ["kit", { external: "npm:kit@1" }],
    ["npm:kit@2", { external: "npm:kit@2" }],
    ["jsr:@a/kit", { external: "jsr:@a/kit" }],
    ["node:fs", { external: "node:fs" }],
    ["file:///x.ts", { refused: FILE }],
    ["FILE:/x.ts", { refused: FILE }],
    [" fi\nle:x.ts", { refused: FILE }],
    ["own", {
      refused: 'A module from the network cannot import the local file "file:///project/own.ts"',
    }],
    ["data:text/javascript,0", {
      refused: 'A module from the network cannot import "data:text/javascript,0"',
    }],
    ["blob:null/1", { refused: 'A module from the network cannot import "blob:null/1"' }],
    ["dl-jobs:user", { refused: 'A module from the network cannot import "dl-jobs:user"' }],
    ["http://host/b.ts", {
      refused: 'A module from https cannot import "http://host/b.ts": its host is not verified',
    }],
    ["unknown", { refused: 'Could not resolve "unknown"' }],
  ];
  for (const [path, verdict, importer = HTTPS, type] of cases) {
    await t.step(`${JSON.stringify(path)} ${type ?? ""}`, () => {
      const attributes: Record<string, string> = type ? { type } : {};
      assertEquals(judge({ path, importer, with: attributes }, (name) => MAP[name]), verdict);
    });
  }
});

Deno.test("judgeRedirect() permits only hosts that are as safe", () => {
  assertEquals(judgeRedirect(HTTPS, "https://far/b.ts"), undefined);
  assertEquals(judgeRedirect(HTTP, "https://far/b.ts"), undefined);
  for (const to of ["file:///x.ts", "data:,0", "http://host/b.ts"]) {
    assertEquals(
      judgeRedirect(HTTPS, to),
      `${HTTPS} redirects to "${to}": a module from the network cannot redirect there`,
    );
  }
});
