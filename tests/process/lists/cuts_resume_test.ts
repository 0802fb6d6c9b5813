/**
 * Jobs over parts of lists that are resumed, also with another limit.
 *
 * @module
 */

import { resume } from "../../../lib/api/history.ts";
import { run } from "../../../lib/api/run_method.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";
import { dlJobs } from "../cli/commands.ts";

const LIBRARY = new URL("../../../mod.ts", import.meta.url).href;

const FILES = {
  "m.ts": "export const task = (x: unknown) => x;\n",
  "a.ndjson": "0\n1\n2\n3\n4\n5\n6\n7\n",
};
const NUMBERS = Array.from({ length: 200 }, (_, i) => `${i}\n`).join("");

Deno.test("a killed job resumes with the same part, and runs each element once", async () => {
  const rows = Array.from({ length: 30_000 }, (_, id) => ({ id, half: id >> 1 }));
  await using folder = await makeFolder({
    "m.ts": `let calls = 0;
    export const task = async ({ id }: { id: number }) => {
      if (++calls === 700 && await Deno.stat("go").catch(() => undefined) === undefined) {
        Deno.kill(Deno.ppid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      return id;
    };\n`,
    "a.ndjson": rows.map((row) => JSON.stringify(row) + "\n").join(""),
  });
  const run = (words: readonly string[]) => dlJobs([...words, "-q"], { cwd: folder.path });
  const lines = async (name: string) =>
    (await Deno.readTextFile(`${folder.path}/${name}`)).split("\n").sort();
  for (const random of [["--unique=half", "--sample", "90%"], ["--shuffle", "--sample", "5000"]]) {
    await Deno.remove(`${folder.path}/go`).catch(() => {});
    const part = ["--where", "id % 3 !== 2", "--seed", "2", "--skip", "10", "--limit", "4000"];
    const map = ["map", "m.ts", "a.ndjson", "--workers", "1", ...random, ...part, "-o"];
    assertEquals((await run([...map, "out.ndjson"])).code, 137);
    await folder.write("go", "");
    assertEquals((await run(["resume", "last"])).code, 0);
    assertEquals((await run([...map, "whole.ndjson"])).code, 0);
    const whole = await lines("whole.ndjson");
    assertEquals([await lines("out.ndjson"), whole.length], [whole, 4001]);
  }
});

Deno.test("resume() runs more of the list of a run method", async () => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile(
    "work.ts",
    `import { Job } from "${LIBRARY}";
    export const same = (x: number) => x;
    const list = function* () { for (let i = 0; i < 9; i++) yield i; };
    export const all = () =>
      new Job({ fn: same, argsList: list(), where: "it % 2 === 0", limit: 2, quiet: true });\n`,
  );
  const [first] = await run("./work.ts#all", { flags: { save_results: false } });
  assertEquals([first!.total, first!.cut?.flags], [2, "--where 'it % 2 === 0' --limit 2"]);
  const last = await resume(first!.id, { limit: "none" });
  assertEquals([last.total, last.succeeded, last.cut], [5, 5, {
    flags: "--where 'it % 2 === 0'",
    elements: 9,
  }]);
});

Deno.test("a job resumes with a larger limit, or with none", async () => {
  await using folder = await makeFolder(FILES);
  const run = (line: string) => dlJobs(line, { cwd: folder.path });
  const results = async () => (await run("results last --ordered")).out.replaceAll("\n", " ");
  await run("map m.ts a.ndjson -n 2 -q");
  assertEquals((await run("resume --limit 4 -q")).out.split("\n").sort(), ["", "2", "3"]);
  assertEquals(await results(), "0 1 2 3 ");
  await Deno.writeTextFile(`${folder.path}/a.ndjson`, "8\n", { append: true });
  assertEquals((await run("resume last --limit none -q")).code, 0);
  assertEquals(await results(), "0 1 2 3 4 5 6 7 8 ");
  await run("map m.ts a.ndjson --where it>3 --shuffle --seed 1 -n 2 -q");
  const first = await results();
  assertEquals((await run("resume last --limit none -q")).code, 0);
  const all = await results();
  await Deno.writeTextFile(`${folder.path}/bad.csv`, "n\n0\n1,2\n2\n3\n");
  await run("map m.ts bad.csv -n 2 -q");
  for (const limit of ["3", "none"]) await run(`resume last --limit ${limit} -q`);
  assertEquals(await results(), '{"n":"0"} {"n":"2"} {"n":"3"} ');
  assertEquals([all.slice(0, first.length), all.trim().split(" ").sort().join("")], [
    first,
    "45678",
  ]);
});

Deno.test("another limit is refused when the tasks would not be the same, and nothing changes", async () => {
  await using folder = await makeFolder(FILES);
  const run = (line: string) => dlJobs(line, { cwd: folder.path });
  const refused = async (line: string, why: string) => {
    const before = newestRecord(folder.path);
    const err = `Error: Cannot change the limit of ID: ${why}\n`;
    assertEquals(await run(`resume last ${line}`), { out: "", err, code: 2 });
    assertEquals(newestRecord(folder.path), before);
  };
  await run("map m.ts a.ndjson -q");
  await refused("--limit none", "the job has none, its whole list is read");
  await run("map m.ts a.ndjson -n 2 -q");
  await refused("--limit 1", "2 tasks have been read already");
  await Deno.writeTextFile(`${folder.path}/a.ndjson`, "0\n9\n2\n");
  const changed =
    "the list no longer begins with the tasks of the job, start a new job with --reuse";
  await refused("-n 3", changed);
  await Deno.writeTextFile(`${folder.path}/a.ndjson`, "0\n");
  await refused("--limit none", changed);
  await dlJobs("map m.ts - -n 1 -q", { cwd: folder.path, stdin: "1\n2\n" });
  await refused(
    "--limit none",
    "its list came from a pipe or a program, which cannot be read again",
  );
  await Deno.writeTextFile(`${folder.path}/a.ndjson`, NUMBERS);
  await run("map m.ts a.ndjson --where Math.random()>0.5 -n 50 -q");
  await refused("--limit 60", changed);
});

function newestRecord(folder: string): string {
  const ids = Array.from(Deno.readDirSync(`${folder}/.dl_jobs`), ({ name }) => name).sort();
  return Deno.readTextFileSync(`${folder}/.dl_jobs/${ids.at(-2)}/job.json`);
}
