/**
 * List files whose format is determined before the job starts.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { inspect } from "../../../lib/formats/inspect.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertLess } from "../../support/assert.ts";

/** Returns the bytes of all buffers that are in use. */
function bufferBytes(): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  return Deno.memoryUsage().external;
}

Deno.test("inspect() holds no bytes of the files of a long list", async (t) => {
  const contents = { "x.csv": "a,b\n1,2\n", "x.ndjson": "1\n", "x.json": "[1]", "x.txt": "a\n" };
  await using folder = await makeFolder(contents);
  for (const name of Object.keys(contents)) {
    await t.step(name, async () => {
      const path = `${folder.path}/${name}`, before = bufferBytes(), files = [];
      for (let i = 0; i < 300; i++) files.push(await inspect(path, {}));
      assertLess((bufferBytes() - before) / files.length, 30_000, "bytes for each file");
    });
  }
});
