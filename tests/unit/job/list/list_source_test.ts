import {
  describeSource,
  lengthOf,
  listOf,
  reopenList,
} from "../../../../lib/job/list/list_source.ts";
import type { ListFiles } from "../../../../lib/tasks/list_files.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";
import { recordFor } from "../../job_dir/record_for.ts";

Deno.test("listOf() returns one call for a job without a list", () => {
  assertEquals(listOf({ argsList: 3 }), { list: 3, isCall: false });
  assertEquals(listOf({}), { list: [[]], isCall: true });
  const options = { argsList: null, args: [1, 2], kwargs: { a: 3 } };
  assertEquals(listOf(options), { list: [[1, 2, { a: 3 }]], isCall: true });
  assertEquals([3, [1, 2], "a.ndjson"].map(lengthOf), [3, 2, undefined]);
});

Deno.test("reopenList() opens the list that describeSource() recorded", async (t) => {
  await using folder = await enterFolder({
    "list.ndjson": "1\n",
    "jobs.ts": `import { Job } from ${
      JSON.stringify(new URL("../../../../mod.ts", import.meta.url).href)
    };
      export const two = () => [1, 2].map((n) => new Job({ fn: () => 0, argsList: [n] }));`,
  });
  const reopen = (source: Awaited<ReturnType<typeof describeSource>>) =>
    reopenList(recordFor("x", { source }));
  const origin = { method: "./jobs.ts#two", args: [], kwargs: {}, flags: {}, index: 1 };
  await t.step("a number", async () => {
    const source = await describeSource(7, undefined);
    assertEquals([source, await reopen(source)], [{ kind: "number", length: 7 }, 7]);
  });
  await t.step("a file, as long as it does not change", async () => {
    const source = await describeSource("list.ndjson", origin);
    const path = await Deno.realPath("list.ndjson");
    const { sources, names } = await reopen(source) as ListFiles;
    assertEquals([source.kind, sources, names], ["file", [path], ["list.ndjson"]]);
    await folder.write("list.ndjson", "1\n2\n");
    const { message } = await assertRejects(() => reopen(source), UsageError);
    assertEquals(
      message.slice(0, 50 + path.length),
      `Cannot continue reading ${path}: it has changed since the job began, `.slice(
        0,
        50 + path.length,
      ),
    );
    await Deno.remove("list.ndjson");
    await assertRejects(() => reopen(source), UsageError, "it has been removed");
  });
  await t.step("the list of a run method", async () => {
    const source = await describeSource([2], origin);
    assertEquals([source.kind, await reopen(source)], ["method", [2]]);
    const fewer = await describeSource([3], { ...origin, index: 2 });
    await assertRejects(() => reopen(fewer), UsageError, "returns fewer jobs");
  });
  await t.step("a stream, which is gone", async () => {
    assertEquals(await describeSource("-", origin), { kind: "stream" });
    assertEquals(await reopen(await describeSource([1], undefined)), undefined);
  });
  await t.step("not a missing file, and not a folder", async () => {
    await assertRejects(() => describeSource("none.ndjson", undefined), UsageError, "no such file");
    await assertRejects(() => describeSource(".", undefined), UsageError, "it is a folder");
  });
});
