import {
  clusterSize,
  findArray,
  findArrays,
  parseRows,
  phaseOf,
} from "../../../../lib/engines/slurm/commands.ts";
import { assertEquals } from "../../../support/assert.ts";
import { withPrograms } from "../../../support/path_programs.ts";

/** Runs a function with programs that record their arguments and print texts. */
async function withTexts<T>(
  said: Readonly<Record<string, string>>,
  use: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: readonly string[] }> {
  const scripts = Object.entries(said).map(([name, text]) =>
    [name, `echo ${name} "$@" >> "\${0%/*}/calls"\ncat <<'END'\n${text}\nEND`] as const
  );
  return await withPrograms(Object.fromEntries(scripts), async (folder) => {
    const result = await use();
    return { result, calls: Deno.readTextFileSync(`${folder}/calls`).trim().split("\n") };
  });
}

Deno.test("clusterSize() takes the smaller of the limits of arrays", async (t) => {
  const sinfo = "1/5/0/6|main*\n0/9/0/9|second";
  const config = (...lines: string[]) => lines.join("\n");
  const cases: readonly (readonly [config: string, most: number])[] = [
    [config("MaxArraySize            = 501"), 501],
    [config("MaxArraySize = 501", "SchedulerParameters = a=1,max_array_tasks=40,b"), 40],
    [config("MaxArraySize = 20", "SchedulerParameters = max_array_tasks=40"), 20],
    [config("MaxArraySize = 20", "SchedulerParameters = (null)"), 20],
    ["", 1001],
  ];
  for (const [scontrol, maxArraySize] of cases) {
    await t.step(scontrol, async () => {
      const { result } = await withTexts({ scontrol, sinfo }, () => clusterSize(undefined));
      assertEquals(result, { maxArraySize, cpus: 6, mostMinutes: undefined });
    });
  }
});

Deno.test("clusterSize() reads the time limit of the partition", async () => {
  const cases = [["1-12:30:00", 2190], ["2:00:00", 120], ["30:00", 30], [
    "infinite",
    undefined,
  ]] as const;
  for (const [limit, mostMinutes] of cases) {
    const said = { scontrol: "MaxArraySize = 7", sinfo: `0/4/0/4|a|1:00\n0/9/0/9|b*|${limit}` };
    const { result } = await withTexts(said, () => clusterSize(undefined));
    assertEquals(result, { maxArraySize: 7, cpus: 9, mostMinutes });
  }
});

Deno.test("clusterSize() and findArray() ask the clusters of a job", async () => {
  const said = { scontrol: "MaxArraySize = 7", sinfo: "CLUSTER: b\n0/4/0/4|main*" };
  const size = await withTexts(said, () => clusterSize(undefined, "b"));
  assertEquals(size.result, { maxArraySize: 7, cpus: 4, mostMinutes: undefined });
  assertEquals(size.calls.filter((call) => call.includes("--clusters=b")).length, 2);
  const queued = await withTexts(
    { squeue: "CLUSTER: a\nCLUSTER: b\n12\n12" },
    () => findArray("x", "a,b"),
  );
  assertEquals(queued.result, "12;b");
  assertEquals(queued.calls, [
    "squeue --noheader --states=all --name=x --format=%F --clusters=a,b",
  ]);
  const past = { squeue: "CLUSTER: a\nCLUSTER: b", sacct: "12_0|b\n12_1|b" };
  assertEquals((await withTexts(past, () => findArray("x", "a,b"))).result, "12;b");
});

Deno.test("clusterSize() asks scontrol for one cluster at a time", async () => {
  const said = { scontrol: "MaxArraySize = 7", sinfo: "CLUSTER: a\n0/4/0/4|main*" };
  const { result, calls } = await withTexts(said, () => clusterSize(undefined, "a,b"));
  assertEquals(result, { maxArraySize: 7, cpus: 4, mostMinutes: undefined });
  assertEquals(calls.filter((call) => call.startsWith("scontrol")).sort(), [
    "scontrol --clusters=a show config",
    "scontrol --clusters=b show config",
  ]);
});

Deno.test("findArray() returns the id alone on the usual cluster", async () => {
  const cases = [
    { squeue: "12\n12" },
    { squeue: "", sacct: "12_0|alps\n12_1|alps" },
    { squeue: "", sacct: "12_[0-3]|alps" },
  ];
  for (const said of cases) {
    assertEquals((await withTexts(said, () => findArray("x"))).result, "12");
  }
});

Deno.test("findArrays() believes no id that another job has now", async () => {
  const records = ["a", "b", "c"].map((name, index) => ({ name, array: `${index + 5}` }));
  const elsewhere = { name: "d", array: "5;alps" };
  const said = { squeue: "5|mine\n5|mine\n6|b", sacct: "" };
  const ids = (all: typeof records) =>
    withTexts(said, async () => [...await findArrays(all, () => undefined)]);
  const { result, calls } = await ids(records);
  assertEquals(result, [["b", "6"], ["c", "7"]]);
  assertEquals(calls[0], "squeue --noheader --states=all --jobs=5,6,7 --format=%F|%j");
  assertEquals((await ids([elsewhere])).result, []);
});

Deno.test("parseRows() reads the rows of squeue and sacct about array tasks, and nothing else", () => {
  const text = "CLUSTER: alps\n20_4|RUNNING|None|n1\n20_5|PENDING|Resources|\n" +
    "20_6|CANCELLED by 1000|None|n2\n20_[7-9]|PENDING|None|\nslurm is tired\n";
  assertEquals(parseRows(text), [
    ["20_4", { state: "RUNNING", reason: "n1", nodes: "n1" }],
    ["20_5", { state: "PENDING", reason: "Resources" }],
    ["20_6", { state: "CANCELLED", reason: "n2", nodes: "n2" }],
  ]);
});

Deno.test("phaseOf() takes no unknown state for an end", () => {
  const states = ["RUNNING", "COMPLETING", "PENDING", "NODE_FAIL", "CANCELLED", "VANISHED"];
  assertEquals(
    states.map(phaseOf),
    ["running", "running", "waiting", "ended", "ended", "unknown"],
  );
});
