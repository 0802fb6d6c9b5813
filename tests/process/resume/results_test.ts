/**
 * The results of runs in code that resume or retry a job.
 *
 * @module
 */

import { resume, retry } from "../../../lib/api/history.ts";
import { results } from "../../../lib/api/results.ts";
import { job, local } from "../../../lib/api/shorthand.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, kill } from "../../support/jobs.ts";
import { lastFolder } from "./squares.ts";

// Odd numbers fail until the file `ok` exists.
const WORK = `
export async function work(x) {
  const isOk = await Deno.stat("ok").then(() => true, () => false);
  if (x % 2 === 1 && !isOk) throw new Error("no file");
  return x;
}
export const add = (sum, x) => (sum ?? 0) + x;
`;
const ALL = [0, 1, 2, 3, 4, 5];

/** Runs a job of which half of the tasks fail, and removes the reason. */
async function halfDone(options: { ordered?: boolean; reduce?: string } = {}) {
  await local(job<number>("work.work", { argsList: 6, workers: 1, quiet: true, ...options }));
  await Deno.writeTextFile("ok", "");
}

Deno.test("the results of a retried run are those of the whole job, at any time", async (t) => {
  for (const ordered of [false, true]) {
    await t.step(ordered ? "ordered" : "as they arrive", async () => {
      await using _folder = await enterFolder({ "work.js": WORK });
      await halfDone({ ordered });
      const run = retry<number>();
      const early = await results(run);
      assertEquals(early, ordered ? ALL : [0, 2, 4, 1, 3, 5]);
      assertEquals(await results(run), early);
    });
  }
});

Deno.test("the results of a run without pending tasks are those that the job has", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await halfDone();
  assertEquals(await results<number>(resume<number>()), [0, 2, 4]);
});

Deno.test("a loop over a retried run may end among the earlier results", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await halfDone();
  const run = retry<number>();
  for await (const first of run) {
    assertEquals(first, 0);
    break;
  }
  assertEquals((await run).succeeded, 6);
});

Deno.test("the only result of a retried run with a reduce is its value", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await halfDone({ reduce: "work.js#add" });
  assertEquals(await results<number>(retry<number>()), [15]);
});

Deno.test("a retried job with --ordered prints only the results of this run", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const map = ["map", "work.js#work", "-", "--ordered", "--quiet"];
  assertEquals((await cli(map, { input: "0\n1\n2\n3\n4\n" })).stdout, "0\n2\n4\n");
  await Deno.writeTextFile("ok", "");
  assertEquals((await cli(["retry", "--quiet", "--task", "3"])).stdout, "3\n");
  assertEquals((await cli(["retry", "--quiet"])).stdout, "1\n");
});

Deno.test("a killed retry with --ordered prints no result a second time", async (t) => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const map = ["map", "work.js#work", "-", "--ordered", "--quiet"];
  await cli(map, { input: "0\n1\n2\n3\n4\n" });
  await Deno.writeTextFile("ok", "");
  await t.step("while its second task ran", async () => {
    assertEquals((await cli(["retry", "--quiet"])).stdout, "1\n3\n");
    kill(await lastFolder(), { events: ({ id, type }) => id !== 3 || type !== "succeeded" });
    assertEquals((await cli(["resume", "--quiet"])).stdout, "3\n");
  });
  await t.step("while its first task ran, for which the other result waits", async () => {
    kill(await lastFolder(), { events: ({ id, attempt }) => id !== 1 || attempt === 1 });
    assertEquals((await cli(["resume", "--quiet"])).stdout, "1\n3\n");
  });
});

Deno.test("a retry with --ordered prints no result twice after the rest of a list was lost", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const map = ["map", "work.js#work", "-", "--ordered", "--quiet"];
  assertEquals((await cli(map, { input: "0\n1\n2\n3\n4\n" })).stdout, "0\n2\n4\n");
  kill(await lastFolder(), { read: 4 });
  await Deno.writeTextFile("ok", "");
  assertEquals((await cli(["retry", "--quiet"])).stdout, "1\n3\n");
});
