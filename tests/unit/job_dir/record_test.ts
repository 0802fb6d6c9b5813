import { readRecord, writeRecord } from "../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

Deno.test("writeRecord() puts a record in place as a whole", async () => {
  await using folder = await makeFolder();
  const record = recordFor("x", { counts: { total: 1, succeeded: 1, failed: 0 } });
  writeRecord(folder.path, recordFor("x"));
  writeRecord(folder.path, record);
  assertEquals(readRecord(folder.path), record);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["job.json"]);
});
