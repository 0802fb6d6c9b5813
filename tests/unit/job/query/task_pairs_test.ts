import { taskPairs } from "../../../../lib/job/query/task_pairs.ts";
import { jobFolder } from "../../../../lib/job_dir/layout.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

/** Returns the pairs of two lists, whose lines are separated by blanks. */
async function pairsOf(a: string, b: string): Promise<unknown[]> {
  await using folder = await makeFolder();
  for (const [id, list] of [["a", a], ["b", b]] as const) {
    await folder.write(`.dl_jobs/${id}/job.json`, JSON.stringify(recordFor(id)));
    const lines = list.split(" ").filter((line) => line !== "").map((line) => line + "\n");
    await folder.write(`.dl_jobs/${id}/tasks.ndjson`, lines.join(""));
  }
  const [first, second] = ["a", "b"].map((id) => jobFolder(id, folder.path));
  return await Array.fromAsync(taskPairs(first!, second!));
}

Deno.test("taskPairs pairs each task with the next one that has the same line", async (t) => {
  const cases: [name: string, a: string, b: string, pairs: unknown[]][] = [
    ["equal lists", "1 2 3", "1 2 3", [[0, 0], [1, 1], [2, 2]]],
    ["another order", "1 2 3", "3 1 2", [[2, 0], [0, 1], [1, 2]]],
    ["equal lines", "x x y x", "x y x", [[0, 0], [2, 1], [1, 2], [3, null]]],
    ["no line in both", "1", "2", [[null, 0], [0, null]]],
    ["an empty list", "", "1 1", [[null, 0], [null, 1]]],
    ["no lines", "", "", []],
  ];
  for (const [name, a, b, pairs] of cases) {
    await t.step(name, async () => assertEquals(await pairsOf(a, b), pairs));
  }
});

Deno.test("taskPairs keeps lists of thousands of lines apart", async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `{"tile":${i}}`);
  const pairs = await pairsOf(lines.join(" "), lines.toReversed().join(" "));
  assertEquals(pairs, lines.map((_, i) => [4999 - i, i]));
});
