/**
 * Sources as blocks of whole lines.
 *
 * @module
 */

import { nameOf, readBlocks } from "../../../lib/ndjson/blocks.ts";
import { assertEquals } from "../../support/assert.ts";
import { streamOf } from "./sources.ts";

Deno.test("nameOf() returns the name of a source", () => {
  const names = ["-", "a.ndjson", new URL("file:///a.ndjson"), streamOf(), [1]].map(nameOf);
  assertEquals(names, ["stdin", "a.ndjson", "file:///a.ndjson", "input", "input"]);
});

Deno.test("readBlocks() yields whole lines in the blocks that they arrived in", async (t) => {
  const cases: [name: string, chunks: string[], torn: "keep" | "drop", blocks: string[]][] = [
    ["a block for a chunk", ["1\n2\n", "3\n"], "keep", ["1\n2\n", "3\n"]],
    ["a line over chunks", ["1\n2", "2", "2\n3\n4", "\n"], "keep", ["1\n", "222\n3\n", "4\n"]],
    ["a torn line is ended", ["1\n2"], "keep", ["1\n", "2\n"]],
    ["a torn line is dropped", ["1\n2", "2"], "drop", ["1\n"]],
    ["a torn line alone is dropped", ["1"], "drop", []],
    ["nothing is torn", ["1\n"], "drop", ["1\n"]],
    ["CRLF and blank lines stay", ["\r\n\n1\r\n"], "drop", ["\r\n\n1\r\n"]],
    ["nothing", [], "keep", []],
  ];
  for (const [name, chunks, torn, expected] of cases) {
    await t.step(name, async () => {
      const blocks = await Array.fromAsync(readBlocks(streamOf(...chunks), { torn }));
      assertEquals(blocks.map((block) => new TextDecoder().decode(block)), expected);
    });
  }
});
