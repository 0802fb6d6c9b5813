/**
 * Jobs in folders with odd names, and with variables of Slurm in the environment.
 *
 * @module
 */

import { exists } from "../../../lib/util/files/fs.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { cli } from "../../support/jobs.ts";
import { theCluster, useCluster } from "../../support/cluster.ts";
import { begin, jobFolder, test } from "./jobs.ts";

useCluster();

const WORK = `export function task(x: number) {
  console.log("said");
  return [x, Deno.cwd(), Deno.env.get("SLURM_JOB_PARTITION"), Deno.env.get("SLURM_NTASKS")];
}
`;

/** Runs two tasks, and returns their results in order. */
async function run(env: Record<string, string> = {}): Promise<unknown[]> {
  await Deno.writeTextFile("m.ts", WORK);
  await Deno.writeTextFile("list.ndjson", "1\n2\n");
  const args = ["map", "./m.ts", "list.ndjson", "--engine", "slurm", "--ordered", "--quiet"];
  const { code, stdout, stderr } = await cli(args, { env });
  assertEquals(code, 0, stderr);
  const lines = stdout.split("\n").filter((line) => line.startsWith("["));
  return lines.map((line) => JSON.parse(line));
}

/** Names whose parts Slurm or a shell would replace. */
const NAMES = ["run %a %j %%", "back\\slash %A", 'it\'s "q" $HOME `x`;&', "new\nline #SBATCH --x"];

test("a folder may have any name", async ({ path }) => {
  for (const name of NAMES) {
    await Deno.mkdir(`${path}/${name}`);
    Deno.chdir(`${path}/${name}`);
    try {
      const results = await run() as unknown[][];
      assertEquals(
        results.map((result) => result.slice(0, 2)),
        [1, 2].map((x) => [
          x,
          `${path}/${name}`,
        ]),
      );
    } finally {
      Deno.chdir(path);
    }
  }
});

test("an array task that cannot start names its log, in a folder with any name", async ({ path }) => {
  await Deno.mkdir(`${path}/%a\\x`);
  Deno.chdir(`${path}/%a\\x`);
  try {
    await Deno.writeTextFile("m.ts", WORK);
    const args = ["map", "./m.ts", "-", "--engine", "slurm", "--slurm", "deno=/no/deno"];
    const { code, stderr } = await cli(args, { input: "1\n" });
    assertEquals(code, 2);
    assertMatch(stderr, /\/no\/deno: not found.*\(.*\/%a\\x\/\.dl_jobs\/.*\/logs\/0\.log\)/);
  } finally {
    Deno.chdir(path);
  }
});

test("nodes that do not see the folder of a job are told", async () => {
  const cluster = theCluster(), main = ["scontrol", "update", "PartitionName=main"] as const;
  cluster.run(...main, "State=DOWN");
  const { end } = await begin(6, "quick");
  let hiding: ReturnType<typeof setInterval> | undefined;
  try {
    await until(() => cluster.run("squeue", "-h") !== "", "the array waits");
    const arrays = `${await jobFolder()}/slurm`;
    const hide = () => {
      for (const { name } of Deno.readDirSync(arrays)) removeFolder(`${arrays}/${name}/logs`);
    };
    hide();
    // Slurm takes longer than this to start the tasks of a later array.
    hiding = setInterval(hide, 20);
  } finally {
    cluster.run(...main, "State=UP");
  }
  const { code, stderr } = await end.finally(() => clearInterval(hiding));
  assertEquals(code, 2);
  assertMatch(stderr, /it wrote no log, .*: start the job in a folder that all nodes share/);
});

function removeFolder(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}

test("the user's defaults are kept, and an enclosing Slurm job does not leak", async () => {
  const enclosing = { SLURM_JOB_ID: "7", SLURM_NTASKS: "5", SLURM_MEM_PER_CPU: "1" };
  const reserved = { SBATCH_WAIT: "1", SBATCH_OUTPUT: "/no/where", SBATCH_ARRAY_INX: "5-6" };
  const results = await run({ ...enclosing, ...reserved, SBATCH_PARTITION: "second" });
  assertEquals(results.map((result) => (result as unknown[]).slice(2)), [
    ["second", "1"],
    ["second", "1"],
  ]);
});
