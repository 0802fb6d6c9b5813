import {
  cacheFolder,
  directoryOf,
  engineFolder,
  jobFiles,
  jobFolder,
  jobIdOf,
  sessionHistory,
  storeOf,
} from "../../../lib/job_dir/layout.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a job's folder is named by its id", () => {
  const folder = jobFolder("20260101T000000-000aaa", "/a/.dl_jobs/b");
  assertEquals(folder, "/a/.dl_jobs/b/.dl_jobs/20260101T000000-000aaa");
  assertEquals([jobIdOf(folder), directoryOf(folder)], [
    "20260101T000000-000aaa",
    "/a/.dl_jobs/b",
  ]);
  assertEquals(jobFolder("x"), `${Deno.cwd()}/.dl_jobs/x`);
});

// Other versions and programs read these files: code that renames one must still read the old name.
Deno.test("the files of a job keep their names", () => {
  assertEquals(Object.values(jobFiles("/j")), [
    "/j/job.json",
    "/j/bundle.js",
    "/j/tasks.ndjson",
    "/j/tasks.sums",
    "/j/places.json",
    "/j/events.ndjson",
    "/j/logs.ndjson",
    "/j/spans.ndjson",
    "/j/resources.ndjson",
    "/j/files",
    "/j/tasks.sqlite",
    "/j/control.ndjson",
    "/j/lock",
  ]);
  assertEquals([engineFolder("/j", "slurm"), cacheFolder("/s"), cacheFolder(storeOf("/a"))], [
    "/j/slurm",
    "/s/cache",
    "/a/.dl_jobs/cache",
  ]);
  assertEquals(sessionHistory("/a"), "/a/.dl_jobs/history");
});
