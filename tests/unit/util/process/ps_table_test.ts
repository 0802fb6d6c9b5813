import { parsePs, usageByPs, usageIn } from "../../../../lib/util/process/ps_table.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

const TEXT = `    1     0  1000  1:02.50
   20     1  2000  0:01
   21    20  3000  01:00:00
   22    21  4000  2-00:00:01
   30     1  5000  0:07
`;

Deno.test("usageIn() sums a process and all its descendants", () => {
  const rows = parsePs(TEXT), kB = 1024;
  const cases = [1, 20, 30, 99].map((pid) => usageIn(rows, pid));
  const day = 86_400_000, hour = 3_600_000;
  assertEquals(cases, [
    {
      memory: 15_000 * kB,
      children: 14_000 * kB,
      cpu: 62_500 + 1000 + hour + 2 * day + 1000 + 7000,
    },
    { memory: 9000 * kB, children: 7000 * kB, cpu: 1000 + hour + 2 * day + 1000 },
    { memory: 5000 * kB, children: 0, cpu: 7000 },
    undefined,
  ]);
});

Deno.test("usageByPs() finds this process", () => {
  const usage = usageByPs(Deno.pid);
  assert(usage !== undefined && usage.memory > 1e6, JSON.stringify(usage));
  assertEquals(usageByPs(2 ** 22 + 1), undefined);
});
