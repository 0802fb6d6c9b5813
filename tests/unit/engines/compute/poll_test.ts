import type { JobStatus, Platform, PlatformJob } from "../../../../lib/engines/compute/platform.ts";
import { Poll } from "../../../../lib/engines/compute/poll.ts";
import { Slice } from "../../../../lib/engines/compute/slice.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** Says round by round how jobs stand; it knows those that it names, and no others. */
class Rounds {
  readonly asked: (readonly JobStatus[])[] = [];
  #rounds: readonly Readonly<Record<string, JobStatus>>[];

  constructor(...rounds: readonly Readonly<Record<string, JobStatus>>[]) {
    this.#rounds = rounds;
  }

  // deno-lint-ignore require-await -- what it stands for asks over the network
  async jobs(ids: readonly string[], states: readonly JobStatus[]): Promise<PlatformJob[]> {
    const round = this.#rounds[Math.min(this.asked.length, this.#rounds.length - 1)]!;
    this.asked.push(states);
    return ids.filter((id) => round[id] && states.includes(round[id]))
      .map((id) => ({ id, status: round[id]!, args: [] }));
  }
}

function slicesOf(...jobs: readonly string[]): Map<string, Slice> {
  const source = { id: "f", namespace: "n" };
  return new Map(jobs.map((job) => [job, new Slice(job, source, "0_0")]));
}

Deno.test("Poll finds what has ended, round by round", async () => {
  const platform = new Rounds(
    { a: "success", b: "running" },
    { b: "canceling" },
    { b: "failure" },
  );
  const poll = new Poll(platform as unknown as Platform, 1);
  const slices = slicesOf("a", "b"), found: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    const ended = await poll.ask(slices);
    for (const { slice } of ended) slices.delete(slice.job);
    found.push(ended.map(({ job }) => [job?.id, job?.status]));
  }
  assertEquals(found, [[["a", "success"]], [], [["b", "failure"]]]);
});

Deno.test("Poll asks less and less often, and often again when something happens", async () => {
  const poll = new Poll(new Rounds({ a: "pending" }) as unknown as Platform, 16_000);
  const slices = slicesOf("a"), waits: number[] = [];
  for (let round = 0; round < 6; round++) {
    await poll.ask(slices);
    waits.push(Math.round(poll.waitMs / 1000));
  }
  assertEquals(waits, [24, 36, 54, 60, 60, 60]);
  poll.soon();
  assert(poll.waitMs <= 16_000, `${poll.waitMs}`);
});

Deno.test("Poll looks now and then for what it hears nothing of", async () => {
  const platform = new Rounds({ a: "pending" });
  const poll = new Poll(platform as unknown as Platform, 1);
  const slices = slicesOf("a", "gone"), missing: unknown[] = [];
  for (let round = 0; round < 6; round++) {
    for (const { slice, job } of await poll.ask(slices)) missing.push([round, slice.job, job]);
  }
  assertEquals(missing, [[5, "gone", undefined]]);
  assertEquals(platform.asked.map((states) => states.includes("pending")), [
    ...[false, false, false, false, false, true],
  ]);
});
