/**
 * Files of results that are written once all tasks have ended.
 *
 * @module
 */

import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import {
  cli,
  endOf,
  enterFolder,
  readLines,
  recordOf,
  runJob,
  startCli,
} from "../../support/jobs.ts";

const FILES = {
  "task.ts": `export const town = (x: number) => {
  if (x === 3) Deno.readTextFileSync("three");
  return { name: "town, " + x, at: { lon: x / 2 }, note: x % 2 ? "=1+1" : null };
};
export const point = (x: number) => ({ x, geometry: { type: "Point", coordinates: [x, x] } });
export const long = (x: number) => ({ x, text: "a".repeat(500) });
export const pair = (x: number) => [x, { ERROR: "no " + x }, x + 1];
/** Waits for a file with the number in its name. */
export async function wait(x: number) {
  for (;;) {
    try {
      return { x: Number(Deno.readTextFileSync("go" + x)) };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
`,
  "run/jobs.ts": `import { Job } from "dl_jobs";
const moduleName = import.meta.resolve("../task.ts");
const job = (methodName: string) => new Job({ moduleName, methodName, argsList: [1, 2] });
export const one = () => job("pair");
export const two = () => [job("pair"), job("town")];
`,
  "in.ndjson": "1\n2\n3\n4\n",
  "three": "",
};

const CSV = `name,at.lon,note
"town, 1",0.5,'=1+1
"town, 2",1,
"town, 3",1.5,'=1+1
"town, 4",2,
`;

Deno.test("map writes results in the format of the file's name, as results does", async (t) => {
  await using folder = await enterFolder(FILES);
  const town = (x: number) => ({
    name: `town, ${x}`,
    at: { lon: x / 2 },
    note: x % 2 ? "=1+1" : null,
  });
  const towns = [1, 2, 3, 4].map((x) => JSON.stringify(town(x)));
  const args = towns.map((result, id) => `{"id":${id},"args":${id + 1},"result":${result}}`);
  const cases: [args: string, text: string][] = [
    ["a.csv", CSV],
    ["b.csv --raw", CSV.replaceAll("'", "")],
    [
      "c.tsv --nested json",
      CSV.replaceAll(/("?)(town, \d)"?,([\d.]+),/g, '$2\t"{""lon"":$3}"\t')
        .replace("name,at.lon,note", "name\tat\tnote"),
    ],
    [
      "d.csv --with-args",
      CSV.replace("name,", "id,args,name,").replaceAll(
        /^"town, (\d)/gm,
        (row, x) => `${x - 1},${x},${row}`,
      ),
    ],
    ["e.json", `[\n${towns.join(",\n")}\n]\n`],
    ["f.json --with-args", `[\n${args.join(",\n")}\n]\n`],
    ["g.ndjson --with-args", args.join("\n") + "\n"],
    ["h.ndjson.gz", towns.join("\n") + "\n"],
    ["i.csv.zst", CSV],
  ];
  for (const [words, text] of cases) {
    await t.step(words, async () => {
      const [name, ...options] = words.split(" ");
      const map = ["map", "task.ts#town", "in.ndjson", "-q", "-o", name!, ...options];
      const isGuarded = text.includes("'");
      const warning = isGuarded ? guarded(`${folder.path}/${name}`) : "";
      assertEquals(await cli(map), { code: 0, stdout: "", stderr: warning });
      assertEquals(read(name!), text);
      Deno.removeSync(name!);
      const { code, stderr } = await cli(["results", "-o", name!, ...options]);
      assertEquals([code, stderr], [0, (isGuarded ? guarded(name!) : "") + `Wrote ${name}\n`]);
      assertEquals(read(name!), text);
      assertEquals(recordOf(jobFolder(listJobs().at(-1)!)).files, { results: `./${name}` });
    });
  }
});

Deno.test("a file of text has a line for each result, as a list of lines has", async () => {
  await using _folder = await enterFolder({
    "task.ts": `
      const values = ["a b", 2, null, { c: 1 }, "two\\nlines", '"quoted"', "half \\ud83d"];
      export const value = (index: number) => values[index];
    `,
  });
  // UTF-8 has no form for half of a surrogate pair.
  const text = 'a b\n2\nnull\n{"c":1}\ntwo\nlines\n"quoted"\n"half \\ud83d"\n';
  const list = [":::", "0", "1", "2", "3", "4", "5", "6"];
  const map = ["map", "task.ts#value", "-q", "-o", "a.txt", ...list];
  assertEquals((await cli(map)).stderr.includes("that are several lines: 1\n"), true);
  assertEquals(read("a.txt"), text);
  assertEquals((await cli(["results", "--format", "lines"])).stdout, text);
  const lines = ["map", "task.ts#value", "-q", "--ordered", "--format", "lines"];
  assertEquals(await cli([...lines, ...list]), { code: 0, stdout: text, stderr: "" });
  assertEquals(await cli([...lines, "-o", "a.csv", ...list]), {
    code: 2,
    stdout: "",
    stderr: "Error: Cannot use --format with --output: the ending of a.csv states its format\n",
  });
  const echo = await cli(["map", "a.txt", "-q", "--ordered", "--limit", "2", "--", "echo", "{}"]);
  assertEquals(echo.stdout, '"a b"\n"2"\n');
  assertEquals(await cli(["results", "-o", "b.txt", "--with-args"]), {
    code: 2,
    stdout: "",
    stderr: "Error: Cannot use --with-args for b.txt: a line of text is only a result, write tsv " +
      "or ndjson\n",
  });
});

function guarded(name: string): string {
  return `An apostrophe is before 2 cells of ${name}, which a spreadsheet would calculate: --raw ` +
    "keeps the texts\n";
}

function read(path: string): string {
  const bytes = Deno.readFileSync(path);
  if (path.endsWith(".gz")) return gunzipSync(bytes).toString();
  return new TextDecoder().decode(path.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes);
}

Deno.test("results writes errors as a table, and a format that the name does not state", async () => {
  await using _folder = await enterFolder({ ...FILES, "three": "", "old.txt": "old\n" });
  Deno.removeSync("three");
  const { code } = await cli(["map", "task.ts#town", "in.ndjson", "-q", "-o", "a.csv"]);
  assertEquals([code, read("a.csv")], [1, CSV.replace(/.*town, 3.*\n/, "")]);
  await cli(["results", "--format", "json", "-o", "old.txt"]);
  assertEquals(JSON.parse(read("old.txt")).length, 3);
  assertMatch(
    (await cli(["results", "--errors", "--format", "csv"])).stdout,
    /^ERROR,ARGS,KWARGS,/,
  );
  Deno.writeTextFileSync("three", "");
  assertEquals((await cli(["retry", "-q"])).code, 0);
  assertEquals(read("a.csv"), CSV);
});

Deno.test("a job that is interrupted writes its file when it is resumed", async () => {
  await using folder = await enterFolder({ ...FILES, "out.csv": "old\n" });
  const map = ["map", "task.ts#wait", "in.ndjson", "--workers", "2", "-o", "out.csv"];
  const job = startCli([...map, "--grace", "0"]);
  await until(() => listJobs().length === 1, "the job has started");
  const { code, stderr } = await cli(map);
  assertEquals([code, stderr], [
    2,
    `Error: Cannot write ${folder.path}/out.csv: job ${
      listJobs()[0]
    } is writing it, wait for the ` +
    "job or write --output with another file\n",
  ]);
  Deno.writeTextFileSync("go1", "1");
  const events = `${jobFolder(listJobs()[0]!)}/events.ndjson`;
  await until(() => readLines(events).length >= 2, "a task has ended");
  job.kill("SIGINT");
  const said = await endOf(job);
  assertMatch(said.stderr, /out\.csv is written once the job is resumed and has ended\n/);
  assertEquals([read("out.csv"), filesOf(folder.path)], ["old\n", ["out.csv"]]);
  for (const x of [2, 3, 4]) Deno.writeTextFileSync(`go${x}`, `${x}`);
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(read("out.csv"), "x\n1\n2\n3\n4\n");
  for (const again of [["resume", "-q"], ["results", "--rebuild"]]) {
    Deno.removeSync("out.csv");
    assertEquals((await cli(again)).code, 0);
    assertEquals(read("out.csv"), "x\n1\n2\n3\n4\n");
  }
});

/** Returns the names of the output files and of what is beside them. */
function filesOf(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name.includes("out.")).sort();
}

Deno.test("a job that is killed while it writes its file leaves the old file", async () => {
  const list = Array.from({ length: 60_000 }, (_, x) => `${x}\n`).join("");
  await using folder = await enterFolder({ ...FILES, "list.ndjson": list, "out.csv": "old\n" });
  const job = startCli(["map", "task.ts#long", "list.ndjson", "-q", "-o", "out.csv"]);
  await until(() => sizeOf(".out.csv.new") > 0, "the file is being written");
  job.kill("SIGKILL");
  await endOf(job);
  assertEquals(read("out.csv"), "old\n");
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(read("out.csv").split("\n").map((line) => line.split(",")[0]), [
    ...["x", ...Array.from({ length: 60_000 }, (_, x) => `${x}`), ""],
  ]);
  assertEquals(filesOf(folder.path), ["out.csv"]);
});

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

Deno.test("a format that cannot represent the results leaves the old file and a job that ended", async () => {
  await using folder = await enterFolder({ ...FILES, "out.geojson": "old\n" });
  const map = ["map", "task.ts#town", "in.ndjson", "-q", "-o", "out.geojson"];
  const { code, stderr } = await cli(map), [id] = listJobs();
  assertEquals([code, stderr, read("out.geojson")], [
    1,
    `Error: Cannot write ${folder.path}/out.geojson: the result of task 0 has no geometry ` +
    '({"name":"town, 1","at":{"lon":0.5},"note":"=1+1"}), return a Feature, a geometry or an ' +
    "object with the key geometry, or use another format; all tasks have ended, and dl_jobs " +
    `results ${id} --output FILE writes their results\n`,
    "old\n",
  ]);
  assertEquals(filesOf(folder.path), ["out.geojson"]);
  assertEquals(recordOf(jobFolder(id!)).state, "succeeded");
  assertEquals((await cli(["map", "task.ts#point", ...map.slice(2)])).code, 0);
  const { features } = JSON.parse(read("out.geojson"));
  assertEquals(features[3], {
    ...{ type: "Feature", geometry: { type: "Point", coordinates: [4, 4] }, properties: { x: 4 } },
  });
});

Deno.test("an output that cannot be written stops the job before it starts", async (t) => {
  const cases: [args: string, message: string][] = [
    [
      "-o none/a.csv",
      "Cannot write none/a.csv: there is no folder none, create it with mkdir -p none",
    ],
    ["-o in.csv", "Cannot write in.csv: the job reads it, write --output with another file"],
    ["-o run.csv", "Cannot write run.csv: it is a folder, name a file in it"],
    [
      "-o a.json --raw",
      "Cannot use --raw for a.json: it is for csv and tsv, and the format is json",
    ],
    [
      "-o a --nested json",
      "Cannot use --nested for a: it is for csv and tsv, and the format is ndjson",
    ],
    ["--with-args", "Cannot use --with-args without --output: name a file, such as x.csv"],
    ["-o pipe.csv", "/pipe.csv: it is not a regular file"],
  ];
  await using _folder = await enterFolder({ ...FILES, "in.csv": "1\n", "run.csv/a": "" });
  await new Deno.Command("mkfifo", { args: ["pipe.csv"] }).output();
  for (const [args, message] of cases) {
    await t.step(args, async () => {
      const map = ["map", "task.ts#town", "in.csv", "--input", "ndjson", ...args.split(" ")];
      const { code, stderr } = await cli(map);
      assertEquals([code, stderr.includes(message), listJobs()], [2, true, []], stderr);
    });
  }
});

Deno.test("run writes the results of its job to a file, an element of a list each", async () => {
  await using _folder = await enterFolder(FILES);
  const run = ["run", "jobs.one", "--no-noisy", "--no-log", "-o"];
  assertEquals((await cli([...run, "a.csv"])).code, 1);
  assertEquals(read("a.csv"), "result\n1\n2\n2\n3\n");
  const { code, stderr } = await cli(["run", "jobs.two", "--no-noisy", "-o", "b.csv"]);
  assertEquals([code, stderr, listJobs().length], [
    2,
    "Error: Cannot write b.csv: jobs.two returns several jobs, and each would replace the results " +
    "of the one before, leave out --output\n",
    1,
  ]);
});

Deno.test("a job in code writes its output in the format of the name", async () => {
  await using _folder = await enterFolder({});
  const fn = (x: number) => ({ x, deep: { y: x * 2 } });
  const outputOptions = { nested: "json", withArgs: true } as const;
  const { paths } = await runJob({ fn, argsList: 2 }, { output: "a.csv", outputOptions });
  assertEquals(paths.results, `${Deno.cwd()}/a.csv`);
  assertEquals(read("a.csv"), 'id,args,x,deep\n0,0,0,"{""y"":0}"\n1,1,1,"{""y"":2}"\n');
});
