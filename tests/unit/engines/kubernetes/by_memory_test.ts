import { runByMemory, type RunOfGrowth } from "../../../../lib/engines/kubernetes/by_memory.ts";
import type { ActiveProcess } from "../../../../lib/job_dir/running_tasks.ts";
import { type EventBatch, NO_EVENTS } from "../../../../lib/journal/format.ts";
import { joinTasks, type Task, type TaskBatch } from "../../../../lib/tasks/batch.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const GB = 1e9, args = new TextEncoder().encode("1");
const task = (id: number, memory?: number): Task => ({
  ...{ id, attempt: 1, args },
  limits: memory === undefined ? undefined : { memory },
});

const parts = () => ({
  signal: new AbortController().signal,
  observe: undefined,
  watch: undefined,
});

async function* listOf(tasks: readonly Task[]): AsyncGenerator<TaskBatch> {
  for (const one of tasks) yield* joinTasks([one]);
}

Deno.test("runByMemory() runs the tasks of each memory limit on their own", async () => {
  const ran: [growth: number, id: number][] = [];
  const run: RunOfGrowth = async function* (growth, batches): AsyncGenerator<EventBatch> {
    for await (const batch of batches) {
      for (const { id } of batch) ran.push([growth, id]);
      yield { ...NO_EVENTS, succeeded: batch.count };
    }
  };
  const tasks = listOf([task(0), task(1, 2 * GB), task(2, GB), task(3, 4 * GB), task(4, 2 * GB)]);
  const events = await Array.fromAsync(runByMemory(tasks, parts(), GB, run));
  assertEquals(events.map(({ succeeded }) => succeeded), [1, 1, 1, 1, 1]);
  assertEquals(ran.sort(([a, x], [b, y]) => a - b || x - y), [[1, 0], [1, 2], [2, 1], [2, 4], [
    4,
    3,
  ]]);
});

Deno.test("runByMemory() shows the running tasks of all memory limits", async () => {
  let look = (): readonly ActiveProcess[] => [];
  const run: RunOfGrowth = async function* (growth, batches, { watch }) {
    watch?.(() => [{ worker: `x${growth}`, tasks: [] }]);
    for await (const { count } of batches) yield { ...NO_EVENTS, succeeded: count };
  };
  const tasks = listOf([task(0), task(1, 2 * GB)]);
  const context = { ...parts(), watch: (own: typeof look) => void (look = own) };
  await Array.fromAsync(runByMemory(tasks, context, GB, run));
  assertEquals(look().map(({ worker }) => worker), ["x1", "x2"]);
});

Deno.test("runByMemory() stops the other runs when one fails", async () => {
  const stopped: number[] = [];
  const run: RunOfGrowth = async function* (growth, batches, { signal }) {
    for await (const _ of batches) {
      yield { ...NO_EVENTS, succeeded: 1 };
      if (growth > 1) throw new Error("no node is as large");
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    stopped.push(growth);
  };
  const reading = Array.fromAsync(
    runByMemory(listOf([task(0, 2 * GB), task(1)]), parts(), GB, run),
  );
  await assertRejects(() => reading, Error, "no node is as large");
  assertEquals(stopped, [1]);
});
