import { resumeJob } from "../../lib/job/resume/resume.ts";
import { type JobRecord, readRecord, writeRecord } from "../../lib/job_dir/record.ts";
import { assertEquals } from "../support/assert.ts";
import { enterFolder, readEvents, readLines, runJob } from "../support/jobs.ts";

Deno.test("a journal cut at any byte of its last three lines is read and resumed", async (t) => {
  await using _folder = await enterFolder();
  const fn = (x: number) => {
    if (x === 4) throw new Error("no");
    return { x, text: "ü" };
  };
  const { paths } = await runJob({ fn, argsList: 6, engine: "inline", name: "cut" });
  const journal = await Deno.readFile(`${paths.folder}/events.ndjson`);
  const record = asDied(readRecord(paths.folder));
  const results = readLines(paths.results);
  const ids = readEvents(paths.folder).map(({ id }) => id);
  assertEquals([ids, results.length], [[0, 1, 2, 3, 4, 5], 5]);

  const first = startOfLast(journal, 3);
  await t.step(`${journal.length - first} cuts`, async () => {
    for (let cut = first; cut <= journal.length; cut++) {
      await Deno.writeFile(`${paths.folder}/events.ndjson`, journal.subarray(0, cut));
      writeRecord(paths.folder, record);
      const { succeeded, failed, total } = await resumeJob(paths.folder);
      const events = readEvents(paths.folder).map(({ id, type }) => `${id} ${type}`);
      assertEquals([succeeded, failed, total], [5, 1, 6], `cut at ${cut}`);
      assertEquals(
        events.sort(),
        ids.map((id) => `${id} ${id === 4 ? "failed" : "succeeded"}`),
        `cut at ${cut}`,
      );
      assertEquals(readLines(paths.results).sort(), results, `cut at ${cut}`);
      assertEquals(readLines(paths.errors).length, 1, `cut at ${cut}`);
    }
  });
});

/** Returns the position at which the last lines start. */
function startOfLast(bytes: Uint8Array, lines: number): number {
  let at = bytes.length - 1;
  for (let i = 0; i < lines; i++) at = bytes.lastIndexOf(10, at - 1);
  return at + 1;
}

/** The record of a job whose controller was killed: it has no end. */
function asDied(ended: JobRecord): JobRecord {
  const { ended: _ended, state: _state, counts: _counts, ...record } = ended;
  return record;
}
