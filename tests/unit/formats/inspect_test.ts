/**
 * List files whose format is determined before the job starts.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { inspect } from "../../../lib/formats/inspect.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertLess, assertRejects } from "../../support/assert.ts";

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

Deno.test("inspect() looks behind a byte order mark as at the start of a file", async () => {
  const texts = { "x.ndjson": "[0,1]\n", "y.ndjson": '{"a":\n1}\n', "z.ndjson": '[\n"a"\n]' };
  for (const [name, text] of Object.entries(texts)) {
    await using folder = await makeFolder({ [name]: text, [`m${name}`]: "\ufeff" + text });
    const messageOf = async (file: string) =>
      (await assertRejects(() => inspect(`${folder.path}/${file}`, {}), UsageError)).message;
    assertEquals(await messageOf(`m${name}`), (await messageOf(name)).replace(name, `m${name}`));
  }
});

Deno.test("inspect() leaves no file open", async (t) => {
  const table = "a,b\n1,2\n";
  const contents = { "x.csv": table, "x.ndjson": "1\n", "x.json": "[1]", "refused.ndjson": table };
  await using folder = await makeFolder(contents);
  await Deno.writeFile(`${folder.path}/x.gz`, gzipSync("1\n"));
  for (const name of [...Object.keys(contents), "x.gz"]) {
    await t.step(name, async () => {
      const read = () => inspect(`${folder.path}/${name}`, {}).catch(() => {});
      await read();
      const before = openFiles();
      for (let i = 0; i < 10; i++) await read();
      assertEquals(openFiles(), before);
    });
  }
});

/** Returns the number of open files of this process. */
function openFiles(): number {
  return Array.from(Deno.readDirSync("/proc/self/fd")).length;
}
