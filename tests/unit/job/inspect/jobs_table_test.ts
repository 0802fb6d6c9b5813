import { jobsTable } from "../../../../lib/job/inspect/jobs_table.ts";
import { MINUTE } from "../../../../lib/util/time/duration.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("jobsTable() shows whole states and ages in 80 columns", () => {
  const counts = { total: 40, succeeded: 35, failed: 5 };
  const started = new Date(Date.now() - 112.5 * MINUTE).toISOString();
  const row = {
    id: "20261129T093053-979351",
    name: "tiles.mean",
    started,
    bytes: 49_000,
    ...counts,
  };
  assertEquals(
    jobsTable([{ ...row, state: "succeeded" }], { columns: 80, kept: 1 }),
    `id                      name        state      tasks  succe…  failed  age  size
20261129T093053-979351  tiles.mean  succeeded     40      35       5  1 h  49 kB`,
  );
});
