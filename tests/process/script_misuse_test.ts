/**
 * Scripts that use a job in an unexpected way: a list twice, an option of the wrong type.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { endOf, type Said } from "../support/jobs.ts";
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
