/**
 * Jobs in Python that run again: after their code has changed, in another folder, with another
 * interpreter, from a damaged program.
 *
 * @module
 */

import { findJob } from "../../../lib/job_dir/find.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import type { JobOptions } from "../../../lib/job/options/options.ts";
import { resumeJob } from "../../../lib/job/resume/resume.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import {
  assertResults,
  cli,
  enterFolder,
  kill,
  readEvents,
  readLines,
  runJob,
} from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");
const QUIET = { reporter: { quiet: true } };
const TASK = { moduleName: "work.py", methodName: "task", argsList: [0, 1, 2, 3] } as const;
const WORK = `from limits import MOST, VERSION

def task(x):
    if x > MOST:
        raise ValueError(f"above {MOST}")
    return f"{VERSION}-{x}"
`;
const limits = (version: string, most: number) => `VERSION = "${version}"\nMOST = ${most}\n`;
const FILES = { "work.py": WORK, "limits.py": limits("v1", 1) };

function test(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({ name: name + skipSuffix(whyNot), ignore: whyNot !== undefined, fn });
}

/** Returns the results of the newest job by task, and the messages of failures. */
function outcome(): unknown[] {
  const all: unknown[] = [];
  for (const event of readEvents(findJob())) {
    all[event.id] = "result" in event ? event.result : "error" in event && event.error.message;
  }
  return all;
}

function programs(): readonly string[] {
  return readRecord(findJob()).programs!.map(({ file }) => file);
}

test("retry runs mended code in Python, and --code original the old code", async (t) => {
  await using folder = await enterFolder(FILES);
  const { paths } = await runJob(TASK);
  assertEquals(outcome(), ["v1-0", "v1-1", "above 1", "above 1"]);
  const retry = { ...QUIET, retryFilter: () => true };

  await t.step("an imported module is a part of the code", async () => {
    await folder.write("limits.py", limits("v2", 2));
    await resumeJob(paths.folder, retry);
    assertEquals(outcome(), ["v1-0", "v1-1", "v2-2", "above 2"]);
    assertEquals(programs(), ["bundle.py", "bundle.2.py"]);
  });
  await t.step("the old code is still there", async () => {
    await resumeJob(paths.folder, { ...retry, code: "original" });
    assertEquals(outcome(), ["v1-0", "v1-1", "v2-2", "above 1"]);
  });
  await t.step("a module that has moved names the way out", async () => {
    await Deno.rename("work.py", "moved.py");
    for (const args of [["retry"], ["replay", "3"]]) {
      const { code, stderr } = await cli(args);
      assertEquals(code, 2);
      assertStringIncludes(stderr, "Cannot find work.py: no such file");
      assertStringIncludes(stderr, "--code original");
    }
  });
  await t.step("code that cannot be parsed names the way out", async () => {
    await folder.write("work.py", "def task(x):\n    return x +\n");
    const { code, stderr } = await cli(["retry"]);
    assertEquals(code, 2);
    assertMatch(stderr, /work\.py:2: invalid syntax \(Python [\d.]+\)\n {4}return x \+\n/);
    assertStringIncludes(stderr, "--code original");
  });
});

test("resume keeps the code of a job in Python, also without its sources", async () => {
  await using folder = await enterFolder(FILES);
  const { paths } = await runJob({ ...TASK, argsList: [0, 1, 0, 1] });
  kill(paths.folder, { events: ({ id }) => id < 1 });
  await folder.write("limits.py", limits("v2", 0));
  await resumeJob(paths.folder, QUIET);
  const results = ["v1-0", "v1-1", "v1-0", "v1-1"];
  assertResults(paths.folder, results);
  kill(paths.folder, { events: ({ id }) => id < 1 });
  for (const file of ["limits.py", "work.py"]) await Deno.remove(file);
  await resumeJob(paths.folder, QUIET);
  assertResults(paths.folder, results);
});

test("a new job runs the modules that a link leads to", async () => {
  await using _folder = await enterFolder({
    "v1/work.py": WORK,
    "v2/work.py": WORK,
    "v1/limits.py": limits("v1", 1),
    "v2/limits.py": limits("v2", 1),
  });
  const time = new Date("1980-01-01");
  for (const version of ["v1", "v2", "v1"]) {
    for (const name of ["work.py", "limits.py"]) await Deno.utime(`${version}/${name}`, time, time);
    await Deno.remove("current").catch(() => {});
    await Deno.symlink(version, "current");
    await runJob({ ...TASK, moduleName: "current/work.py", argsList: [0, 1] });
    assertEquals(outcome(), [`${version}-0`, `${version}-1`]);
  }
});

test("results are reused until a module changes that the function imports", async () => {
  await using folder = await enterFolder({ ...FILES, "other.py": "" });
  const reuse = async () => (await runJob({ ...TASK, argsList: [0, 1], reuse: true })).reused;
  const first = await reuse(), second = await reuse();
  await folder.write("other.py", "changed = True\n");
  const third = await reuse();
  await folder.write("limits.py", limits("v2", 1));
  assertEquals([first, second, third, await reuse()], [0, 2, 2, 0]);
});

test("a job in Python continues after its project has moved", async () => {
  await using folder = await enterFolder();
  for (const [name, text] of Object.entries(FILES)) await folder.write(`old/${name}`, text);
  Deno.chdir(`${folder.path}/old`);
  const { paths } = await runJob({ ...TASK, argsList: [0, 1, 0, 1] });
  kill(paths.folder, { events: ({ id }) => id < 2 });
  await Deno.rename(`${folder.path}/old`, `${folder.path}/new`);
  Deno.chdir(`${folder.path}/new`);
  const moved = paths.folder.replace(/\/old\//, "/new/");
  await resumeJob(moved, QUIET);
  assertResults(moved, ["v1-0", "v1-1", "v1-0", "v1-1"]);
  assertEquals(readLines(`${folder.path}/new/${paths.results}`).sort(), [
    ...['"v1-0"', '"v1-0"', '"v1-1"', '"v1-1"'],
  ]);
  Deno.chdir(folder.path);
});

test("replay shows the log and the warnings of a task, and treats values as the job did", async (t) => {
  await using _folder = await enterFolder({
    "work.py": `import math

def task(x, ctx):
    ctx.log("begins", at=x)
    ctx.progress(0.5)
    ctx.checkpoint.save({"row": x})
    return {"mean": math.nan, "text": "x" * x}
`,
  });
  const replayed = async (how: JobOptions) => {
    await runJob({ moduleName: "work.py", methodName: "task", argsList: [3, 40], ...how });
    return await cli(["replay", "last", "1"]);
  };
  const text = "x".repeat(40), log = "begins {'at': 40}\n";
  await t.step("NaN becomes null", async () => {
    const warning =
      "1 value was NaN or infinite and became null, first in task 1 at result.mean; " +
      "--nan fail makes such a task fail\n";
    const stdout = `{"mean":null,"text":"${text}"}\n`;
    assertEquals(await replayed({}), { code: 0, stdout, stderr: log + warning });
  });
  await t.step("NaN fails the task", async () => {
    const { code, stdout, stderr } = await replayed({ nan: "fail" });
    assertEquals([code, stdout, stderr.startsWith(log)], [1, "", true]);
    assertStringIncludes(stderr, "Cannot write result.mean: it is NaN or infinite");
  });
  await t.step("a result is too long", async () => {
    const { code, stderr } = await replayed({ maxResult: 30 });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "max_result is ");
  });
});

test("a job whose interpreter is gone runs with another one", async (t) => {
  await using folder = await enterFolder({
    ...FILES,
    "env/python": '#!/bin/sh\nexec python3 "$@"\n',
  });
  await Deno.chmod("env/python", 0o700);
  await runJob({ ...TASK, python: "./env/python" });
  await Deno.remove("env/python");
  const gone =
    `there is no interpreter "${folder.path}/env/python"; install Python 3.8 or newer, or ` +
    "set --python to its path";
  await t.step("replay says so", async () => {
    const { code, stderr } = await cli(["replay", "last", "1"]);
    assertEquals([code, stderr], [2, `Error: Cannot replay the task: ${gone}\n`]);
  });
  await t.step("retry says so", async () => {
    const { code, stderr } = await cli(["retry"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Error: Cannot start a worker: ${gone}\n`);
  });
  await t.step("replay accepts another one", async () => {
    const { code, stdout } = await cli(["replay", "last", "1", "--python", "python3"]);
    assertEquals([code, stdout], [0, '"v1-1"\n']);
  });
  await t.step("verify accepts another one", async () => {
    const args = ["verify", "--run", "1", "--seed", "1", "--python", "python3"];
    const { code, stdout } = await cli(args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "1 task ran again with --seed 1: all results are equal\n");
  });
  await t.step("retry keeps another one", async () => {
    await folder.write("limits.py", limits("v2", 3));
    await cli(["retry", "--python", "env python3"]);
    assertEquals(outcome(), ["v1-0", "v1-1", "v2-2", "v2-3"]);
    const { stdout } = await cli(["status"]);
    assertStringIncludes(stdout, "\npython   env python3\n");
  });
});

test("a damaged program in Python does not run", async (t) => {
  await using _folder = await enterFolder(FILES);
  const { id, paths } = await runJob(TASK);
  const path = `${paths.folder}/bundle.py`, text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace("above", "abuse"));
  const message = `Error: Cannot run job ${id}: its program ${path} is damaged; start a new job ` +
    "with --reuse, which keeps the results of this job\n";
  for (const args of [["replay", "last", "1"], ["resume"], ["retry", "--code", "original"]]) {
    await t.step(args.join(" "), async () => {
      kill(paths.folder, { events: ({ id }) => id < 1 });
      const { code, stdout, stderr } = await cli(args);
      assertEquals([stdout, stderr.split("\n").at(-2) + "\n", code === 0], ["", message, false]);
    });
  }
});
