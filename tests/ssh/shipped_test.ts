/**
 * Files of a job that travel to a host.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { until, within } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { cli, endOf, enterFolder, startCli } from "../support/jobs.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

const FILES = {
  "run/plan.ts": `import { Job } from "dl_jobs";
export const all = () => new Job({
  moduleName: "work.py",
  methodName: "task",
  argsList: ["one", "two"],
  modules: ["plugins"],
  data: ["bands/*.txt"],
  requirements: ["numpy>=2"],
});
`,
  "work.py": `import importlib
import os

import near

HERE = os.path.dirname(__file__)


def task(name):
    with open(os.path.join(HERE, "bands", name + ".txt")) as file, open("bands/one.txt") as one:
        text = file.read() + one.read()
    return importlib.import_module("plugins." + name).shout(text) + near.MARK
`,
  "near.py": 'MARK = "!"\n',
  "plugins/one.py": "def shout(text):\n    return text.upper()\n",
  "plugins/two.py": "def shout(text):\n    return text.title()\n",
  "bands/one.txt": "red",
  "bands/two.txt": "nir",
};

useHosts({ count: 1 });

Deno.test({
  name: `ssh: modules and data of a function in Python are found on the host${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using _folder = await enterFolder(FILES);
    const ssh = ["--ssh", "hosts=h1", "--ssh", `command=ssh -F ${theHosts().config}`];
    const args = ["run", "plan.all", "--engine", "ssh", ...ssh];
    const { code, stderr } = await cli(args);
    assertEquals(code, 0, stderr);
    assertMatch(
      stderr,
      /^Warning: the requirements \(numpy>=2\) are not installed on the hosts, which must have them$/m,
    );
    const { stdout } = await cli(["results", "last", "--ordered"]);
    assertEquals(stdout, '"REDRED!"\n"Nirred!"\n');
  },
});

const WAITING = {
  "wait.ts": `export async function task(x: number) {
  const read = () => Deno.readTextFileSync("bands/one.txt");
  while (x > 0 && read() === "old") await new Promise((resolve) => setTimeout(resolve, 20));
  return read();
}
`,
  "list.ndjson": "0\n1\n",
  "bands/one.txt": "old",
};

Deno.test({
  name: `ssh: a data file that has changed is sent again to a host that has it${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using _folder = await enterFolder(WAITING);
    const ssh = ["--ssh", "hosts=h1*2", "--ssh", `command=ssh -F ${theHosts().config}`];
    const list = ["map", "wait.ts#task", "list.ndjson", "--data", "bands/*", "-o", "out.ndjson"];
    const first = startCli([...list, "--engine", "ssh", ...ssh]), end = endOf(first);
    const results = () => readIfThere("out.ndjson");
    await until(() => results() === '"old"\n', "the first task is done");
    first.kill("SIGKILL");
    await end;
    Deno.writeTextFileSync("bands/one.txt", "new");
    const { code, stderr } = await within(cli(["resume"]), "the second task sees the new file");
    assertEquals(code, 0, stderr);
    assertEquals(results(), '"old"\n"new"\n');
  },
});
