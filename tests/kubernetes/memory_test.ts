/**
 * A job whose task needs more memory than its pod has, which only the kernel of a real node notices.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../support/assert.ts";
import { assertResults } from "../support/jobs.ts";
import { isReal } from "./clusters.ts";
import { PodJob } from "./jobs.ts";

// The stand-in has no limits.
if (isReal) {
  Deno.test("kubernetes: a task that the kernel ends for memory runs in a larger pod", async () => {
    await using job = await PodJob.create({
      kubernetes: ["memory=512Mi"],
      args: ["--retry", "oom=x2", "--workers", "2", "--concurrency", "1"],
    });
    await job.folder.write("list.ndjson", "1\n500\n2\n3\n");
    await job.folder.write(
      "work.ts",
      `export async function task(mb: number) {
  const parts = [];
  for (let i = 0; i < mb; i++) {
    parts.push(new Uint8Array(1_000_000).fill(1));
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  return parts.length;
}
`,
    );
    const { code, stderr } = await job.begin().end;
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /tasks that need more memory run in a pod of 1024Mi/);
    assertResults(job.path!, [1, 500, 2, 3]);
    assertEquals([job.charged("oom"), job.charged("lost")], [1, 0], stderr);
    await job.assertClean();
  });
}
