/**
 * Starts jobs on a real cluster as a user does, and checks their outcome.
 *
 * @module
 */

import { STORE } from "../../../lib/job_dir/layout.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import type { Folder } from "../../../tools/support/files.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assert } from "../../support/assert.ts";
import {
  assertResults,
  endOf,
  enterFolder,
  readLines,
  type Said,
  startCli,
} from "../../support/jobs.ts";
import { skipped, theCluster, whyNot } from "../../support/cluster.ts";

// Each task records that it ran, and takes a while.
const WORK = `
export async function slow(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 200));
  return x;
}
export const quick = (x: number) => x;
export async function endless(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, x < 4 ? 100 : 3_600_000));
  return x;
}
`;

/** The time limit of a test and of each wait in it, in milliseconds. */
export const LIMIT_MS = 180_000;

/** Registers a test with the cluster, in a folder with `work.ts`. */
export function test(claim: string, fn: (folder: Folder) => Promise<void>): void {
  Deno.test({
    name: `slurm: ${claim}${skipped}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await enterFolder({});
      await folder.write("work.ts", WORK.replaceAll("RAN", `${folder.path}/ran`));
      await within(fn(folder), claim, LIMIT_MS);
    },
  });
}

/** Starts a job over 0 to count - 1. */
export async function begin(
  count: number,
  method: string,
  ...flags: string[]
): Promise<{ readonly process: Deno.ChildProcess; readonly end: Promise<Said> }> {
  const list = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `work.ts#${method}`, "list.ndjson", "--engine", "slurm", ...flags];
  const process = startCli(args);
  await process.stdin.close();
  return { process, end: endOf(process) };
}

/** Waits until a number of tasks have started. */
export async function untilRan(count: number): Promise<void> {
  await until(() => readLines("ran").length >= count, `${count} tasks have begun`, LIMIT_MS);
}

/** Returns the folder of the only job. */
export async function jobFolder(): Promise<string> {
  const [id] = await listJobs();
  return `${Deno.cwd()}/${STORE}/${id}`;
}

/** Fails unless all tasks have one final event each, and only lost ones ran again. */
export async function assertWhole(count: number, mostLost: number): Promise<void> {
  const folder = await jobFolder();
  assertResults(folder, Array.from({ length: count }, (_, i) => i));
  const ran = readLines("ran").length;
  assert(ran >= count && ran <= count + mostLost, `${ran} calls for ${count} tasks`);
}

/** Returns Slurm's ids of the running array tasks, with their nodes. */
export function running(): { id: string; node: string }[] {
  const rows = theCluster().run("squeue", "-h", "-r", "-t", "RUNNING", "-o", "%i %N");
  return rows.split("\n").filter(Boolean).map((row) => row.split(" "))
    .map(([id, node]) => ({ id: id!, node: node! }));
}
