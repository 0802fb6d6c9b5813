/**
 * Jobs that move while their controllers are killed.
 *
 * @module
 */

import { findJob, listJobs } from "../../lib/job_dir/find.ts";
import { readRecord } from "../../lib/job_dir/record.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "./assert.ts";
import { cli, endOf, readEvents, type Said, startCli } from "./jobs.ts";

const LIMIT_MS = 120_000;

/** A running command. */
export interface Started {
  readonly process: Deno.ChildProcess;
  readonly end: Promise<Said>;
}

/** Starts a command in the working directory. */
export async function start(...args: string[]): Promise<Started> {
  const process = startCli(args);
  await process.stdin.close();
  return { process, end: endOf(process) };
}

/** Kills a controller. */
export async function killed({ process, end }: Started): Promise<void> {
  process.kill("SIGKILL");
  await end;
}

/** A command that runs a job, and the wait until its controller is killed. */
export type KilledRun = readonly [args: readonly string[], wait: () => Promise<void>];

/** Runs a job by commands whose controllers are killed, one after the other, and then to its end. */
export async function killEach(...runs: readonly KilledRun[]): Promise<void> {
  for (const [args, wait] of runs) {
    const controller = await start(...args);
    await wait();
    await killed(controller);
  }
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
}

/** Writes a list of the numbers from 0. */
export async function writeList(count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) => `${i}\n`);
  await Deno.writeTextFile("list.ndjson", lines.join(""));
}

/** Waits until a number of tasks of the only job have succeeded. */
export async function untilDone(count: number): Promise<void> {
  const isOver = () => listJobs().length > 0 && succeeded() >= count;
  await until(isOver, `${count} tasks are done`, LIMIT_MS);
}

function succeeded(): number {
  return readEvents(findJob()).filter(({ type }) => type === "succeeded").length;
}

/** Waits until the only job has moved twice. */
export async function untilMoved(): Promise<void> {
  await until(() => engines().length === 3, "the job has had 3 engines", LIMIT_MS);
}

/** Returns the engines of the only job, if it has moved. */
export function engines(): readonly string[] {
  return readRecord(findJob()).engines?.map(({ name }) => name) ?? [];
}
