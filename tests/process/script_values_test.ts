/**
 * Values that JSON or JavaScript cannot represent, in scripts: lists in code, results and lines.
 *
 * @module
 */

import { assertEquals } from "../support/assert.ts";
import { runScript, type Said } from "../support/jobs.ts";
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
  return await runScript("script.ts", folder.path);
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

const BIG = 2n ** 53n + 1n, ROUNDED = 2n ** 53n;
const RESULTS_WARNING = `Warning: results: 2 integers beyond 2^53 were rounded, first ${BIG}; ` +
  "--big-integers bigint reads such integers as BigInt\n";

Deno.test("results in a script are exact with big_integers, or rounded with one warning", async (t) => {
  const fn = `(i: number) => ({ id: 9007199254740993n, v: [2 ** 60, 1.5] })`;
  const job = (how: string) => `new Job({ fn: ${fn}, argsList: 2, ...QUIET, ${how} })`;
  const BIGINT = 'bigIntegers: "bigint"';
  const receives: readonly (readonly [name: string, code: (how: string) => string])[] = [
    ["a loop over a run", (how) => `shown(await Array.fromAsync(${job(how)}.run()));`],
    ["a loop after the end", (how) => `
      const run = ${job(how)}.run();
      await run;
      shown(await Array.fromAsync(run));`],
    ["results()", (how) => `shown(await results(local(${job(how)})));`],
    ["results() of a job that has ended", (how) => `
      await local(${job(how)});
      shown(await results("last"));`],
  ];
  const two = (id: string, v: string) => {
    const one = `{ id: ${id}, v: [ ${v}, 1.5 ] }`;
    return `[ ${one}, ${one} ]\n`;
  };
  for (const [name, code] of receives) {
    await t.step(name, async () => {
      const numbers = two(`${ROUNDED}`, "1152921504606847000");
      assertEquals(await run(code("")), { code: 0, stdout: numbers, stderr: RESULTS_WARNING });
      const exact = two(`${BIG}n`, "1152921504606847000n");
      assertEquals(await run(code(BIGINT)), { code: 0, stdout: exact, stderr: "" });
    });
  }
  await t.step("a run that ndjson.write() writes", async () => {
    const text = `
      await ndjson.write(${job(BIGINT)}.run(), "a.ndjson");
      console.log(Deno.readTextFileSync("a.ndjson"));`;
    const line = `{"id":${BIG},"v":[1152921504606847000,1.5]}\n`;
    assertEquals(await run(text), { code: 0, stdout: line + line + "\n", stderr: "" });
  });
  await t.step("a table of results", async () => {
    const text = `
      await local(${job("")});
      console.log(results("last"));`;
    const { stdout, stderr } = await run(text);
    assertEquals([stdout.split(`${BIG}`).length, stderr], [3, ""]);
  });
  await t.step("results without such integers", async () => {
    const text = `shown(await results(local(job((x: unknown) => x, { argsList: 2, ...QUIET }))));`;
    assertEquals(await run(text), { code: 0, stdout: "[ 0, 1 ]\n", stderr: "" });
  });
});

Deno.test("ndjson.read() rounds integers beyond 2^53 with one warning, or reads BigInt", async (t) => {
  const files = { "ids.ndjson": `{"id":1}\n{"id":${BIG}}\n[${BIG}]\n`, "far.ndjson": "1e400" };
  const read = (file: string, how = "") =>
    run(`shown(await Array.fromAsync(ndjson.read("${file}", { ${how} })));`, files);
  await t.step("as numbers", async () => {
    assertEquals(await read("ids.ndjson"), {
      code: 0,
      stdout: `[ { id: 1 }, { id: ${ROUNDED} }, [ ${ROUNDED} ] ]\n`,
      stderr: `Warning: ids.ndjson: 2 integers beyond 2^53 were rounded, first ${BIG}; ` +
        'bigIntegers: "bigint" reads them as BigInt\n',
    });
  });
  await t.step("as BigInt", async () => {
    const stdout = `[ { id: 1 }, { id: ${BIG}n }, [ ${BIG}n ] ]\n`;
    const said = await read("ids.ndjson", 'bigIntegers: "bigint"');
    assertEquals(said, { code: 0, stdout, stderr: "" });
  });
  await t.step("a number that is too large", async () => {
    const stderr = "Warning: far.ndjson: 1 number was too large and became Infinity, first 1e400\n";
    assertEquals(await read("far.ndjson"), { code: 0, stdout: "[ Infinity ]\n", stderr });
  });
});
