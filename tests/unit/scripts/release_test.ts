import { loadYaml } from "../../../lib/deps.ts";
import {
  changelogFindings,
  fileFindings,
  versionFindings,
} from "../../../scripts/release/checks.ts";
import { compareVersions, isVersion } from "../../../scripts/release/version.ts";
import config from "../../../deno.json" with { type: "json" };
import { readGraph } from "../../../scripts/import_graph.ts";
import { ROOT } from "../../../scripts/steps/deno.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

const next = (version: string) => ({ version, day: "2026-11-26", isTagged: false });
const tagged = (version: string) => ({ ...next(version), isTagged: true });

Deno.test("versionFindings() accepts only a newer version", async (t) => {
  for (
    const [version, finding] of [
      ["0.2.0", undefined],
      ["0.1.10", undefined],
      ["1.0.0", undefined],
      ["0.1.9", "it is not newer than 0.1.9, the version in deno.json"],
      ["0.1.2", "it is not newer than 0.1.9, the version in deno.json"],
      ["v0.2.0", '"v0.2.0" is not a version such as 0.1.9'],
      ["0.02.0", '"0.02.0" is not a version such as 0.1.9'],
      ["0.2", '"0.2" is not a version such as 0.1.9'],
    ]
  ) {
    await t.step(version!, () => {
      assertEquals(versionFindings(next(version!), "0.1.9"), finding ? [finding] : []);
    });
  }
  assertEquals(versionFindings(tagged("0.2.0"), "0.2.0"), []);
  assertEquals(versionFindings(tagged("0.2.0"), "0.1.9"), ["deno.json has the version 0.1.9"]);
});

Deno.test("changelogFindings() wants entries for the release", () => {
  const changelog =
    "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - day\n";
  assertEquals(changelogFindings(next("0.2.0"), changelog), []);
  assertEquals(changelogFindings(tagged("0.1.0"), changelog), [
    "[0.1.0] in CHANGELOG.md has no entries",
  ]);
  assertEquals(changelogFindings(tagged("0.2.0"), changelog), [
    "CHANGELOG.md has no part [0.2.0]",
  ]);
});

Deno.test("compareVersions() compares numbers, not texts", () => {
  const sorted = ["0.10.0", "0.9.1", "1.0.0", "0.9.0"].sort(compareVersions);
  assertEquals(sorted, ["0.9.0", "0.9.1", "0.10.0", "1.0.0"]);
  assert(isVersion("10.0.3"));
});

Deno.test("fileFindings() finds files that a URL import would miss", async (t) => {
  const to = (target: string) => ({ specifier: target, target, line: 1, kind: "static" as const });
  const graph = [
    { path: "mod.ts", imports: [to("lib/a.ts")] },
    { path: "lib/a.ts", imports: [to("tools/b.ts"), { ...to("x"), target: undefined }] },
    { path: "tools/b.ts", imports: [to("tools/c.ts")] },
  ];
  const name = (path: string) =>
    `${path} is loaded from a URL, and is not in publish.include of deno.json`;
  assertEquals(fileFindings(graph, ["./mod.ts"], ["mod.ts", "lib/"]), [
    name("tools/b.ts"),
    name("tools/c.ts"),
  ]);
  await t.step("none is missing in this project", async () => {
    const { exports, publish } = config;
    assertEquals(fileFindings(await readGraph(ROOT), Object.values(exports), publish.include), []);
  });
});

Deno.test("the files in .github are YAML, and the workflows use the pinned Deno", async (t) => {
  const { parse } = await loadYaml();
  const paths = [".github/workflows", ".github/ISSUE_TEMPLATE"].flatMap((folder) =>
    Array.from(Deno.readDirSync(`${ROOT}/${folder}`), ({ name }) => `${folder}/${name}`)
  );
  assertEquals(paths.length, 5);
  const ci = await Deno.readTextFile(`${ROOT}/.ci/run`);
  for (const path of paths) {
    await t.step(path, async () => {
      const text = await Deno.readTextFile(`${ROOT}/${path}`);
      assertEquals(typeof parse(text), "object");
      for (const [, version] of text.matchAll(/deno@(\S+)/g)) {
        assertStringIncludes(ci, `version=${version}\n`);
      }
    });
  }
});
