/**
 * Jobs on a platform whose answers, machines, results and functions can be lost.
 *
 * @module
 */

import type { JobOptions } from "../../../../lib/job/options/options.ts";
import { STORE } from "../../../../lib/job_dir/layout.ts";
import { listJobs } from "../../../../lib/job_dir/find.ts";
import type { ComputeServer, ServerOptions } from "../../../../tools/compute_server/mod.ts";
import type { Folder } from "../../../../tools/support/files.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assertResults, endOf, enterFolder, runJob, startCli } from "../../../support/jobs.ts";
import { enterPlatform, whyNot } from "../../../support/platform.ts";
import { skipSuffix } from "../../../support/programs.ts";

// Each task records that it ran, and takes a while.
const WORK = `
export const quick = (x: number) => x;
export async function slow(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  return x;
}
export async function held(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  while (!Deno.readDirSync("FOLDER").some(({ name }) => name === "go")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return x;
}
export async function fickle(x: number) {
  await held(x);
  const mark = "FOLDER/tried-" + x;
  try {
    Deno.statSync(mark);
  } catch {
    Deno.writeTextFileSync(mark, "");
    throw new Error("not the first time");
  }
  return x;
}
export function breaks(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  // Kills the program that runs the worker, not the worker itself.
  if (x === 5) Deno.kill(Deno.ppid, "SIGKILL");
  return x;
}
export function breaksOne(x: number) {
  if (x === 1) Deno.kill(Deno.ppid, "SIGKILL");
  return x;
}
`;

/** The time limit of a test and of each wait in it, in milliseconds. */
export const LIMIT_MS = 120_000;
/** The setting for frequent polls of the platform. */
export const POLL = "poll=0.05";

interface Place extends Folder {
  readonly server: ComputeServer;
}

/** Registers a test with its own platform, in a folder with `work.ts`. */
export function test(
  claim: string,
  fn: (place: Place) => Promise<void>,
  options: ServerOptions = {},
): void {
  Deno.test({
    name: `compute: ${claim}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await enterFolder({});
      const work = WORK.replaceAll("RAN", `${folder.path}/ran`).replaceAll("FOLDER", folder.path);
      await folder.write("work.ts", work);
      await using server = await enterPlatform(options);
      await within(fn({ ...folder, server }), claim, LIMIT_MS);
    },
  });
}

/** Runs a job over 0 to count - 1, in platform jobs of five tasks. */
export async function run(
  count: number,
  options: JobOptions = {},
  { signal }: { readonly signal?: AbortSignal } = {},
) {
  return await runJob({
    ...{ moduleName: "work", methodName: "quick", moduleDir: ".", argsList: count },
    ...{ engine: "compute", platformJob: true, isDev: false, chunk: 5, workers: null },
    compute: "poll=0.05,maximum_concurrency=2",
    ...options,
  } as JobOptions, { signal });
}

/** Returns the folder of the last job. */
export async function jobFolder(): Promise<string> {
  return `${Deno.cwd()}/${STORE}/${(await listJobs()).at(-1)}`;
}

/** Fails unless all tasks have one final event each. */
export async function assertWhole(count: number): Promise<void> {
  assertResults(await jobFolder(), Array.from({ length: count }, (_, i) => i));
}

/** Waits until all platform jobs are canceled. */
export async function untilCanceled({ jobs }: ComputeServer): Promise<void> {
  const isOver = () => jobs.values().every(({ wire }) => wire.status === "canceled");
  await until(isOver, "all platform jobs are canceled");
}

/** Starts a job over 0 to count - 1 in a process of its own. */
export async function begin(count: number, method: string, ...flags: string[]) {
  const list = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `work.ts#${method}`, "list.ndjson", "--engine", "compute"];
  const process = startCli([...args, "--chunk", "5", "--compute", POLL, ...flags]);
  await process.stdin.close();
  return { process, end: endOf(process) };
}
