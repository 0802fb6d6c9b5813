import type { Platform } from "../../../../lib/engines/compute/platform.ts";
import type { PlatformJob, PlatformJobStatus } from "../../../../lib/engines/compute/records.ts";
import { PlatformStates } from "../../../../lib/engines/compute/states.ts";
import { ComputePart } from "../../../../lib/engines/compute/compute_part.ts";
import { assertEquals } from "../../../support/assert.ts";

/** A platform with a list of job statuses for each round, and no other jobs. */
class Rounds {
  readonly asked: (readonly PlatformJobStatus[])[] = [];
  /** The jobs that were asked for one by one. */
  readonly askedOne: string[] = [];
  /** The statuses of jobs that only a request for the one job finds. */
  single: Readonly<Record<string, PlatformJobStatus | undefined>> = {};
  #rounds: readonly Readonly<Record<string, PlatformJobStatus>>[];

  constructor(...rounds: readonly Readonly<Record<string, PlatformJobStatus>>[]) {
    this.#rounds = rounds;
  }

  // deno-lint-ignore require-await -- the platform asks over the network
  async jobs(ids: readonly string[], states: readonly PlatformJobStatus[]): Promise<PlatformJob[]> {
    const round = this.#rounds[Math.min(this.asked.length, this.#rounds.length - 1)]!;
    this.asked.push(states);
    return ids.filter((id) => round[id] && states.includes(round[id]))
      .map((id) => ({ id, status: round[id]!, args: [] }));
  }

  // deno-lint-ignore require-await -- the platform asks over the network
  async job(id: string): Promise<PlatformJob | undefined> {
    this.askedOne.push(id);
    return id in this.single ? { id, status: this.single[id]!, args: [] } : undefined;
  }
}

function partsOf(...jobs: readonly string[]): Set<ComputePart> {
  const source = { id: "f", namespace: "n" };
  return new Set(jobs.map((job) => new ComputePart(job, source, "0_0")));
}

Deno.test("PlatformStates.update() finds the platform jobs that have ended, round by round", async () => {
  const platform = new Rounds(
    { a: "success", b: "running" },
    { b: "canceling" },
    { b: "failure" },
  );
  const states = new PlatformStates(platform as unknown as Platform);
  const parts = partsOf("a", "b"), found: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    const ended = await states.update(parts);
    for (const part of ended) parts.delete(part);
    found.push(ended.map(({ ended }) => [ended?.job?.id, ended?.job?.status]));
  }
  assertEquals(found, [[["a", "success"]], [], [["b", "failure"]]]);
});

Deno.test("PlatformStates.update() looks for missing platform jobs at intervals", async () => {
  const platform = new Rounds({ a: "pending" });
  const states = new PlatformStates(platform as unknown as Platform);
  const parts = partsOf("a", "gone"), missing: unknown[] = [];
  for (let round = 0; round < 6; round++) {
    for (const { job, ended } of await states.update(parts)) missing.push([round, job, ended?.job]);
  }
  assertEquals(missing, [[5, "gone", undefined]]);
  assertEquals(platform.asked.map((states) => states.includes("pending")), [
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

Deno.test("PlatformStates.update() takes a platform job for gone only when it does not exist", async () => {
  const platform = new Rounds({});
  platform.single = { hidden: "running", untold: undefined, done: "success" };
  const states = new PlatformStates(platform as unknown as Platform);
  const parts = partsOf("hidden", "untold", "done", "gone"), found: unknown[] = [];
  for (let round = 0; round < 6; round++) {
    for (const { job, ended } of await states.update(parts)) found.push([job, ended?.job?.status]);
  }
  assertEquals(found, [["done", "success"], ["gone", undefined]]);
  assertEquals(platform.askedOne, ["hidden", "untold", "done", "gone"]);
});

Deno.test("PlatformStates.update() passes over rows of other jobs and ended parts", async () => {
  const platform = new Rounds({ a: "success", b: "success" });
  const jobs = platform.jobs.bind(platform);
  platform.jobs = async (ids, states) => [
    ...await jobs(ids, states),
    { id: "foreign", status: "success" },
    { id: "a", status: "success", args: null },
  ];
  const states = new PlatformStates(platform as unknown as Platform);
  const parts = partsOf("a", "b");
  assertEquals((await states.update(parts)).map(({ job }) => job), ["a", "b"]);
  assertEquals(await states.update(parts), []);
});
