/**
 * Stacks that name the user's own files and lines.
 *
 * @module
 */

import { bundleTask } from "../../../lib/bundle/build.ts";
import type { FunctionRef } from "../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { locationIn, stackOf } from "./programs.ts";

Deno.test("a stack names the user's own files and lines", async (t) => {
  const sources = {
    "tiles.ts": [
      'import { deep } from "./lib/deep.ts";',
      'import { view } from "./view.tsx";',
      "interface Tile { id: number }",
      "",
      "export function task(tile: Tile): number {",
      '  throw new RangeError("too far");',
      "}",
      "export const nested = (x: number) => deep(x);",
      "export const tsx = (x: number) => view(x);",
      "export async function later(x: number) {",
      "  await Promise.resolve();",
      "  return await nested(x);",
      "}",
    ].join("\n"),
    "lib/deep.ts": [
      "const here: string = import.meta.url;",
      "type Name = string;",
      "",
      "export function deep(x: number): number {",
      "  if (here && x) throw new RangeError(`too far`);",
      "  return x;",
      "}",
    ].join("\n"),
    "view.tsx": [
      "const React = { createElement: (tag: string) => tag };",
      "export function view(x: number) {",
      "  const tag = <b>bold</b>;",
      '  if (tag) throw new RangeError("too far");',
      "}",
    ].join("\n"),
    "with blank #1%/tiles.ts": [
      'import { deep } from "../lib/deep.ts";',
      "",
      "export const task = (x: number) => deep(x);",
    ].join("\n"),
  };
  await using folder = await makeFolder(sources);
  const cases: [name: string, location: FunctionRef, frames: string[]][] = [
    ["of a function", locationIn(folder, "tiles.ts"), ["at task (DIR/tiles.ts:6:9)"]],
    ["of a helper, below a line that is not its own", locationIn(folder, "tiles.ts#nested"), [
      "at deep (DIR/lib/deep.ts:5:24)",
      "at nested (DIR/tiles.ts:8:38)",
    ]],
    ["of TSX", locationIn(folder, "tiles.ts#tsx"), [
      "at view (DIR/view.tsx:4:18)",
      "at tsx (DIR/tiles.ts:9:35)",
    ]],
    ["of what was awaited", locationIn(folder, "tiles.ts#later"), [
      "at deep (DIR/lib/deep.ts:5:24)",
      "at nested (DIR/tiles.ts:8:38)",
      "at later (DIR/tiles.ts:12:16)",
    ]],
    [
      "of a file with special characters in its name",
      { module: folder.url("with blank #1%/tiles.ts"), method: "task" },
      ["at deep (DIR/lib/deep.ts:5:24)", "at task (DIR/with blank #1%/tiles.ts:3:36)"],
    ],
  ];
  for (const [name, location, frames] of cases) {
    await t.step(name, async () => {
      assertEquals(await stackOf(await bundleTask(location), folder.path), [
        "RangeError: too far",
        ...frames,
      ]);
    });
  }
  await t.step("of a function that travels as its source", async () => {
    const stack = await stackOf(
      await bundleTask(function far() {
        throw new RangeError("too far");
      }),
    );
    assertEquals(stack, ["RangeError: too far", "at far (dl-jobs:user:2:13)"]);
  });
});
