import { damagedJobs, findJob, jobIds, listJobs } from "../../../lib/job_dir/find.ts";
import { STORE } from "../../../lib/job_dir/layout.ts";
import { JobLock } from "../../../lib/job_dir/lock.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

/** A folder with the records of some jobs. */
async function makeStore(names: Readonly<Record<string, string>>): Promise<Folder> {
  const folder = await makeFolder();
  for (const [id, name] of Object.entries(names)) {
    await folder.write(`${STORE}/${id}/job.json`, JSON.stringify(recordFor(id, { name })));
  }
  return folder;
}

const IDS = {
  "20260101T000000-000aaa": "old.task",
  "20260102T000000-000abc": "work.task",
  "20260103T000000-000bbb": "work.task",
};

Deno.test("listJobs() returns the jobs of a folder, the newest last", async () => {
  await using folder = await makeStore(IDS);
  await folder.write(`${STORE}/cache/x.js`, "");
  await folder.write(`${STORE}/a file`, "");
  assertEquals(listJobs(folder.path), Object.keys(IDS));
  await using empty = await makeFolder();
  assertEquals(listJobs(empty.path), []);
});

Deno.test("findJob() finds a job by its id, a part of the id, its name or `last`", async (t) => {
  await using folder = await makeStore(IDS);
  const [oldest, middle, newest] = Object.keys(IDS);
  const cases: [called: string | undefined, id: string | undefined][] = [
    [undefined, newest],
    ["last", newest],
    [oldest, oldest],
    ["20260102", middle],
    ["aaa", oldest],
    ["000abc", middle],
    ["old.task", oldest],
    ["work.task", newest],
  ];
  for (const [called, id] of cases) {
    await t.step(String(called), () => {
      assertEquals(findJob(called, folder.path), `${folder.path}/${STORE}/${id}`);
    });
  }
});

Deno.test("findJob() prefers a name to a part of another job's id", async () => {
  await using folder = await makeStore({
    "20260101T000000-000aaa": "add",
    "20260102T000000-01add0": "20260103T",
    "20260103T000000-02add0": "work.task",
    "20260104T000000-000bbb": "2026",
  });
  const cases = {
    "add": "20260101T000000-000aaa",
    "2026": "20260104T000000-000bbb",
    "1add": "20260102T000000-01add0",
    "20260103T": "20260102T000000-01add0",
    "20260103T0": "20260103T000000-02add0",
  };
  for (const [called, id] of Object.entries(cases)) {
    assertEquals(findJob(called, folder.path), `${folder.path}/${STORE}/${id}`, called);
  }
  assertThrows(() => findJob("add0", folder.path), UsageError, "Cannot choose a job");
});

Deno.test("findJob() finds a renamed folder by its name and by the id in its record", async () => {
  await using folder = await makeStore(IDS);
  const [, middle, newest] = Object.keys(IDS), store = `${folder.path}/${STORE}`;
  Deno.renameSync(`${store}/${middle}`, `${store}/mine`);
  assertEquals(findJob("mine", folder.path), `${store}/mine`);
  assertEquals(findJob(middle, folder.path), `${store}/mine`);
  // A copy beside its original is found only by its name.
  await folder.write(
    `${STORE}/copy/job.json`,
    Deno.readTextFileSync(`${store}/${newest}/job.json`),
  );
  assertEquals(findJob(newest, folder.path), `${store}/${newest}`);
  assertEquals(findJob("copy", folder.path), `${store}/copy`);
});

Deno.test("findJob() finds no job for an empty text, which is part of every id", async () => {
  await using folder = await makeStore({ "20260101T000000-000aaa": "only" });
  assertThrows(() => findJob("", folder.path), UsageError, 'Cannot find job ""');
});

/** Contents of damaged records, by the end of the job's id. */
const DAMAGED = {
  "empty": "",
  "cut": '{"id":"x","na',
  "text": "no JSON",
  "null": "null",
  "none": "{}",
};

Deno.test("damaged jobs do not hide the others, and are listed", async () => {
  await using folder = await makeStore(IDS);
  const ids = Object.keys(DAMAGED).map((name) => `20260104T000000-${name}`).sort();
  for (const [name, text] of Object.entries(DAMAGED)) {
    await folder.write(`${STORE}/20260104T000000-${name}/job.json`, text);
  }
  await folder.write(`${STORE}/20260105T000000-missing/bundle.js`, "");
  const all = [...ids, "20260105T000000-missing"];
  const newest = Object.keys(IDS).at(-1)!;
  assertEquals(listJobs(folder.path), Object.keys(IDS));
  assertEquals(jobIds(folder.path), [...Object.keys(IDS), ...all]);
  assertEquals(damagedJobs(newest, folder.path).map(({ id }) => id), all);
  assertEquals(damagedJobs("20260105T000000-missing", folder.path), []);
  for (const called of ["last", "work.task", newest]) {
    assertEquals(findJob(called, folder.path), `${folder.path}/${STORE}/${newest}`);
  }
  assertEquals(findJob("missing", folder.path), `${folder.path}/${STORE}/${all.at(-1)}`);
  // The folder of a job that is just being created has no record yet.
  using _lock = await JobLock.take(`${folder.path}/${STORE}/${all.at(-1)}`);
  assertEquals(damagedJobs(newest, folder.path).map(({ id }) => id), ids);
});

Deno.test("findJob() explains why no job matches", async () => {
  await using folder = await makeStore(IDS);
  await using empty = await makeFolder();
  const message = (called: string, cwd: string) =>
    assertThrows(() => findJob(called, cwd), UsageError).message;
  assertEquals(
    message("unknown", folder.path),
    'Cannot find job "unknown": dl_jobs jobs lists the jobs of this folder',
  );
  assertEquals(
    message("2026", folder.path),
    `Cannot choose a job: "2026" is part of the ids ${Object.keys(IDS).join(", ")}; ` +
      "type more of the id",
  );
  await using many = await makeStore(
    Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`2026010${i}T000000-000aaa`, "task"])),
  );
  assertEquals(
    message("2026", many.path),
    'Cannot choose a job: "2026" is part of 7 ids, such as ' +
      [2, 3, 4, 5, 6].map((i) => `2026010${i}T000000-000aaa`).join(", ") + "; type more of the id",
  );
  const id = "20260101T000000-000aaa";
  await using damaged = await makeFolder({ [`${STORE}/${id}/job.json`]: "{}" });
  assertThrows(
    () => findJob("last", damaged.path),
    Error,
    `Cannot read job ${id}: ${damaged.path}/${STORE}/${id}/job.json is damaged`,
  );
  assertEquals(
    message("last", empty.path),
    `Cannot find a job: ${empty.path}/${STORE} has no jobs, start one or go to the folder where it began`,
  );
});
