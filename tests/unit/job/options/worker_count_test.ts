import { tryParse } from "../../../../lib/config/option_types.ts";
import { OPTIONS } from "../../../../lib/config/options.ts";
import { checkWorkers, workerCount } from "../../../../lib/job/options/worker_count.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const option = OPTIONS.find(({ name }) => name === "workers")!;

Deno.test("the option workers accepts numbers and percentages", () => {
  const valid = [[4, 4], ["4", 4], ["50%", "50%"], [" 12.5% ", "12.5%"], ["200%", "200%"]] as const;
  for (const [given, parsed] of valid) assertEquals(tryParse(option, given), parsed);
  // A number with a sign has other meanings in other tools.
  for (const given of [-1, "-1", "+2", 0, "0%", "-50%", "%", "x%", "50 %", "99999%", 1.5, 10_001]) {
    assertEquals(tryParse(option, given), undefined, String(given));
  }
});

Deno.test("workerCount() rounds a percentage down, but to at least 1", () => {
  const counts = [["50%", 8], ["50%", 3], ["1%", 8], ["90%", 4], ["250%", 2]] as const;
  assertEquals(counts.map(([workers, cpus]) => workerCount(workers, cpus)), [4, 1, 1, 3, 5]);
  assertEquals([workerCount(7, 2), workerCount(null, 2)], [7, undefined]);
});

Deno.test("checkWorkers() refuses a percentage for the CPUs of other machines", () => {
  for (const engine of ["local", "inline"]) checkWorkers({ workers: "50%" }, engine);
  for (const engine of ["ssh", "kubernetes", "slurm", "compute"]) {
    checkWorkers({ workers: 4 }, engine);
    const words = `Cannot use --workers 50% with --engine ${engine}: a percentage is of the CPUs`;
    assertThrows(() => checkWorkers({ workers: "50%" }, engine), UsageError, words);
  }
});
