import type { Platform } from "../../../../lib/engines/compute/platform.ts";
import type { Filter } from "../../../../lib/engines/compute/transport.ts";
import {
  findAssignments,
  placeOf,
  submissionsOf,
} from "../../../../lib/engines/compute/submission.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

// The records of version 0.1.0. The controller of the second died before it had the ids.
const KNOWN = '{"function":{"id":"f","namespace":"n"},"reference":"r0",' +
  '"slices":[[[0,5,1]],[[5,5,1]]],"jobs":["a","b"]}\n';
const UNKNOWN = '{"function":{"id":"f","namespace":"n"},"reference":"r1",' +
  '"slices":[[[10,2,1]],[[12,1,1]]]}\n';

/** A platform with one job of a reference: the second job of its request. */
function platformOf(asked: Filter[]): Platform {
  const jobsBy = (filter: Filter) => {
    asked.push(filter);
    return Promise.resolve([{ id: "d", status: "running", args: [1] }]);
  };
  return { jobsBy } as unknown as Platform;
}

Deno.test("findAssignments() reads the records of version 0.1.0, and finds lost ids", async () => {
  await using folder = await makeFolder();
  await folder.write("compute/0.json", KNOWN);
  await folder.write("compute/1.json", UNKNOWN);
  await folder.write("compute/function", "f");
  const submissions = submissionsOf(folder.path), asked: Filter[] = [];
  const found = await findAssignments(submissions, platformOf(asked));
  assertEquals(found.map(({ range, part }) => [range, part.job, part.place, part.isCanceled]), [
    [[12, 1, 1], "d", "1_1", false],
    [[0, 5, 1], "a", "0_0", false],
    [[5, 5, 1], "b", "0_1", false],
  ]);
  assertEquals(asked, [[{ name: "tags", op: "eq", val: "r1" }]]);
  const { jobs } = await submissions.read(`${folder.path}/compute/1`);
  assertEquals(jobs, ["", "d"]);
});

Deno.test("findAssignments() moves the mark of a canceled job to its records", async () => {
  await using folder = await makeFolder();
  await folder.write("compute/0.json", KNOWN);
  const submissions = submissionsOf(folder.path);
  await submissions.markCanceled();
  const flags = async () => {
    const found = await findAssignments(submissions, platformOf([]));
    return [...found.map(({ part }) => part.isCanceled), submissions.isCanceled()];
  };
  assertEquals([await flags(), await flags()], [[true, true, false], [true, true, false]]);
});

Deno.test("placeOf() names the platform jobs of a job", () => {
  assertEquals(placeOf("/x/.dl_jobs/20260504T110207-5f2c1a/compute/4", 7), "4_7");
});

Deno.test("findAssignments() takes no job of another request, and cancels jobs without a slice", async () => {
  const own = { status: "running", tags: ["r1"] }, foreign = { id: "x", args: [0], tags: ["r9"] };
  const lists: [rows: object[], parts: string[], canceled: string[]][] = [
    [[{ ...own, id: "c", args: [0] }, { ...own, id: "d", args: [1] }, foreign], ["c", "d"], []],
    [[{ ...own, id: "c", args: null }, { ...own, id: "d" }, foreign], [], ["c", "d"]],
  ];
  for (const [rows, parts, canceled] of lists) {
    await using folder = await makeFolder();
    await folder.write("compute/1.json", UNKNOWN);
    const filters: Filter[] = [];
    const platform = {
      jobsBy: () => Promise.resolve(rows),
      job: (id: string) => Promise.resolve(rows.find((row) => (row as { id: string }).id === id)),
      cancelJobs: (filter: Filter) => Promise.resolve(filters.push(filter)),
    } as unknown as Platform;
    const found = await findAssignments(submissionsOf(folder.path), platform);
    assertEquals(found.map(({ part }) => part.job), parts);
    const ids = filters.map(([one]) => "or" in one! ? one.or.map((each) => each) : [one]);
    assertEquals(ids.flat().map((each) => "val" in each! && each.val), canceled);
  }
});

Deno.test("findAssignments() completes a record without the owner of its function", async () => {
  await using folder = await makeFolder();
  await folder.write("compute/0.json", KNOWN.replace(',"namespace":"n"', ""));
  const platform = { namespaceOf: (id: string) => Promise.resolve(`owner of ${id}`) };
  const submissions = submissionsOf(folder.path);
  const found = await findAssignments(submissions, platform as unknown as Platform);
  assertEquals(found[0]!.part.source, { id: "f", namespace: "owner of f" });
  const record = await submissions.read(`${folder.path}/compute/0`);
  assertEquals(record.function, { id: "f", namespace: "owner of f" });
});
