import { readFailures } from "../../../lib/journal/failures.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { bare } from "../../support/jobs.ts";
import { linesOf } from "./_events.ts";

const ERROR = { message: "no", type: "Error", class: "error" } as const;

Deno.test("readFailures() returns the last failures of tasks, in the order in which they failed", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/journal`;
  const failed = (id: number, attempt: number) =>
    ({ id, attempt, type: "failed", ms: 0, error: ERROR }) as const;
  const queued = (id: number, attempt: number) => ({ id, attempt, type: "queued" }) as const;
  {
    using journal = Journal.create(path, "a job");
    journal.append(linesOf([
      failed(5, 1),
      failed(2, 1),
      { id: 0, attempt: 1, type: "succeeded", ms: 0, result: 1 },
      { id: 1, attempt: 1, type: "retried", ms: 0, error: ERROR },
      failed(1, 2),
      queued(5, 1),
      queued(2, 1),
      failed(2, 2),
      { id: 5, attempt: 2, type: "succeeded", ms: 0, result: 1 },
    ]));
  }
  const found = await Array.fromAsync(readFailures(path));
  assertEquals(bare(found), bare([failed(1, 2), failed(2, 2)]));
});
