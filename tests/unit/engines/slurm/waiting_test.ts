import { explain } from "../../../../lib/engines/slurm/waiting.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

Deno.test("explain() returns the meaning of a reason, and tells if it can never run", async (t) => {
  const cases: [reason: string, text: RegExp, isInVain: boolean][] = [
    ["PartitionConfig", /no node of the partition has the requested resources/, true],
    ["DependencyNeverSatisfied", /can never be satisfied/, true],
    ["InvalidAccount", /no such account/, true],
    ["ReqNodeNotAvail, UnavailableNodes:n1", /down, drained or reserved/, false],
    ["Nodes required for job are DOWN, DRAINED or reserved", /sinfo lists/, false],
    ["ReservationDeleted", /was deleted/, true],
    ["QOSMaxCpuPerJobLimit", /a limit of the account or QOS on each job/, true],
    ["AssocMaxWallDurationPerJobLimit", /a limit of the account or QOS on each job/, true],
    ["QOSMinCpuNotSatisfied", /a limit of the account or QOS on each job/, true],
    ["AssocGrpCPUMinutesLimit", /used up its time/, false],
    ["AssocGrpCPURunMinutesLimit", /starts after other jobs end/, false],
    ["QOSMaxJobsPerUserLimit", /starts after other jobs end/, false],
    ["QOSMaxCpuPerUserLimit", /or never if it asks for more than the limit/, false],
    ["JobHeldAdmin", /an administrator holds it/, false],
    ["launch failed requeued held", /scontrol release/, false],
    ["SomethingNew", /man squeue/, false],
  ];
  for (const [reason, text, isInVain] of cases) {
    await t.step(reason, () => {
      const waiting = explain(reason)!;
      assertMatch(waiting.text, text);
      assertEquals(waiting.isInVain, isInVain);
    });
  }
  assertEquals(explain("None"), undefined);
  assertEquals(explain("JobArrayTaskLimit")!.isUsual, true);
});
