/**
 * Reduces whose processes are killed.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, readLines, recordOf } from "../../support/jobs.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";

// The functions below end their process, or that of the controller, once a state has been saved.
const DEADLY = {
  "n.ts": `export const same = (x: number) => x;
const once = async (file: string, end: () => void) => {
  try {
    Deno.openSync(file, { createNew: true, write: true }).close();
  } catch {
    return;
  }
  const [job] = [...Deno.readDirSync(".dl_jobs")].filter(({ name }) => /^\\d/.test(name));
  const isSaved = () =>
    [...Deno.readDirSync(\`.dl_jobs/\${job!.name}/reduce\`)].some(({ name }) => name.endsWith(".json"));
  while (!isSaved()) await new Promise((resolve) => setTimeout(resolve, 10));
  end();
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};
const folds = Deno.openSync("folds", { append: true, create: true });
const add = (all: number[], x: number) => {
  folds.writeSync(new TextEncoder().encode(x + "\\n"));
  all.push(x);
  return all;
};
export const worker = async (all: number[] = [], x: number) => {
  if (x === 9000) await once("worker", () => Deno.kill(Deno.pid, "SIGKILL"));
  return add(all, x);
};
export const controller = async (all: number[] = [], x: number) => {
  if (x === 9000) await once("controller", () => Deno.kill(Deno.ppid, "SIGKILL"));
  return add(all, x);
};
export const deadly = (all: number[] = [], x: number) => {
  if (x === 9000) Deno.kill(Deno.pid, "SIGKILL");
  return add(all, x);
};
`,
  "a.ndjson": Array.from({ length: 20_000 }, (_, x) => `${x}\n`).join(""),
};
const ALL = Array.from({ length: 20_000 }, (_, x) => x);

/** Runs a command that prints a value. */
async function valueOf(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cli(args);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

/** Returns the results that were folded before the death, and those after it. */
function foldsOf(): [before: number, after: number] {
  const folds = readLines("folds").map(Number), second = folds.indexOf(8999) + 1;
  assertEquals([folds.slice(0, second), folds.at(-1)], [ALL.slice(0, 9000), 19_999]);
  return [second, folds[second]!];
}

Deno.test("a reduce whose controller is killed is resumed, and folds each result once", async () => {
  await using _folder = await enterFolder(DEADLY);
  const args = ["map", "n.ts#same", "a.ndjson", "-q", "--reduce", "n.ts#controller"];
  assertEquals((await cli([...args, "-o", "all.json"])).code, 137);
  const [id] = listJobs(Deno.cwd());
  assertEquals(recordOf(jobFolder(id!)).files, {});
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(JSON.parse(Deno.readTextFileSync("all.json")), [ALL]);
  const [before, after] = foldsOf();
  assertEquals([before, after > 0 && after <= before], [9000, true]);
  assertEquals(await valueOf(["results"]), ALL);
  assertEquals(readLines("folds").at(-1), "19999");
});

Deno.test("a reduce whose worker is killed continues with another one", async () => {
  await using _folder = await enterFolder(DEADLY);
  const map = ["map", "n.ts#same", "a.ndjson", "-q", "--reduce"];
  assertEquals(await valueOf([...map, "n.ts#worker"]), ALL);
  const [before, after] = foldsOf();
  assertEquals([before, after > 0 && after <= before], [9000, true]);
});

Deno.test("a reduce that kills its worker each time ends with an error", async () => {
  await using _folder = await enterFolder(DEADLY);
  const args = ["map", "n.ts#same", "a.ndjson", "-q", "--reduce", "n.ts#deadly"];
  const { code, stdout, stderr } = await cli(args);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr.replace(/\d{8}T\d{6}-\w+/, "ID").replace(/\(.*?\);/, "(...);"),
    "Error: Cannot reduce the results: the worker of n.ts#deadly failed twice (...); the results " +
      "of the tasks are kept, and dl_jobs results ID --reduce FILE#FUNCTION reduces them again\n",
  );
});
