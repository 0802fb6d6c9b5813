/**
 * Functions in Python on a cluster: interpreters and packages of the nodes, files and checkpoints.
 *
 * @module
 */

import type { JobOptions } from "../../lib/job/options/options.ts";
import { useEnv } from "../../lib/util/env.ts";
import { UsageError } from "../../lib/util/errors.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { skipped, useCluster, whyNot } from "../support/cluster.ts";
import { assertResults, enterFolder, readBelow, runJob } from "../support/jobs.ts";

useCluster();

const WORK = `import os
import sys


def where(x):
    return sys.prefix


def uses(x):
    import package_of_the_test

    return package_of_the_test.VALUE + x


def works(x, ctx):
    with open(os.path.join(ctx.dir, f"{x}.txt"), "w") as file:
        file.write(str(x))
    last = ctx.checkpoint.last
    if not last:
        ctx.checkpoint.save(x * 10)
        raise ValueError("the first time")
    return [last, ctx.attempt]
`;

function test(claim: string, fn: (path: string) => Promise<void>): void {
  Deno.test({
    name: `slurm, Python: ${claim}${skipped}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await enterFolder({ "work.py": WORK });
      await fn(folder.path);
    },
  });
}

async function run(methodName: string, argsList: readonly unknown[], more: object = {}) {
  const { paths: { folder } } = await runJob({
    ...{ moduleName: "work.py", methodName, argsList, engine: "slurm", isDev: false },
    ...{ workers: null, ...more },
  } as unknown as JobOptions);
  return folder;
}

test("a virtual environment in the shared folder has its own packages", async (path) => {
  const args = ["-m", "venv", "--without-pip", ".venv"];
  const { code } = await new Deno.Command("/usr/bin/python3", { args }).output();
  assertEquals(code, 0);
  const [{ name: version } = { name: "" }] = Deno.readDirSync(".venv/lib");
  const module = `.venv/lib/${version}/site-packages/package_of_the_test.py`;
  await Deno.writeTextFile(module, "VALUE = 40\n");
  assertResults(await run("where", [1, 2]), [`${path}/.venv`, `${path}/.venv`]);
  assertResults(await run("uses", [1, 2]), [41, 42]);
});

test("an import that fails on a node ends the job, and the error names the node", async () => {
  // The variables of this process do not reach the node.
  using _env = useEnv({ TEST_OF_THE_IMPORT: "1" });
  await Deno.writeTextFile(
    "work.py",
    'import os\n\nif "TEST_OF_THE_IMPORT" not in os.environ:\n    import rasterio_of_the_test\n' +
      "\n\ndef where(x):\n    return x\n",
  );
  const { message } = await assertRejects(() => run("where", [1, 2, 3, 4]), UsageError);
  assertMatch(
    message,
    /^Cannot load the function on n\d: No module named 'rasterio_of_the_test' for the interpreter "python3", install/,
  );
});

test("an interpreter that the nodes do not have ends the job", async (path) => {
  await Deno.symlink("/usr/bin/python3", "python-here");
  const python = `${path}/python-here`;
  // The interpreter disappears after it has read the module.
  await Deno.writeTextFile(
    "work.py",
    `${WORK}\n\n# ${crypto.randomUUID()}\n`,
  );
  const running = run("where", [1, 2], { python, slurm: "begin=now+2" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  const rejected = assertRejects(() => running, UsageError);
  const isWritten = () => readBelow(".").keys().some((name) => name.includes("slurm/0/script.sh"));
  await until(isWritten, "the script is written");
  await Deno.remove("python-here");
  const { message } = await rejected;
  assertMatch(message, /^Cannot start a worker on n\d: there is no interpreter ".*python-here"; /);
});

test("files and checkpoints of tasks are in the folder of the job", async () => {
  const folder = await run("works", [1, 2, 3], { maxAttempts: 2 });
  assertResults(folder, [[10, 2], [20, 2], [30, 2]]);
  assertEquals([...readBelow(`${folder}/files`).values()].sort(), ["1", "2", "3"]);
});
