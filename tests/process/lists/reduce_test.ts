/**
 * Jobs whose results are folded into one value, or into one for each group.
 *
 * @module
 */

import { results } from "../../../lib/api/results.ts";
import { local } from "../../../lib/api/shorthand.ts";
import { Job } from "../../../lib/api/job.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { until } from "../../../tools/support/until.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { assertEquals } from "../../support/assert.ts";
import {
  cli,
  endOf,
  enterFolder,
  kill,
  readLines,
  type Said,
  startCli,
} from "../../support/jobs.ts";

const FILES = {
  "work.ts": `export const size = (town: { name: string; people: number }) => {
  if (town.name === "Late") Deno.readTextFileSync("late");
  return { name: town.name, size: town.people };
};
export const total = (sum = 0, { size }: { size: number }) => sum + size;
export const names = async (all: string[] = [], { name }: { name: string }, args: { country: string }) => {
  await 0;
  return [...all, name + " in " + args.country];
};
export const broken = (n = 0, { name }: { name: string }) => {
  if (name === "Bodø") throw new RangeError("no " + name);
  return n + 1;
};
export const waits = async (n = 0, { name }: { name: string }) => {
  if (name === "Turku") Deno.writeTextFileSync("begun", "");
  while (name === "Turku" && !(await Deno.stat("go").catch(() => undefined))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return n + 1;
};
export const loud = (n = 0) => {
  console.log("fold", n);
  return n + 1;
};
`,
  "tiles.py": `def total(acc, result):
    return (acc or 0) + result["size"]

async def names(acc, result, args):
    return (acc or []) + [result["name"] + " in " + args["country"]]

def broken(acc, result, args):
    if result["name"] == "Bodø":
        raise ValueError("no Bodø")
    return 1
`,
  "towns.ndjson": `{"name":"Oslo","people":709037,"country":"NO"}
{"name":"Turku","people":9007199254740000,"country":"FI"}
{"name":"Bodø","people":42831,"country":"NO"}
`,
};

const SUMS = ["9007199255491868"];
const BY = ['{"key":"NO","value":751868}', '{"key":"FI","value":9007199254740000}'];
const NAMES = [
  '{"key":"NO","value":["Oslo in NO","Bodø in NO"]}',
  '{"key":"FI","value":["Turku in FI"]}',
];

const map = ["map", "work.ts#size", "towns.ndjson", "-q"];

async function linesOf(args: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await cli(args);
  assertEquals([code, stderr], [0, ""]);
  return stdout.split("\n").slice(0, -1);
}

Deno.test("map --reduce prints one value, and results prints it again", async () => {
  await using _folder = await enterFolder(FILES);
  assertEquals(await linesOf([...map, "--reduce", "work.ts#total"]), SUMS);
  assertEquals(await linesOf(["results"]), SUMS);
  const all = await linesOf(["results", "--reduce", "none", "--ordered"]);
  assertEquals(all, [
    '{"name":"Oslo","size":709037}',
    '{"name":"Turku","size":9007199254740000}',
    '{"name":"Bodø","size":42831}',
  ]);
});

Deno.test("results --reduce folds the results of an ended job, with functions of both kinds", async () => {
  await using _folder = await enterFolder(FILES);
  await linesOf(map);
  for (const file of ["work.ts", "tiles.py"]) {
    assertEquals(await linesOf(["results", "--reduce", `${file}#total`]), SUMS);
    const by = (name: string) =>
      linesOf(["results", "--reduce", `${file}#${name}`, "--by", "country"]);
    assertEquals(await by("total"), BY);
    assertEquals(await by("names"), NAMES);
  }
});

Deno.test("results --reduce --by keeps keys apart that a double cannot", async () => {
  await using _folder = await enterFolder({
    "m.py": "def same(x):\n    return x\n\ndef count(n, x):\n    return (n or 0) + 1\n",
    "m.ts": "export const count = (n = 0) => n + 1;\n",
  });
  const ids = ["9007199254740992", "9007199254740993", "[9007199254740993]", "9007199254740993"];
  const input = ids.map((id) => `{"id":${id}}\n`).join("");
  await cli(["map", "m.py#same", "-", "-q"], { input });
  for (const module of ["m.ts", "m.py"]) {
    const { stdout } = await cli(["results", "--reduce", `${module}#count`, "--by", "id"]);
    assertEquals(stdout.split("\n").slice(0, -1), [
      '{"key":9007199254740992,"value":1}',
      '{"key":9007199254740993,"value":2}',
      '{"key":[9007199254740993],"value":1}',
    ]);
  }
});

Deno.test("map --reduce writes its value in any format", async () => {
  await using _folder = await enterFolder(FILES);
  const reduce = ["--reduce", "work.ts#total", "--by", "country"];
  assertEquals(await linesOf([...map, ...reduce, "-o", "a.csv"]), []);
  assertEquals(await linesOf([...map, ...reduce, "-o", "a.ndjson"]), []);
  await cli(["results", "-o", "a.json"]);
  assertEquals(readLines("a.csv"), ["key,value", "NO,751868", "FI,9007199254740000"]);
  assertEquals(readLines("a.ndjson"), BY);
  assertEquals(readLines("a.json"), ["[", BY.join(",\n"), "]"].join("\n").split("\n"));
});

Deno.test("a list without results has the value null, and no groups", async () => {
  await using _folder = await enterFolder(FILES);
  const reduce = [...map, "--limit", "0", "--reduce", "work.ts#total"];
  assertEquals(await linesOf(reduce), ["null"]);
  assertEquals(await linesOf([...reduce, "--by", "country"]), []);
});

Deno.test("a function that throws keeps the results, and its error names the task", async () => {
  await using _folder = await enterFolder(FILES);
  const { code, stdout, stderr } = await cli([...map, "--reduce", "work.ts#broken"]);
  const [id] = listJobs(Deno.cwd());
  const next = `the results of the tasks are kept, and dl_jobs results ${id} --reduce ` +
    "FILE#FUNCTION reduces them again";
  assertEquals([code, stdout, stderr.split("\n")[0]], [
    1,
    "",
    "Error: Cannot reduce the result of task 2 with work.ts#broken: RangeError: no Bodø; " + next,
  ]);
  const python = await cli(["results", "--reduce", "tiles.py#broken"]);
  assertEquals([python.code, python.stderr.split("\n")[0]], [
    1,
    "Error: Cannot reduce the result of task 2 with tiles.py#broken: ValueError: no Bodø; " + next,
  ]);
  assertEquals(await linesOf(["results", "--reduce", "work.ts#total"]), SUMS);
});

Deno.test("a wrong reduce stops before the first task", async () => {
  await using _folder = await enterFolder(FILES);
  const cases: [args: string[], error: string][] = [
    [
      ["--by", "country"],
      "Cannot group by country without a reduce: write --reduce FILE#FUNCTION, too",
    ],
    [
      ["--reduce", "work.ts#total", "--with-args", "-o", "a.csv"],
      "Cannot use --with-args with --reduce: its value has no arguments",
    ],
  ];
  for (const [args, error] of cases) {
    const { code, stderr } = await cli([...map, ...args]);
    assertEquals([code, stderr], [2, `Error: ${error}\n`]);
  }
  assertEquals((await cli([...map, "--reduce", "work.ts#none"])).code, 2);
  assertEquals(listJobs(Deno.cwd()), []);
});

Deno.test("text that a function prints goes to stderr", async () => {
  await using _folder = await enterFolder(FILES);
  const said: Said = await cli([...map, "--reduce", "work.ts#loud"]);
  assertEquals(said, { code: 0, stdout: "3\n", stderr: "fold 0\nfold 1\nfold 2\n" });
});

Deno.test("a reduce that the user stops is resumed", async () => {
  await using _folder = await enterFolder(FILES);
  const process = startCli([...map, "--reduce", "work.ts#waits"]);
  const end = endOf(process, "");
  await until(() => exists("begun"), "the reduce begins");
  process.kill("SIGINT");
  const { code, stdout, stderr } = await end, [id] = listJobs(Deno.cwd());
  assertEquals([code, stdout, stderr.split("\n").slice(1)], [
    130,
    "",
    [`Cannot finish the reduce: it was stopped, dl_jobs resume ${id} continues it`, ""],
  ]);
  await Deno.writeTextFile("go", "");
  assertEquals(await linesOf(["resume", "-q"]), ["3"]);
});

Deno.test("retry folds the results again when the list has more of them", async () => {
  await using _folder = await enterFolder(FILES);
  const towns = ["Oslo", "Late", "Bodø"].map((name) =>
    JSON.stringify({ name, people: 1, country: "NO" })
  );
  await Deno.writeTextFile("towns.ndjson", towns.join("\n") + "\n");
  const first = await cli([...map, "--reduce", "work.ts#names", "-o", "names.ndjson"]);
  assertEquals([first.code, readLines("names.ndjson")], [1, ['["Oslo in NO","Bodø in NO"]']]);
  await Deno.writeTextFile("late", "");
  assertEquals((await cli(["retry", "-q"])).code, 0);
  assertEquals(readLines("names.ndjson"), ['["Oslo in NO","Late in NO","Bodø in NO"]']);
});

Deno.test("the reduce of a job has no value while tasks are pending", async (t) => {
  await using _folder = await enterFolder(FILES);
  await linesOf([...map, "--reduce", "work.ts#total", "-o", "sum.ndjson"]);
  const [id] = listJobs(Deno.cwd());
  kill(jobFolder(id!), { events: (event) => event.id < 2 });
  await Deno.remove("sum.ndjson");
  const state = `2 of 3 tasks of job ${id} have ended`;
  const error = `Error: Cannot reduce the results with work.ts#total: ${state}, dl_jobs resume ` +
    `${id} runs the others, and dl_jobs results ${id} --reduce none prints the results so far\n`;
  for (const args of [[], ["-o", "sum.ndjson"], ["--rebuild"]]) {
    await t.step(["results", ...args].join(" "), async () => {
      assertEquals(await cli(["results", ...args]), { code: 1, stdout: "", stderr: error });
      assertEquals(exists("sum.ndjson"), false);
    });
  }
  await t.step(
    "another function folds the results so far, and the library has no value",
    async () => {
      assertEquals(await cli(["results", "--reduce", "tiles.py#total"]), {
        code: 0,
        stdout: "9007199255449037\n",
        stderr: `Warning: the value is of a part of the results: ${state}\n`,
      });
      assertEquals(await results("last"), []);
    },
  );
  await t.step("the list is not read to its end", async () => {
    kill(jobFolder(id!), { read: 2 });
    const { stderr } = await cli(["results"]);
    assertEquals(stderr, error.replace("3 tasks", "2 tasks read so far"));
  });
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals([await linesOf(["results"]), readLines("sum.ndjson")], [SUMS, SUMS]);
});

Deno.test("a job in code has the value of its reduce as its result", async () => {
  await using _folder = await enterFolder({});
  const options = { argsList: 10, noisy: false, fn: (x: number) => ({ x, odd: x % 2 }) };
  const reduce = (sum = 0, { x }: { x: number }) => sum + x;
  assertEquals(await results(local(new Job({ ...options, reduce }))), [45] as never);
  const groups = [{ key: 0, value: 20 }, { key: 1, value: 25 }];
  const run = new Job({ ...options, reduce, by: "odd", saveResults: true }).run();
  assertEquals(await Array.fromAsync(run as AsyncIterable<unknown>), groups);
  assertEquals(await results("last"), groups);
  assertEquals(readLines((await run).paths.results), groups.map((one) => JSON.stringify(one)));
});

Deno.test("results gives a reduce the variables that are not recorded", async () => {
  const fold = "export const scaled = (n = 0) => n + Number(Deno.env.get('SCALE'));\n";
  await using _folder = await enterFolder({ ...FILES, "fold.ts": fold });
  await linesOf([...map, "--env", "SCALE=2"]);
  const [id] = listJobs(Deno.cwd()), reduce = ["results", "--reduce", "fold.ts#scaled"];
  const { code, stderr } = await cli(reduce);
  assertEquals([code, stderr], [
    2,
    `Error: Cannot run job ${id} again: the values of SCALE are not recorded, pass them with ` +
    "--env SCALE=VALUE or --env-file FILE, or set them in the environment\n",
  ]);
  assertEquals(await linesOf([...reduce, "--env", "SCALE=3"]), ["9"]);
  assertEquals(await cli(["results", "--env", "SCALE=3"]), {
    code: 2,
    stdout: "",
    stderr: "Error: Cannot use --env without a reduce: no function is called\n",
  });
});
