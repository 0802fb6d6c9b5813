/**
 * The places of tasks in the files of a list that an earlier run has read.
 *
 * @module
 */

import { resume, retry } from "../../../lib/api/history.ts";
import { job, local } from "../../../lib/api/shorthand.ts";
import { jobFiles } from "../../../lib/job_dir/layout.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { cli, enterFolder, kill, readLines } from "../../support/jobs.ts";
import { lastFolder } from "./squares.ts";

// The first task succeeds. The others fail, and not before the file `ended` exists.
const WORK = `
export async function work({ n }) {
  if (n === "0") return;
  while (!(await Deno.stat("ended").then(() => true, () => false))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("no " + n);
}
`;
const LISTS: readonly [name: string, text: string, places: string[]][] = [
  ["list.csv", "n\n0\n1\n2\n", ["list.csv:3", "list.csv:4"]],
  ["list.ndjson", '{"n":"0"}\n\n\n{"n":"1"}\n{broken\n', ["list.ndjson:4", "list.ndjson:5"]],
];

const BROKEN = "Cannot read list.ndjson:5:2";

Deno.test("failures in a resumed run have the lines of their tasks", async (t) => {
  for (const [name, text, places] of LISTS) {
    await t.step(name, async () => {
      await using _folder = await enterFolder({ "work.js": WORK, [name]: text });
      const first = local(job("work.work", { argsList: name, workers: 1, quiet: true }));
      for await (const _ of first) first.cancel();
      const { canceled, paths: { folder } } = await first;
      assertEquals([canceled, readRecord(folder).isRead], [2, true]);
      await Deno.writeTextFile("ended", "");
      for (const again of [resume, retry]) {
        const { paths: { errors } } = await again("last");
        const lines = readLines(errors).map((line) => JSON.parse(line))
          .sort((a, b) => a.task - b.task);
        assertEquals(lines.map(({ place }) => place), places);
        const broken = lines.filter((line) => line.class === "invalid").map(({ ERROR }) => ERROR);
        assertEquals(
          broken.map((text) => text.slice(0, BROKEN.length)),
          name === "list.csv" ? [] : [BROKEN],
        );
      }
    });
  }
});

Deno.test("a resumed job names the lines of tasks that an earlier run has read", async () => {
  await using _folder = await enterFolder({
    "work.js": 'export const work = (x) => { if (x % 2) throw new Error("odd"); return x; };',
    "list.ndjson": "0\n\n1\n2\nnope\n4\n5\n",
  });
  const map = ["map", "work.js#work", "list.ndjson", "--engine", "inline", "--halt", "1"];
  assertStringIncludes((await cli(map)).stderr, "failed  task 1 (list.ndjson:3): odd\n");
  const { stderr } = await cli(["resume", "--halt", "none"]);
  assertStringIncludes(stderr, "task 3: Cannot read list.ndjson:5:2: ");
  assertStringIncludes(stderr, "task 5 (list.ndjson:7): odd\n");
});

Deno.test("a job whose controller was killed while it read its list names the lines, too", async (t) => {
  const cuts = [[], ["--where", "it !== 0"], ["--seed", "1", "--shuffle"]];
  for (const cut of cuts) {
    await t.step(cut.join(" ") || "the whole list", async () => {
      await using _folder = await enterFolder({
        "work.js": 'export const work = (x) => { if (x % 2) throw new Error("odd"); return x; };',
        "list.ndjson": "0\n\n1\n2\n3\n\n\n4\n5\n6\n7\n",
      });
      await cli(["map", "work.js#work", "list.ndjson", "--engine", "inline", ...cut]);
      const folder = await lastFolder(), whole = failedPlaces(folder);
      assertEquals(whole.length, 4);
      kill(folder, { read: 4, events: ({ id }) => id === 0 });
      Deno.removeSync(jobFiles(folder).places);
      assertEquals((await cli(["resume"])).code, 1);
      assertEquals(failedPlaces(folder), whole);
      const { counts } = readRecord(folder);
      assertEquals(counts?.total, cut[0] === "--where" ? 7 : 8);
    });
  }
});

/** Returns the failed tasks of a job with their places. */
function failedPlaces(folder: string): string[] {
  return readLines(readRecord(folder).files.errors).map((line) => JSON.parse(line))
    .map(({ task, place }) => `${task} ${place}`).sort();
}
