import type { PlatformJob } from "../../../../lib/engines/compute/records.ts";
import { findIds, type ListedJobs } from "../../../../lib/engines/compute/slice_jobs.ts";
import { assertEquals } from "../../../support/assert.ts";

const row = (id: string, index?: unknown): PlatformJob => ({
  ...{ id, status: "pending" },
  ...index === undefined ? {} : { args: index === null ? null : [index] },
});

interface Case extends Partial<ListedJobs> {
  readonly name: string;
  readonly rows: readonly PlatformJob[];
  /** The answers to requests for one job. */
  readonly single?: readonly PlatformJob[];
  /** The ids in the order of the slices; `?` after the first id marks a guess. */
  readonly ids: string | undefined;
  readonly asked?: string;
}

const CASES: readonly Case[] = [
  { name: "in order", rows: [row("a", 0), row("b", 1)], ids: "a b" },
  { name: "in another order", rows: [row("b", 1), row("a", 0)], ids: "a b" },
  { name: "one is missing", rows: [row("b", 1)], ids: " b" },
  { name: "none", rows: [], ids: " " },
  { name: "null: a guess", rows: [row("a", null), row("b", null)], ids: "? a b", asked: "a" },
  { name: "absent: a guess", rows: [row("a"), row("b")], ids: "? a b", asked: "a" },
  {
    name: "absent, and no order",
    ...{ rows: [row("a"), row("b")], isInOrder: false, ids: undefined, asked: "a" },
  },
  { name: "absent, and too few", rows: [row("a")], ids: undefined, asked: "a" },
  {
    name: "absent, but only one",
    ...{ rows: [row("a")], count: 1, isInOrder: false, ids: "a", asked: "a" },
  },
  {
    name: "absent, but told for each job",
    ...{ rows: [row("a"), row("b")], single: [row("a", 1), row("b", 0)], ids: "b a" },
    asked: "a b",
  },
  {
    name: "absent for some",
    ...{ rows: [row("a", 1), row("b")], single: [row("b", 0)], ids: "b a", asked: "b" },
  },
  { name: "one twice", rows: [row("a", 0), row("b", 0)], ids: "? a b" },
  { name: "out of range", rows: [row("a", 0), row("b", 2)], isInOrder: false, ids: undefined },
  { name: "no index", rows: [row("a", "0"), row("b", 1)], isInOrder: false, ids: undefined },
];

Deno.test("findIds() finds the job of each slice", async (t) => {
  for (const { name, rows, single = [], ids, asked = "", count = 2, isInOrder = true } of CASES) {
    await t.step(name, async () => {
      const requests: string[] = [];
      const job = (id: string) => {
        requests.push(id);
        return Promise.resolve([...single, ...rows].find((one) => one.id === id));
      };
      const found = await findIds({ job }, { rows, count, isInOrder });
      const text = found && (found.isGuess ? "? " : "") + found.jobs.join(" ");
      assertEquals([text, requests.join(" ")], [ids, asked]);
    });
  }
});
