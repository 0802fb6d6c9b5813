/**
 * Run methods in Python: where they are found, what they receive, and what they may return.
 *
 * @module
 */

import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { DL_JOBS, filesOf, runIn } from "./projects.ts";

const FILES = {
  "dl_jobs.config.yaml": "module_dir: jobs.run\nnoisy: false\nresults_timestamp: false\n",
  "jobs/run/countries/__init__.py": `
from . import names
import outside
from dl_jobs.job import DLJob

def area(year, band='nir', *, scale=1, gpus=0):
    return DLJob('tasks', 'echo', save_results='area', args=[year, band, scale, gpus, names.NAME, outside.NAME])
`,
  "jobs/run/countries/names.py": "NAME = 'package'\n",
  "jobs/run/more.py": `
import datetime, os, pathlib
import dl_jobs.nd_json as nd_json
from dl_jobs.job import DLJob

def task(**kwargs):
    return DLJob('tasks', 'echo', save_results='options', kwargs={name: kwargs[name] for name in sorted(kwargs)})

def in_order():
    yield DLJob('tasks', 'double', args_list=3, save_results='first')
    yield DLJob('tasks', 'double', args_list=nd_json.read('results/first.ndjson'), save_results='second')

def nested():
    first = DLJob('tasks', 'double', args_list=range(3), save_results='first').run()
    return DLJob('tasks', 'double', args_list=[sum(first)], save_results='second')

def ask(count=None):
    print('how many?')
    return DLJob('tasks', 'double', args_list=int(input()), save_results='asked')

def values(args_list):
    values = [datetime.date(2020, 1, 1), pathlib.Path('a/b'), (1, 2), range(2), 10**30]
    yield DLJob('tasks', 'echo', args_list=[values], save_results='values')
    yield DLJob('tasks', 'echo', args_list=args_list, args=[5], save_results='call')

def fails(): raise ValueError('no data')
def dies(): os._exit(7)
def returns(): return DLJob('tasks', 'echo', args_list=[1, float('nan')])
`,
  "tasks.py": `
import json
import outside

def double(x): return 2 * x
def echo(*args, **kwargs): return json.dumps(kwargs or {'args': args})
`,
};

async function makeProject(): Promise<{ above: Folder; project: Folder }> {
  const above = await makeFolder({ "outside.py": "NAME = 'outside'\n" });
  return { above, project: await makeFolder(FILES, above.path) };
}

Deno.test("dl_jobs run calls run methods of Python modules", async (t) => {
  const { above, project } = await makeProject();
  await using _above = above;
  const image = (name: string) =>
    `us.gcr.io/dl-ci-cd/images/tasks/public/${name}/default:v2019.04.18-13-g565aebde`;
  const options = {
    cpu_image: image("py3.6"),
    cpu_job: true,
    cpus: 1,
    gpu_image: image("py3.6-gpu"),
    gpus: 0,
    noisy: false,
  };
  const cases: [args: string, files: Record<string, unknown[]>, stdin?: string][] = [
    [
      "countries.area band=red 2020 scale:=3 gpus=2",
      { area: [{ args: ["2020", "red", 3, "2", "package", "outside"] }] },
    ],
    ["countries.area 2020", { area: [{ args: ["2020", "nir", 1, 0, "package", "outside"] }] }],
    [
      "more a=1 cpus=5 --gpus 1",
      { options: [{ ...options, a: "1", cpus: "5", gpus: 1, cpu_job: false, args_list: [] }] },
    ],
    ["more.in_order", { first: [0, 2, 4], second: [0, 4, 8] }],
    ["more.nested", { first: [0, 2, 4], second: [12] }],
    ["more.ask", { asked: [0, 2] }, "2\n"],
    [
      "more.values",
      { values: [{ args: [["2020-01-01", "a/b", [1, 2], [0, 1], 1e30]] }], call: [{ args: [5] }] },
    ],
  ];
  for (const [args, expected, stdin] of cases) {
    await t.step(args, async () => {
      const words = [...DL_JOBS, "run", ...args.split(" ")];
      const { out, err, code } = await runIn(project, words, stdin === undefined ? {} : { stdin });
      const files = filesOf(project, ["results"]);
      await Deno.remove(`${project.path}/results`, { recursive: true });
      assertEquals({ out, code }, { out: "", code: 0 }, err);
      const named = Object.entries(expected).map((
        [name, lines],
      ) => [`results/${name}.ndjson`, lines]);
      assertEquals(files, Object.fromEntries(named));
    });
  }
});

Deno.test("what a script or a run method prints precedes the output of its jobs", async () => {
  await using project = await makeFolder({
    "go.py": `
from dl_jobs.job import DLJob

def run():
    print('first')
    yield DLJob('go', 'task', args_list=1)
    print('last')

def task(x): print('the task', flush=True)

if __name__ == '__main__':
    for job in run():
        job.run()
`,
  });
  // With this variable, Python would not buffer its output.
  const env = { PYTHONUNBUFFERED: "" };
  const [ofMethod, ofScript] = [
    await runIn(project, [...DL_JOBS, "run", "go.run"], { env }),
    await runIn(project, ["sh", "-c", "python3 go.py 2>&1"], { env }),
  ];
  const printed = [ofMethod.err, ofScript.out].map((text) =>
    text.match(/^(first|the task|last)$/gm)
  );
  assertEquals(printed, Array(2).fill(["first", "the task", "last"]));
});

Deno.test("dl_jobs replay calls a task method as its job did", async () => {
  await using project = await makeFolder({
    "dl_jobs.config.yaml": "noisy: false\n",
    "go.py": `
from dl_jobs.job import DLJob

def run(): return DLJob('sums', 'add', args=[1, 2])
`,
    "sums.py": `
def setup(): print('another setup')
def add(a, b): return a + b
`,
  });
  for (const [words, out] of [["run go.run", ""], ["replay last 0", "3\n"]] as const) {
    const done = await runIn(project, [...DL_JOBS, ...words.split(" ")]);
    assertEquals(done, { out, err: "", code: 0 });
  }
});

Deno.test("dl_jobs run: a run method in Python that fails ends the command", async (t) => {
  const { above, project } = await makeProject();
  await using _above = above;
  const cases: [args: string, err: string, code: number][] = [
    [
      "more.fails",
      'Error: more.fails failed\n  File "DIR/jobs/run/more.py", line N, in fails\n' +
      "    def fails(): raise ValueError('no data')\nValueError: no data\n",
      1,
    ],
    ["more.dies", "Error: more.dies failed: its process ended with status 7\n", 1],
    [
      "more.returns",
      "Error: more.returns failed\nTypeError: Cannot write job.args_list[1]: it is NaN or infinite, " +
      "use None instead\n",
      1,
    ],
    [
      "countries.area",
      "Error: Cannot run countries.area: missing a required argument: 'year'; its parameters are " +
      "countries.area(year, band='nir', *, scale=1, gpus=0)\n",
      2,
    ],
    ["more.no", 'Error: Cannot find "no" in jobs/run/more.py: its functions are NAMES\n', 2],
    [
      "country.area",
      'Error: Cannot find module "country" in ./jobs/run and .: the modules there are countries, ' +
      "more, countries.names\n",
      2,
    ],
  ];
  for (const [args, expected, code] of cases) {
    await t.step(args, async () => {
      const done = await runIn(project, [...DL_JOBS, "run", args]);
      const err = done.err.replaceAll(project.path, "DIR").replace(/line \d+/, "line N")
        .replace(/^ *[~^]+\n/gm, "").replace(/(?<=functions are ).*/, "NAMES");
      assertEquals({ ...done, err }, { out: "", err: expected, code });
    });
  }
});
