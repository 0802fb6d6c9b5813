import { gpusOfSlots } from "../../../../lib/engines/local/gpus.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { enterFolder, readLines, runJob } from "../../../support/jobs.ts";

Deno.test("gpusOfSlots() assigns different GPUs to each slot", async (t) => {
  const cases: [workers: number, gpus: number, there: number, slots: string[]][] = [
    [4, 1, 4, ["0", "1", "2", "3"]],
    [2, 2, 4, ["0,1", "2,3"]],
    [4, 2, 5, ["0,1", "2,3"]],
    [1, 1, 8, ["0"]],
  ];
  for (const [workers, gpus, there, slots] of cases) {
    await t.step(`${workers} workers, ${gpus} of ${there} GPUs each`, () => {
      using _there = gpusThere(there);
      const given = gpusOfSlots({ workers, cpus: 1, gpus });
      assertEquals(given, slots.map((CUDA_VISIBLE_DEVICES) => ({ CUDA_VISIBLE_DEVICES })));
    });
  }
});

Deno.test("gpusOfSlots() uses only the GPUs that this process may use", () => {
  using _env = useEnv({ CUDA_VISIBLE_DEVICES: "2,5,GPU-8f6a" });
  const given = gpusOfSlots({ workers: 4, cpus: 1, gpus: 1 });
  const names = given.map(({ CUDA_VISIBLE_DEVICES: name }) => name);
  assertEquals(names, ["2", "5", "GPU-8f6a"]);
});

Deno.test("gpusOfSlots() leaves the variable alone where no GPUs are needed", () => {
  assertEquals(gpusOfSlots({ workers: 2, cpus: 1, gpus: 0 }), [{}, {}]);
});

Deno.test("gpusOfSlots() has as many slots as tasks fit on the CPUs", () => {
  const all = navigator.hardwareConcurrency;
  const slotsFor = (cpus: number, workers?: number) =>
    gpusOfSlots({ workers, cpus, gpus: 0 }).length;
  assertEquals([1, all, 2 * all, 0, 0.5].map((cpus) => slotsFor(cpus)), [all, 1, 1, all, 2 * all]);
  assertEquals(slotsFor(all, 3), 3);
});

Deno.test("gpusOfSlots() refuses more GPUs than the machine has", () => {
  using _there = gpusThere(1);
  assertThrows(
    () => gpusOfSlots({ workers: 2, cpus: 1, gpus: 2 }),
    UsageError,
    "Cannot run a task on 2 GPUs: this machine has 1; lower the option gpus, or set DL_JOBS_GPUS to " +
      "the number of GPUs",
  );
});

Deno.test("two tasks never see the same GPU at the same time", async () => {
  await using _folder = await enterFolder();
  using _there = gpusThere(2);
  const fn = async (_: number) => {
    const started = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { gpu: Deno.env.get("CUDA_VISIBLE_DEVICES"), pid: Deno.pid, started, ended: Date.now() };
  };
  const options = { fn, argsList: 40, gpus: 1, cpuJob: false, workers: 4 };
  const { paths } = await runJob(options);
  const calls = readLines(paths.results).map((line) => JSON.parse(line));
  const users = new Set(calls.map(({ gpu, pid }) => `${gpu} ${pid}`));
  assertEquals([...users].map((user) => user.split(" ")[0]).sort(), ["0", "1"]);
  assertEquals(calls.length, 40);
});

function gpusThere(count: number): Disposable {
  return useEnv({ DL_JOBS_GPUS: String(count) });
}
