import type { JobRecord } from "../../../lib/job_dir/record.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

Deno.test("readState() returns the state of a job", async (t) => {
  const journal = '{"journal":2,"job":"x"}\n{"id":0,"result":1}\n' +
    '{"id":1,"attempt":1,"type":"failed","ms":1,"error":{"message":"no","type":"Error","class":"error"}}\n';
  const tasks = [0, 1, 2].map((id) => `${id}\n`).join("");
  const counts = { total: 9, succeeded: 8, failed: 1 };
  const cases: [
    name: string,
    files: Record<string, string>,
    record: Partial<JobRecord>,
    expected: unknown,
  ][] = [
    ["ended", { "events.ndjson": journal }, { state: "failed", counts, isRead: true }, {
      ...{ state: "failed", counts },
    }],
    ["stopped before its list was read", {}, { state: "canceled", counts }, {
      ...{ state: "canceled", counts, isPartial: true },
    }],
    ["stopped before all of its list was read", {}, { state: "canceled", counts, length: 10 }, {
      ...{ state: "canceled", counts, isPartial: true },
    }],
    ["died before it began", {}, {}, {
      ...{ state: "interrupted", counts: { total: 0, succeeded: 0, failed: 0 }, isPartial: true },
    }],
    [
      "died in the middle of a block",
      {
        "events.ndjson": '{"journal":2,"job":"x"}\n{"id":0,"count":3,"bytes":6}\n1\n2\n',
        "tasks.ndjson": tasks,
      },
      {},
      { state: "interrupted", counts: { total: 3, succeeded: 0, failed: 0 }, isPartial: true },
    ],
    ["died with an empty journal", { "events.ndjson": "" }, { length: 5 }, {
      ...{ state: "interrupted", counts: { total: 5, succeeded: 0, failed: 0 } },
    }],
    ["died on the way", { "events.ndjson": journal, "tasks.ndjson": tasks }, {}, {
      ...{ state: "interrupted", counts: { total: 3, succeeded: 1, failed: 1 }, isPartial: true },
    }],
    [
      "died in the middle of lines",
      {
        "events.ndjson": `${journal}{"id":2,"res`,
        "tasks.ndjson": `${tasks}[3`,
      },
      { length: 2 },
      {
        ...{ state: "interrupted", counts: { total: 3, succeeded: 1, failed: 1 } },
      },
    ],
  ];
  for (const [name, files, record, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeFolder(files);
      assertEquals(readState(folder.path, recordFor("x", record)), expected as never);
    });
  }
});
