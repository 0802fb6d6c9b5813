/**
 * Scripts that use a job in an unexpected way: a list twice, an option of the wrong type.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { endOf, runScript, type Said } from "../support/jobs.ts";
import { makeFolder } from "../../tools/support/files.ts";

const MOD = import.meta.resolve("../../mod.ts");
const START = `
import { Job } from "${MOD}";
const QUIET = { quiet: true, saveErrors: false, ordered: true } as const;
const tell = (work: () => unknown) =>
  Promise.try(work).then(
    (value) => console.log(JSON.stringify(value)),
    (error) => console.log(\`\${error.name}: \${error.message}\`),
  );
`;

/** Runs a script, with two lines as its stdin. */
async function run(text: string): Promise<Said> {
  await using folder = await makeFolder({ "script.ts": START + text, "stdin": "1\n2\n" });
  const process = new Deno.Command("sh", {
    args: ["-c", '"$0" run -A --no-check script.ts < stdin', Deno.execPath()],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await endOf(process);
}

Deno.test("a job that reads its list a second time says that it is empty by now", async () => {
  const { stdout } = await run(`
for (const argsList of [[1, 2].values(), "-"]) {
  const job = new Job({ fn: (x: number) => x, argsList, ...QUIET });
  await tell(() => Array.fromAsync(job.run()));
  await tell(() => Array.fromAsync(job.run()));
}`);
  assertEquals(stdout.split("\n"), [
    "[1,2]",
    "UsageError: Cannot read the list again: its elements have been read; " +
    "pass an array, or a new iterator or stream for each run",
    "[1,2]",
    "UsageError: Cannot read stdin again: its elements have been read; " +
    "write its lines to a file, and pass the path",
    "",
  ]);
});

Deno.test("a dry run leaves a list that can be read once to the run", async () => {
  const { stdout, stderr } = await run(`
const job = new Job({ command: "echo {}", argsList: [1, 2].values(), ...QUIET });
await job.run({ isDryRun: true });
await tell(() => Array.fromAsync(job.run()));`);
  assertEquals(stdout, '["1","2"]\n');
  assertEquals(
    stderr.replace(/job \S+/, "job J"),
    "echo: job J would run all tasks of its list on local\n",
  );
});

Deno.test("a job keeps its folder when the script changes its own, or does not start", async () => {
  const { stdout, stderr } = await run(`
const home = Deno.cwd(), other = Deno.makeTempDirSync();
const wait = () => new Promise((resolve) => setTimeout(resolve, 10));
const fn = async (x: number) => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return x;
};
const job = new Job({ fn, argsList: 2, resultsTimestamp: false, ...QUIET });
const moved = job.run();
Deno.chdir(other);
await tell(async () => (await moved).succeeded);
Deno.chdir(home);
const run = job.run();
while (!run.progress.folder) await wait();
Deno.chdir(other);
await tell(async () => (await run).succeeded);
const names = Deno.readDirSync(other).map(({ name }) => name).filter((name) => name !== ".dl_jobs");
console.log([...names].length, Deno.readTextFileSync(home + "/results/fn.ndjson"));
console.error(home, other);
Deno.removeSync(other, { recursive: true });`);
  const [home, other] = stderr.trim().split(" ");
  assertEquals(
    stdout,
    `UsageError: Cannot start the job: the current folder changed from ${home} to ${other} ` +
      "meanwhile; await the run before Deno.chdir()\n2\n0 0\n1\n\n",
  );
});

Deno.test("a script runs a job in a Web Worker", async () => {
  const { stdout, stderr } = await run(`
if (!import.meta.main || Deno.mainModule) {
  const worker = new Worker(import.meta.url, { type: "module" });
  await new Promise((resolve) => worker.onmessage = resolve);
  worker.terminate();
} else {
  const job = new Job({ fn: (x: number) => x * 2, argsList: 3, ...QUIET });
  console.log(await Array.fromAsync(job.run()));
  self.postMessage("end");
}`);
  assertEquals({ stdout, stderr }, { stdout: "[ 0, 2, 4 ]\n", stderr: "" });
});

Deno.test("a function of a script imports the files beside the script", async () => {
  await using folder = await makeFolder({
    "scripts/script.ts": `${START}
const setup = async () => (await import("../scripts/part.ts")).name;
const fn = async (_: number, ctx) => [ctx.state, (await import("./part.ts")).name, (await import('./here.ts')).name];
console.log(await Array.fromAsync(new Job({ fn, setup, argsList: 1, ...QUIET }).run()));`,
    "scripts/part.ts": 'export const name = "beside the script";',
    "part.ts": 'export const name = "in the working directory";',
    "here.ts": 'export const name = "only in the working directory";',
  });
  const { stdout, stderr } = await runScript("scripts/script.ts", folder.path);
  assertEquals(
    stdout.replaceAll(/\s+/g, " "),
    '[ [ "beside the script", "beside the script", "only in the working directory" ] ] ',
    stderr,
  );
});

Deno.test("a run has the methods of a promise", async () => {
  const { stdout } = await run(`
const bad = new Job({ moduleName: "none", ...QUIET }), job = new Job({ fn: () => 1, argsList: 2, ...QUIET });
await tell(() => bad.run().catch((error) => error.name));
await tell(async () => (await job.run().catch(() => {})).succeeded);
await tell(async () => (await job.run().finally(() => console.log("ended"))).succeeded);
await tell(() => bad.run().finally(() => console.log("ended")));`);
  assertEquals(
    stdout,
    '"UsageError"\n2\nended\n2\nended\nUsageError: Cannot find module "none" in .: the modules there are script\n',
  );
});

Deno.test("options of the output file need a file", async () => {
  const { stdout } = await run(`
const job = new Job({ fn: (x: number) => x, argsList: 1, ...QUIET });
await tell(() => job.run({ outputOptions: { withArgs: true } }));
await tell(async () => (await job.run({ outputOptions: { withArgs: false } })).succeeded);`);
  assertEquals(
    stdout,
    "UsageError: Cannot use --with-args without --output: name a file, such as x.csv\n1\n",
  );
});
