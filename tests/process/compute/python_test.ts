/**
 * Functions in Python on the platform, where no Deno is installed for them.
 *
 * @module
 */

import type { JobOptions } from "../../../lib/job/options/options.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { bare, enterFolder, readEvents, runJob } from "../../support/jobs.ts";
import { usePlatform, whyNot } from "../../support/platform.ts";
import { skipSuffix } from "../../support/programs.ts";

const WORK = `import ctypes
import os
import signal
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))


def fault(name):
    if name == "raise":
        raise ValueError("no tile")
    if name == "exit":
        sys.exit(3)
    if name == "at once":
        os._exit(4)
    if name == "segfault":
        ctypes.string_at(0)
    if name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "late":
        time.sleep(60)
    if name == "endless":
        ctypes.CDLL(None).pause()
    if name == "large":
        held = b"x" * 600_000_000
        time.sleep(60)
    print("from", name)
    return name



def reads(name):
    with open(os.path.join(FOLDER, "bands", name)) as file:
        return file.read()
`;

usePlatform();

function test(
  claim: string,
  fn: () => Promise<void>,
): void {
  Deno.test({
    name: `compute, Python: ${claim}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using _folder = await enterFolder({ "work.py": WORK });
      await fn();
    },
  });
}

async function run(methodName: string, argsList: readonly unknown[], options: JobOptions = {}) {
  return await runJob({
    ...{ moduleName: "work.py", methodName, argsList, engine: "compute", isDev: false },
    ...{ workers: null, compute: "poll=0.05,maximum_concurrency=2", ...options },
  } as unknown as JobOptions);
}

/** Returns the last event of each task, in the order of the list. */
function endsOf(folder: string): unknown[] {
  const last = new Map(readEvents(folder).map((event) => [event.id, event]));
  return bare([...last.values()].sort((a, b) => a.id - b.id));
}

const FAULTS = ["ok", "raise", "exit", "at once", "ok", "segfault", "kill", "ok"];

/** Returns the ends of a job on both engines. */
async function onBoth(faults: readonly string[], limits: object): Promise<unknown[][]> {
  const shared = { ...limits, grace: "20s", maxAttempts: 1 };
  const local = await run("fault", faults, { ...shared, engine: "local", workers: 2 } as never);
  const remote = await run("fault", faults, { ...shared, compute: "poll=0.05,workers=2" } as never);
  return [local, remote].map(({ paths }) => endsOf(paths.folder));
}

test("each fault ends a task as it does on this machine", async () => {
  const [local, remote] = await onBoth(FAULTS, {});
  assertEquals(remote, local);
});

test("limits end a task as they do on this machine", async () => {
  const [local, remote] = await onBoth(["late", "ok", "endless"], { timeout: 1 });
  assertEquals(remote, local);
  const large = await onBoth(["ok", "large", "ok"], { memory: "200MB" });
  const [one, other] = large.map((ends) =>
    JSON.stringify(ends).replace(/used \d+ MB/, "used N MB")
  );
  assertEquals(one, other);
});

test("data files are beside the module", async () => {
  await Deno.mkdir("bands");
  await Deno.writeTextFile("bands/red.txt", "620 nm");
  const { paths } = await run("reads", ["red.txt"], { data: ["bands/*.txt"] });
  assertEquals(endsOf(paths.folder), [{ id: 0, attempt: 1, type: "succeeded", result: "620 nm" }]);
});

test("an import that fails on the platform ends the job, with the way out", async () => {
  await Deno.writeTextFile(
    "work.py",
    "import os\nif 'PYTHONPATH' in os.environ:\n    import rasterio_of_the_test\n\n\n" +
      "def where(x):\n    return 1\n",
  );
  const error = await assertRejects(() => run("where", [1, 2, 3]), UsageError);
  assertMatch(
    error.message,
    /^Cannot load the function: No module named 'rasterio_of_the_test' on the platform, add its package to the option requirements\n/,
  );
});
