import { beginRun } from "../../../../lib/job/run/active_run.ts";
import { Steering } from "../../../../lib/job/run/steering.ts";
import { appendControl } from "../../../../lib/job_dir/control.ts";
import { JobLock } from "../../../../lib/job_dir/lock.ts";
import { readRecord } from "../../../../lib/job_dir/record.ts";
import { Attempts } from "../../../../lib/tasks/attempts.ts";
import { LiveOptions } from "../../../../lib/tasks/live_options.ts";
import { Pace } from "../../../../lib/tasks/pace.ts";
import { parsePolicy } from "../../../../lib/tasks/retry.ts";
import { Reporter } from "../../../../lib/terminal/reporter.ts";
import { TerminalScreen } from "../../../../lib/terminal/screen.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { eventLines } from "../../../support/jobs.ts";
import { planFor } from "../plan_for.ts";

Deno.test("Steering tells a user of a change when the journal and the record have it", async () => {
  await using folder = await makeFolder();
  const seen: unknown[] = [];
  const write = (text: string) => {
    const { options, controlled } = readRecord(folder.path);
    const kept = eventLines(folder.path).map((line) => JSON.parse(line).set);
    seen.push([text.trim(), kept, options.workers, controlled]);
  };
  const screen = new TerminalScreen({ isMoving: false, write });
  const reporter = new Reporter({ noisy: false, suppress: [], screen });
  const run = beginRun(planFor(folder.path, { reporter }));
  appendControl(folder.path, { set: { workers: 3 } }, {});
  const end = appendControl(folder.path, { set: { workers: 1 } }, {});
  using lock = await JobLock.take(folder.path);
  const list: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} };
  const attempts = new Attempts(list, { policy: parsePolicy({}, 1), backoff: 0, limits: {} });
  const parts = { live: new LiveOptions({}), pace: new Pace(), attempts, lock };
  using _steering = new Steering(run, { ...parts, onChange: () => seen.push("applied") });
  const kept = [{ workers: 3 }, { workers: 1 }];
  assertEquals(seen, [
    ["Changed workers=3", kept, 1, end],
    ["Changed workers=1", kept, 1, end],
    "applied",
  ]);
});
