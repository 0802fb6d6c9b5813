import { chooseJobs } from "../../../../lib/web/page/job_filter.ts";
import type { ListedJob } from "../../../../lib/web/protocol.ts";
import { assertEquals } from "../../../support/assert.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");

function jobOf(id: string, name: string, state: ListedJob["state"], started?: string): ListedJob {
  const counts = { total: 1, succeeded: 0, failed: 0 };
  return { id, name, state, started, engine: "local", function: "f", ...counts };
}

Deno.test("chooseJobs() selects by words, state and time", () => {
  const jobs = [
    jobOf("1124-a", "tiles.Mean", "running", "2026-11-24T11:30:00Z"),
    jobOf("1120-b", "tiles.max", "failed", "2026-11-20T11:30:00Z"),
    jobOf("9-c", "gone", "damaged"),
  ];
  const cases: [filter: [text: string, state: string, time: string], ids: string[]][] = [
    [["", "any", "any time"], ["1124-a", "1120-b", "9-c"]],
    [["MEAN tiles", "any", "any time"], ["1124-a"]],
    [[" 1120 ", "any", "any time"], ["1120-b"]],
    [["", "failed", "any time"], ["1120-b"]],
    [["", "any", "last hour"], ["1124-a", "9-c"]],
    [["", "any", "last week"], ["1124-a", "1120-b", "9-c"]],
  ];
  for (const [[text, state, time], ids] of cases) {
    const found = chooseJobs(jobs, { text, state, time }, NOW);
    assertEquals(found.map(({ id }) => id), ids);
  }
});
