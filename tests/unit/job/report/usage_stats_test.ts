import {
  machineSize,
  suggestedLimits,
  UsageStats,
  usageText,
} from "../../../../lib/job/report/usage_stats.ts";
import { assertAlmostEquals, assertEquals } from "../../../support/assert.ts";

Deno.test("UsageStats estimates the memory of most tasks to about 5 %", () => {
  const stats = new UsageStats();
  assertEquals(stats.summary, undefined);
  for (let id = 0; id < 100; id++) {
    stats.add({ id, attempt: 1, type: "usage", memory: (id + 1) * 4e6, cpu: 10 });
  }
  const { p95, ...rest } = stats.summary!;
  assertAlmostEquals(p95, 380e6, 19e6);
  assertEquals(rest, { tasks: 100, most: 400e6, task: 99, cpu: 1000 });
  const text = usageText({ ...rest, p95: 380e6 });
  assertEquals(text, "95% of tasks under 380 MB, the most 400 MB (task 99), CPU 1.0 s");
});

Deno.test("UsageStats labels the usage of workers that run several tasks", () => {
  const stats = new UsageStats();
  stats.add({ id: 4, attempt: 1, type: "usage", memory: 300e6, shared: true });
  const summary = stats.summary!;
  assertEquals(summary, { tasks: 1, p95: 300e6, most: 300e6, task: 4, shared: true });
  assertEquals(
    usageText(summary),
    "workers of 95% of tasks under 300 MB, the most 300 MB (task 4)",
  );
});

Deno.test("suggestedLimits() leaves room, and fits the machine", () => {
  const suggest = (most: number, memory: number, cpus: number) =>
    suggestedLimits({ most }, { memory, cpus });
  assertEquals([
    suggest(120e6, 8e9, 4),
    suggest(410e6, 4e9, 8),
    suggest(410e6, 64e9, 8),
    suggest(2e9, 1e9, 8),
    suggest(9e9, 64e9, 16),
    suggestedLimits({ most: 9e9 }, machineSize("slurm")),
  ], [
    undefined,
    "--memory 550MB --workers 7",
    "--memory 550MB --workers 8",
    "--memory 2500MB --workers 1",
    "--memory 15GB --workers 4",
    "--memory 15GB",
  ]);
});
