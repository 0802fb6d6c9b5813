import type { CanaryPlan } from "../../../lib/job/canary/canary.ts";
import { assertEquals } from "../../support/assert.ts";
import { readEvents, runJob } from "../../support/jobs.ts";
import { assertWhole, jobFolder, test } from "./failures/jobs.ts";

test("a canary is submitted alone, and the rest after the answer", async ({ server }) => {
  const jobs: number[] = [], plans: CanaryPlan[] = [];
  const options = {
    ...{ moduleName: "work", methodName: "quick", moduleDir: ".", argsList: 40 },
    ...{ engine: "compute" as const, platformJob: true, isDev: false, chunk: 5, workers: null },
    compute: "poll=0.05,maximum_concurrency=2",
  };
  const { succeeded } = await runJob(options, {
    canary: {
      tasks: 4,
      confirm(plan) {
        jobs.push(server.jobs.size);
        return plans.push(plan) > 0;
      },
    },
  });
  const ids = readEvents(await jobFolder()).map(({ id }) => id);
  assertEquals([succeeded, jobs.length, ids.slice(0, 4)], [40, 1, [5, 15, 25, 35]]);
  assertEquals(
    plans.map((
      { tasks, failed, rest, parallel, restMs },
    ) => [tasks, failed, rest, parallel, restMs]),
    [[4, 0, 36, undefined, undefined]],
  );
  await assertWhole(40);
});
