/**
 * Values that JSON or JavaScript cannot represent, in scripts: lists in code, results and lines.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { endOf, type Said } from "../support/jobs.ts";
import { makeFolder } from "../../tools/support/files.ts";

const MOD = import.meta.resolve("../../mod.ts");
const START = `
import { grid, Job, job, local, ndjson, results } from "${MOD}";
const shown = (value: unknown) =>
  console.log(Deno.inspect(value, { colors: false, breakLength: Infinity, depth: 9 }));
const QUIET = { noisy: false, saveErrors: false, ordered: true } as const;
`;

/** Runs a script in a folder of its own. */
async function run(text: string, files: Readonly<Record<string, string>> = {}): Promise<Said> {
  await using folder = await makeFolder({ "script.ts": START + text, ...files });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "script.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await endOf(process);
}

const ADVICE = "; --nan fail refuses such a list\n";

Deno.test("a list in code warns once about NaN, or is refused", async (t) => {
  const same = "(x: unknown) => x";
  const cases: [name: string, list: string, stdout: string, stderr: string][] = [
    [
      "an array",
      "[1, NaN, { a: [1, Infinity] }]",
      "[ 1, null, { a: [ 1, null ] } ]\n",
      "In the list, 2 values were NaN or infinite and became null, first element 1 of the list" +
      ADVICE,
    ],
    [
      "an asynchronous iterable",
      "(async function* () { yield { a: NaN }; })()",
      "[ { a: null } ]\n",
      "In the list, 1 value was NaN or infinite and became null, first element 0 of the list.a" +
      ADVICE,
    ],
    [
      "a grid",
      "grid({ a: [0, NaN], b: [1] })",
      "[ { a: 0, b: 1 }, { a: null, b: 1 } ]\n",
      "In the list, 1 value was NaN or infinite and became null, first a[1]" + ADVICE,
    ],
    ["a list without NaN", "[1, null]", "[ 1, null ]\n", ""],
  ];
  for (const [name, list, stdout, stderr] of cases) {
    await t.step(name, async () => {
      const text = `shown(await results(local(job(${same}, { argsList: ${list}, ...QUIET }))));`;
      assertEquals(await run(text), { code: 0, stdout, stderr });
    });
    await t.step(`${name}, with nan: "fail"`, async () => {
      const said = await run(`
        const options = { argsList: ${list}, ...QUIET, nan: "fail" } as const;
        const run = local(job(${same}, options));
        shown(await results(run).then(String, ({ name, message }) => [name, message]));`);
      const path = / first (.*);/.exec(stderr)?.[1];
      const message = `Cannot use ${path}: it is NaN or infinite, use null instead`;
      const refused = Deno.inspect(["UsageError", message], { breakLength: Infinity });
      assertEquals([said.stdout, said.stderr], [(path ? refused : '"1,"') + "\n", ""]);
    });
  }
});

Deno.test("ndjson.write() warns once a call about NaN, and in a task as the task does", async (t) => {
  await t.step("in a script", async () => {
    assertEquals(
      await run(`
        await ndjson.write([NaN, { a: [1, Infinity] }], "a.ndjson");
        await ndjson.write([1], "a.ndjson");
        console.log(Deno.readTextFileSync("a.ndjson"));`),
      {
        code: 0,
        stdout: 'null\n{"a":[1,null]}\n1\n\n',
        stderr:
          "Warning: ndjson.write: 2 values were NaN or infinite and became null, first value 0\n",
      },
    );
  });
  await t.step("in a task", async () => {
    const module = `
      import { ndjson } from "${MOD}";
      export const task = async () => await ndjson.write([NaN], "b.ndjson");`;
    const options = `{ moduleName: "./m.ts", methodName: "task", argsList: 1, ...QUIET }`;
    const said = await run(`shown(await results(new Job(${options}).run()));`, { "m.ts": module });
    assertEquals(said, {
      code: 0,
      stdout: "[ 1 ]\n",
      stderr: "1 value was NaN or infinite and became null, first in task 0 at value 0; " +
        "--nan fail makes such a task fail\n",
    });
  });
});
