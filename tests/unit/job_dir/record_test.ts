import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

Deno.test("writeRecord() puts a record in place as a whole", async () => {
  await using folder = await makeFolder();
  const record = recordFor("x", { counts: { total: 1, succeeded: 1, failed: 0 } });
  writeRecord(folder.path, recordFor("x"));
  writeRecord(folder.path, record);
  assertEquals(readRecord(folder.path), record);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["job.json"]);
});

Deno.test("readRecord() refuses a record that was changed, and reads one of an earlier version", async (t) => {
  const counts = { total: 400, succeeded: 400, failed: 0 };
  const changes: Record<string, (text: string) => string> = {
    "a number": (text) => text.replace('"total": 400', '"total": 401'),
    "a name": (text) => text.replace('"counts"', '"countz"'),
    "the checksum": (text) => text.replace(/"sum": \d/, '"sum": '),
    "no checksum": (text) => text.replace(/\n {2}"sum": \d+,/, ""),
    "no end": (text) => text.slice(0, -2),
    "no content": () => "",
    "another value": () => "7\n",
  };
  for (const [name, change] of Object.entries(changes)) {
    await t.step(name, async () => {
      await using folder = await makeFolder();
      writeRecord(folder.path, recordFor("x", { format: 3, counts }));
      const path = `${folder.path}/job.json`;
      Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
      const id = folder.path.split("/").at(-1);
      assertThrows(
        () => readRecord(folder.path),
        Error,
        `Cannot read job ${id}: ${path} is damaged, restore this file from a copy`,
      );
    });
  }
  await using folder = await makeFolder({ "job.json": JSON.stringify(recordFor("x")) });
  assertEquals(readRecord(folder.path), recordFor("x"));
});
