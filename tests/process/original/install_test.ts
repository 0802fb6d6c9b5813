/**
 * The Python package, installed in a virtual environment without a network.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Folder } from "../../../tools/support/files.ts";
import { findProgram } from "../../../tools/support/programs.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { mayInstall, skipSuffix, whySkipped } from "../../support/programs.ts";
import { filesOf, makeCodeBase, PACKAGE, runIn } from "./projects.ts";

const { missing } = await findProgram("python3", { install: mayInstall });
const whyNot = whySkipped(missing ?? await whyNoVenv());

/** An index that nothing answers for: an installation that needs one fails. */
const NO_NETWORK = { PIP_INDEX_URL: "http://127.0.0.1:9/", PIP_DISABLE_PIP_VERSION_CHECK: "1" };

async function whyNoVenv(): Promise<string | undefined> {
  const hasVenv = async () => {
    const { success } = await new Deno.Command("python3", {
      args: ["-c", "import ensurepip, venv"],
      stderr: "null",
    }).output();
    return success;
  };
  if (await hasVenv()) return undefined;
  if (mayInstall) await findProgram("python3-venv", { install: true });
  return await hasVenv() ? undefined : "python3-venv is not installed";
}

/** Makes a virtual environment, and returns the variables that activate it. */
async function makeVenv(folder: Folder) {
  const venv = `${folder.path}/venv`;
  const { err, code } = await runIn(folder, ["python3", "-m", "venv", venv]);
  assertEquals(code, 0, err);
  const path = `${venv}/bin:${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
  return { PATH: path, PYTHONPATH: "", VIRTUAL_ENV: venv, ...NO_NETWORK };
}

/** Installs the package, in addition to or instead of an installed one. */
async function install(folder: Folder, env: Record<string, string>, ...flags: string[]) {
  const words = ["python", "-m", "pip", "install", "--force-reinstall", ...flags, PACKAGE];
  const { out, err, code } = await runIn(folder, words, { env });
  assertEquals(code, 0, out + err);
}

const SCRIPT = `
from dl_jobs.job import DLJob
print(DLJob(module_name='utils.helpers', method_name='index_of', args=['north:7'], noisy=False).run())
`;

Deno.test({
  name: `pip install ./python works without a network${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn(t) {
    await using project = await makeCodeBase();
    await project.write("script.py", SCRIPT);
    const env = await makeVenv(project);
    for (const flags of [["--no-index", "--no-build-isolation"], ["-e"], []]) {
      await t.step(["pip install", ...flags].join(" "), async () => {
        await install(project, env, ...flags);
        const { out } = await runIn(project, ["dl_jobs", "--version"], { env });
        assertMatch(out, /^dl_jobs \d/);
      });
    }
    await t.step("a script runs a job", async () => {
      const { out, err, code } = await runIn(project, ["python", "script.py"], { env });
      assertEquals({ out, code }, { out: "7\n", code: 0 }, err);
    });
    for (const words of [["dl_jobs"], ["python", "-m", "dl_jobs"]]) {
      await t.step(words.join(" "), async () => {
        const args = ["run", "model.upload", "land", "version=v2"];
        const { err, code } = await runIn(project, [...words, ...args], { env });
        const files = filesOf(project, ["output"]);
        await Deno.remove(`${project.path}/output`, { recursive: true });
        const result = { args: ["land"], kwargs: { version: "v2" }, bands: 4 };
        assertEquals(
          { lines: files["output/upload.ndjson"], code },
          { lines: [result], code: 0 },
          err,
        );
      });
    }
    await t.step("a task method runs in the interpreter of the environment", async () => {
      await project.write("where.py", "import sys\ndef task(x): return sys.prefix\n");
      const words = ["python", "-m", "dl_jobs", "map", "where.py#task", "-"];
      const { out } = await runIn(project, words, { env, stdin: "1\n" });
      assertEquals(JSON.parse(out), env.VIRTUAL_ENV);
    });
  },
});
