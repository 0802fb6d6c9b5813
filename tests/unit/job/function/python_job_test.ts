import { describedJob } from "../../../../lib/job/function/python_job.ts";
import { ListFiles } from "../../../../lib/tasks/list_files.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const JOB = {
  module: "/p/work/ndvi.py",
  import: "work.ndvi",
  method: "mean",
  isCall: false,
  list: 3,
  options: { name: "means", platform_job: true, task_kwargs: { memory: "2Gi" }, cpus: 2 },
};

Deno.test("describedJob() returns the options of a job", () => {
  const options = {
    name: "means",
    platformJob: true,
    taskKwargs: { memory: "2Gi" },
    cpus: 2,
    moduleName: "file:///p/work/ndvi.py",
    methodName: "mean",
    dlJob: { import: "work.ndvi", isCall: false },
    argsList: 3,
  };
  assertEquals(describedJob(JOB), options);
  assertEquals(describedJob({ ...JOB, list: "a.ndjson" }), { ...options, argsList: "a.ndjson" });
  const inFile = describedJob({ ...JOB, list: { file: "/tmp/0" } }, (path) => `${path}1`);
  const argsList = new ListFiles(["/tmp/01"], { format: "ndjson" }, true);
  assertEquals(inFile, { ...options, argsList });
});

Deno.test("describedJob() refuses other descriptions", async (t) => {
  const cases: [description: unknown, wrong: string][] = [
    [null, "module is undefined"],
    [[], "module is undefined"],
    [{ ...JOB, module: "work/ndvi.py" }, 'module is "work/ndvi.py"'],
    [{ ...JOB, import: "" }, 'import is ""'],
    [{ ...JOB, method: 1 }, "method is 1"],
    [{ ...JOB, isCall: "no" }, 'isCall is "no"'],
    [{ ...JOB, list: null }, "list is null"],
    [{ ...JOB, list: {} }, "list is {}"],
    [{ ...JOB, options: [] }, "options is []"],
  ];
  for (const [description, wrong] of cases) {
    await t.step(wrong, () => {
      const error = assertThrows(() => describedJob(description), UsageError);
      assertEquals(
        error.message,
        `Cannot read a job from Python: its ${wrong}, use the package dl_jobs of the same version ` +
          "as the command",
      );
    });
  }
});
