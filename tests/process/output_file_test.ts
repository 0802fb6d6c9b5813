/**
 * The results file that a user names with `--output`.
 *
 * @module
 */

import { listJobs } from "../../lib/job_dir/find.ts";
import { jobFolder } from "../../lib/job_dir/layout.ts";
import { exists, removeIfThere } from "../../lib/util/files/fs.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import {
  cli,
  endOf,
  enterFolder,
  readEvents,
  readLines,
  recordOf,
  startCli,
} from "../support/jobs.ts";

const CLI = new URL("../../cli.ts", import.meta.url).href;

const FILES = {
  "task.ts": `export const double = (x: number) => 2 * x;
export const fail = (x: number) => {
  throw new Error(String(x));
};
/** Waits for a file with the number in its name. */
export async function wait(x: number) {
  for (;;) {
    try {
      return 2 * Number(Deno.readTextFileSync("go" + x));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
`,
  "broken.ts": 'throw new Error("not today");\nexport const task = 1;\n',
  "in.ndjson": "1\n2\n3\n4\n",
  "out.ndjson": "old\n",
};

function go(...numbers: number[]): void {
  for (const x of numbers) {
    // A task must not read the file before its text is there.
    Deno.writeTextFileSync("go.new", `${x}`);
    Deno.renameSync("go.new", `go${x}`);
  }
}

Deno.test("a command that cannot begin leaves the old results", async (t) => {
  const commands: [args: string, code: number][] = [
    ["map task.ts#double none.ndjson", 2],
    ["map task.ts#none in.ndjson", 2],
    ["map none.ts#double in.ndjson", 2],
    ["map task.ts#double in.ndjson --grace none", 2],
    ["map task.ts#double http://127.0.0.1:1/in.ndjson", 1],
    ["map broken.ts#task in.ndjson", 2],
    ["map task.ts#double in.ndjson --dry-run", 0],
  ];
  for (const [args, code] of commands) {
    await t.step(args, async () => {
      await using _folder = await enterFolder(FILES);
      const done = await cli([...args.split(" "), "--output", "out.ndjson"]);
      assertEquals([done.code, readLines("out.ndjson")], [code, ["old"]], done.stderr);
    });
  }
});

Deno.test("files that are lost during a run are written again", async (t) => {
  const lose = {
    removed: 'Deno.removeSync("out.ndjson")',
    renamed: 'Deno.renameSync("out.ndjson", "other.ndjson")',
    replaced: 'Deno.removeSync("out.ndjson"), Deno.writeTextFileSync("out.ndjson", "mine\\n")',
    cut: 'Deno.truncateSync("out.ndjson")',
    "removed with its folder": 'Deno.removeSync("errors", { recursive: true })',
  };
  for (const [name, code] of Object.entries(lose)) {
    await t.step(name, async () => {
      await using _folder = await enterFolder({
        "lose.ts": `const hasLines = (path: string) => {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
};
const errors = () => {
  try {
    return [...Deno.readDirSync("errors")].map(({ name }) => "errors/" + name);
  } catch {
    return [];
  }
};
export async function square(x: number) {
  while (x === 8 && !(hasLines("out.ndjson") && errors().some(hasLines))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (x === 8) ${code};
  if (x % 2) throw new Error("odd");
  return x * x;
}
`,
      });
      const options = ["--output", "out.ndjson", "--errors-dir", "errors", "--workers", "1"];
      const { code: status, stderr } = await cli(
        ["map", "lose.ts#square", "-", "--concurrency", "1", ...options],
        { input: "0\n1\n2\n3\n8\n9\n10\n" },
      );
      const [errors] = [...Deno.readDirSync("errors")];
      const ids = readLines(`errors/${errors!.name}`).map((line) => JSON.parse(line).task);
      assertEquals([status, readLines("out.ndjson"), ids], [1, ["0", "4", "64", "100"], [1, 3, 5]]);
      const path = name.includes("folder") ? `errors/${errors!.name}` : "out.ndjson";
      const state =
        `Warning: ${path} was removed, replaced or cut during the run, and is written again`;
      assertEquals(stderr.split("\n").filter((line) => line.startsWith("Warning")), [state]);
    });
  }
});

Deno.test("a file that is lost before the first line of a resumed job is written again", async (t) => {
  for (const last of ["wait", "fail"]) {
    await t.step(`the last task succeeds or fails: ${last}`, async () => {
      await using _folder = await enterFolder({
        "last.ts": `import { fail, wait } from "./task.ts";
export const task = async (x: number) => x < 3 ? await wait(x) : (await wait(x), ${last}(x));
`,
        ...FILES,
      });
      const args = ["map", "last.ts", "-", "-o", "new.ndjson", "--workers", "2", "--chunk", "1"];
      const first = startCli(args), ended = endOf(first, "1\n2\n3\n");
      go(1, 2);
      await until(() => readLines("new.ndjson").length === 2, "it writes");
      first.kill("SIGKILL");
      await ended;
      const [id] = listJobs(), running = `${jobFolder(id!)}/running.json`;
      // The first run has written it, too, if its last task has run for a second.
      removeIfThere(running);
      const second = startCli(["resume"]), end = endOf(second, "");
      await until(() => exists(running), "the task runs");
      await Deno.remove("new.ndjson");
      go(3);
      const { stderr } = await end;
      const results = last === "wait" ? ["2", "4", "6"] : ["2", "4"];
      assertEquals(readLines("new.ndjson").toSorted(), results, stderr);
      const state =
        "Warning: new.ndjson was removed, replaced or cut during the run, and is written again";
      assertEquals(stderr.includes(state), true, stderr);
    });
  }
});

Deno.test("a file that another job has begun during a run is not replaced", async () => {
  await using _folder = await enterFolder(FILES);
  const start = (input: string) => {
    const args = ["map", "task.ts#wait", "-", "-o", "new.ndjson", "--workers", "2", "--chunk", "1"];
    return endOf(startCli(args), input);
  };
  const first = start("1\n2\n");
  go(1);
  await until(() => readLines("new.ndjson").length === 1, "the first job writes");
  await Deno.remove("new.ndjson");
  const second = start("3\n4\n");
  go(3);
  await until(() => readLines("new.ndjson").length === 1, "the second job writes");
  go(2);
  const { code, stderr } = await first, [, id] = listJobs(Deno.cwd());
  const lost = "Warning: new.ndjson was removed, replaced or cut during the run: Cannot write ";
  assertEquals(
    [code, stderr.includes(lost), stderr.includes(`job ${id}`)],
    [0, true, true],
    stderr,
  );
  assertEquals(readLines("new.ndjson"), ["6"]);
  go(4);
  assertEquals([(await second).code, readLines("new.ndjson")], [0, ["6", "8"]]);
});

Deno.test("a job that ends replaces the old results, unless it has no result of its own", async (t) => {
  for (const [name, lines] of Object.entries({ double: ["2", "4", "6", "8"], fail: ["old"] })) {
    await t.step(name, async () => {
      await using _folder = await enterFolder(FILES);
      await cli(["map", `task.ts#${name}`, "in.ndjson", "--output", "out.ndjson", "-q"]);
      assertEquals(readLines("out.ndjson").sort(), lines);
    });
  }
});

Deno.test("two jobs cannot write one file, and results appear while the job runs", async () => {
  await using folder = await enterFolder(FILES);
  const map = ["map", "task.ts#wait", "in.ndjson", "--workers", "2", "-q"];
  const first = startCli([...map, "--output", "out.ndjson"]);
  await until(() => listJobs().length === 1, "the job has started");
  const [id] = listJobs();
  const path = `${folder.path}/out.ndjson`;
  for (const name of ["out.ndjson", "./out.ndjson", path]) {
    const { code, stderr } = await cli([...map, "--output", name]);
    assertEquals([code, stderr], [
      2,
      `Error: Cannot write ${path}: job ${id} is writing it, wait for the job or write --output ` +
      "with another file\n",
    ]);
  }
  assertEquals([listJobs(), readLines("out.ndjson")], [[id], ["old"]]);
  go(1);
  await until(() => readLines("out.ndjson").join() === "2", "the first result is in the file");
  go(2, 3, 4);
  assertEquals((await endOf(first)).code, 0);
  assertEquals(readLines("out.ndjson").sort(), ["2", "4", "6", "8"]);
});

Deno.test("an older job does not write over the results of a later one", async () => {
  await using folder = await enterFolder(FILES);
  const map = ["map", "task.ts#double", "in.ndjson", "--output", "out.ndjson", "-q"];
  await cli(map);
  const [older] = listJobs();
  await Deno.writeTextFile("in.ndjson", "5\n");
  await cli(map);
  const [, newer] = listJobs();
  for (const args of [["resume", older!], ["results", older!, "--rebuild"]]) {
    const { code, stderr } = await cli(args);
    assertEquals([code, stderr.replace(/^.* keeps the tasks of the job: in.ndjson .*\n/, "")], [
      2,
      `Error: Cannot write ${folder.path}/out.ndjson: job ${newer} has written it since, move that ` +
      `file away or use dl_jobs results ${older}\n`,
    ]);
  }
  assertEquals(readLines("out.ndjson"), ["10"]);
  await Deno.remove("out.ndjson");
  assertEquals((await cli(["resume", older!, "-q"])).code, 0);
  assertEquals(readLines("out.ndjson").sort(), ["2", "4", "6", "8"]);
});

Deno.test("a stopped job with --ordered keeps all its results", async () => {
  await using _folder = await enterFolder(FILES);
  const job = startCli([
    ...["map", "task.ts#wait", "in.ndjson", "--ordered", "--workers", "4", "--chunk", "1"],
    ...["--output", "out.ndjson", "--grace", "100ms"],
  ]);
  go(2, 4);
  await until(() => listJobs().length === 1, "the job has started");
  const folder = jobFolder(listJobs()[0]!);
  await until(() => readEvents(folder).length === 2, "two tasks have ended");
  assertEquals(readLines("out.ndjson"), ["old"]);
  job.kill("SIGINT");
  await endOf(job);
  assertEquals(readLines("out.ndjson"), ["4", "8"]);
  assertEquals((await cli(["results", "--ordered"])).stdout, "4\n8\n");
  assertEquals((await cli(["results", "--rebuild"])).code, 0);
  assertEquals(readLines("out.ndjson"), ["4", "8"]);
  go(1, 3);
  assertEquals((await cli(["resume", "-q"])).code, 0);
  assertEquals(readLines("out.ndjson"), ["2", "4", "6", "8"]);
  assertEquals(recordOf(folder).files, { results: "./out.ndjson" });
});

Deno.test("resume() removes what a killed rebuild left", async () => {
  await using folder = await enterFolder(FILES);
  await cli(["map", "task.ts#double", "in.ndjson", "--output", "out.ndjson", "-q"]);
  await Deno.writeTextFile("out.ndjson.new", "half of the");
  assertEquals((await cli(["resume", "-q"])).code, 0);
  const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".new")), []);
});

Deno.test("a file cannot be the input and the output, by any name", async () => {
  await using folder = await enterFolder(FILES);
  await Deno.link("in.ndjson", "same.ndjson");
  const { code, stderr } = await new Deno.Command("sh", {
    args: [
      ...["-c", 'exec "$@" < in.ndjson', "sh", Deno.execPath(), "run", "-A", "--no-check", CLI],
      ...["map", "task.ts#double", "-", "--output", "same.ndjson"],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [
    2,
    "Error: Cannot write same.ndjson: the job reads it, write --output with another file\n",
  ]);
  assertEquals(readLines(`${folder.path}/in.ndjson`), ["1", "2", "3", "4"]);
});

Deno.test("a file that the job reads is not its output", async (t) => {
  const files = {
    "scale.ts": "export const scale = (x: number) => 2 * x;\n",
    "task.ts": 'import { scale } from "./scale.ts";\nexport const task = scale;\n',
    "sum.ts": "export const add = (sum = 0, x: number) => sum + x;\n",
    "schema.json": '{ "type": "number" }\n',
    "values.env": "A=1\n",
    "list.txt": "1\n2\n",
    "in.ndjson": "1\n2\n",
    "job.ts": 'import { Job } from "dl_jobs";\nimport { task } from "./task.ts";\n' +
      'export const list = () => new Job({ fn: task, argsList: "in.ndjson" });\n',
  };
  await using folder = await enterFolder(files);
  assertEquals((await cli(["map", "task.ts", "in.ndjson", "-q"])).code, 0);
  const map = ["map", "task.ts", "in.ndjson"];
  const cases: readonly (readonly [words: readonly string[], output: string])[] = [
    [map, "task.ts"],
    [map, "scale.ts"],
    [[...map, "--schema", "schema.json"], "schema.json"],
    [[...map, "--env-file", "values.env"], "values.env"],
    [[...map, "--reduce", "sum.ts#add"], "sum.ts"],
    [["map", "task.ts", "--grid", "x=@list.txt"], "list.txt"],
    [["map", "task.ts", "::::", "list.txt"], "list.txt"],
    [["run", "job.list"], "in.ndjson"],
    [["results"], "in.ndjson"],
    [["results"], "scale.ts"],
  ];
  for (const [words, output] of cases) {
    await t.step(`${words.join(" ")} -o ${output}`, async () => {
      const { code, stderr } = await cli([...words, "-o", output]);
      const text = `Cannot write ${output}: the job reads it, write --output with another file`;
      assertEquals([code, stderr.includes(text)], [2, true], stderr);
      const kept = Deno.readTextFileSync(`${folder.path}/${output}`);
      assertEquals(kept, files[output as keyof typeof files]);
    });
  }
  await t.step("-o - is not a file", async () => {
    for (const words of [map, ["results"]]) {
      const { code, stderr } = await cli([...words, "-o", "-"]);
      assertEquals([code, stderr.includes("Cannot write -: leave out --output")], [2, true]);
    }
    assertEquals(exists("-"), false);
  });
});

Deno.test("--output /dev/stdout does not empty the file that the shell appends to", async () => {
  await using folder = await enterFolder({
    "m.ts": "export const task = (x: number) => x;\n",
    "out.txt": "kept\n",
  });
  const script = `"${Deno.execPath()}" run -A "${CLI}" map m.ts - -o /dev/stdout >> out.txt`;
  const child = new Deno.Command("bash", {
    args: ["-c", `echo 1 | ${script}`],
    cwd: folder.path,
    stderr: "piped",
  });
  const { code, stderr } = await child.output();
  assertEquals([code, new TextDecoder().decode(stderr)], [
    2,
    "Error: Cannot write /dev/stdout: the shell has opened that file, leave out --output\n",
  ]);
  assertEquals(await Deno.readTextFile(`${folder.path}/out.txt`), "kept\n");
});
