import { takeBack } from "../../../../lib/job/run/take_back.ts";
import { TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("takeBack() yields the tasks that an engine was given, and then ends the list", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  async function* list() {
    yield await Promise.resolve(TaskBatch.of(bytes("0\n1\n2\n"), 3, 0));
    yield TaskBatch.of(bytes("3\n4\n5\n"), 3, 3);
  }
  const seen: unknown[] = [];
  // The engine had a first attempt of tasks 1 and 4, and a second one of task 5.
  const given = [[1, 1, 1], [4, 1, 1], [5, 1, 2], [9, 4, 1]] as const;
  for await (const batch of takeBack(list(), given, () => seen.push("end"))) {
    for (const { id, attempt, args } of batch) {
      seen.push([id, attempt, new TextDecoder().decode(args)]);
    }
  }
  assertEquals(seen, [[1, 1, "1"], [4, 1, "4"], "end"]);
});
