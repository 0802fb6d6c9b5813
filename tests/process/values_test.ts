/**
 * Values that JSON or JavaScript cannot represent, from the list to the results.
 *
 * @module
 */

import type { JobOptions } from "../../lib/job/options/options.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { cli, enterFolder, readLines, runJob } from "../support/jobs.ts";

const MODULE = `
import { asJson } from "dl_jobs";
const nan = (i: number) => i === 1 || i === 3 ? NaN : i;
const RESULTS: (() => unknown)[] = [
  () => ({ a: undefined, b: 1 }),
  () => ({ id: 2n ** 64n }),
  () => Float32Array.of(0.5, 1),
  () => new Date(0),
  () => (function* () { yield 1; })(),
  () => ({ page: new Response("text") }),
  () => ({ tiles: new Map([[1, 2]]) }),
  () => new Uint8Array(3),
  () => [1, /a/],
  () => ({ "__proto__x": { ["__proto__"]: 1 } }),
  asJson(() => ({ id: 2n ** 64n })),
  () => [9007199254740993n, 1],
];
export const kinds = (i: number) => RESULTS[i]!();
export const json = asJson((i: number) => ({ id: 2n ** 64n, i }));
export const means = (i: number) => ({ i, mean: [nan(i)] });
export const one = nan;
export const jsonMeans = asJson(means);
export const same = (x: unknown) => x;
export const typed = (x: { id: unknown }) => typeof x.id;
export const fails = () => { throw new Error("no"); };
`;
const IDS =
  '{"id":9007199254740993,"v":1.10}\n{"id":5,"v":null}\n{"id":9007199254740995,"v":"=1"}\n';

const JSON_OF: Readonly<Record<number, string>> = {
  0: '{"b":1}',
  1: '{"id":18446744073709551616}',
  2: "[0.5,1]",
  3: '"1970-01-01T00:00:00.000Z"',
  9: '{"__proto__x":{"__proto__":1}}',
  10: '"{\\"id\\":18446744073709551616}"',
  11: "[9007199254740993,1]",
};
const DRAIN = "use await Array.fromAsync(x)";
const ERROR_OF: Readonly<Record<number, string>> = {
  4: `Cannot write result: JSON has no Generator, ${DRAIN}`,
  5: "Cannot write result.page: JSON has no Response, use await x.json() or await x.text()",
  6: "Cannot write result.tiles: JSON has no Map, use Object.fromEntries(map)",
  7: "Cannot write result: JSON has no Uint8Array, write the bytes to a file and use its path",
  8: "Cannot write result[1]: JSON has no RegExp, use its source",
};

for (const engine of ["local", "inline"] as const) {
  Deno.test(`results are kept exactly, or fail with advice, on the engine ${engine}`, async () => {
    await using _folder = await enterFolder({ "m.ts": MODULE });
    const { paths } = await runJob({
      moduleName: "./m.ts",
      methodName: "kinds",
      argsList: 12,
      ordered: true,
      groupedResults: true,
      engine,
      isDev: false,
    });
    assertEquals(readLines(paths.results), Object.values(JSON_OF));
    const errors = readLines(paths.errors).map((line) => JSON.parse(line));
    errors.sort((a, b) => a.task - b.task);
    assertEquals(errors.map(({ task, ERROR, type }) => [task, ERROR, type]), [
      ...Object.entries(ERROR_OF).map(([task, text]) => [Number(task), text, "TypeError"]),
    ]);
  });
}

const RETURNED = {
  "m.ts": `
  export const f = (id: number, ctx: { log(text: string, fields: unknown): void }) => {
    ctx.log("read", { ids: [2n ** 64n + BigInt(id)] });
    return { ERROR: "no", id: 2n ** 64n };
  };`,
  "m.py": `
def f(id, ctx):
    ctx.log("read", ids=[2**64 + id])
    return {"ERROR": "no", "id": 2**64}`,
};
for (const engine of ["local", "inline"] as const) {
  for (const module of ["m.ts", "m.py"]) {
    if (module === "m.py" && engine === "inline") continue;
    Deno.test(`a returned error and fields of the log of ${module} keep their digits, on the engine ${engine}`, async () => {
      await using _folder = await enterFolder(RETURNED);
      const flags = ["--max-attempts", "1", "--engine", engine, "--env", "KEY=secret-value"];
      await cli(["map", `${module}#f`, "-", "-q", ...flags], { input: "1\n" });
      const { stdout: logs } = await cli(["logs", "--json"]);
      assertMatch(logs, /"fields":\{"ids":\[18446744073709551617\]\}/);
      assertMatch((await cli(["logs"])).stdout, /read ids=\[18446744073709551617\]\n/);
      const error = '"ERROR":"no","ARGS":1,"KWARGS":{},"id":18446744073709551616,';
      assertEquals((await cli(["results", "--errors"])).stdout.slice(1, error.length + 1), error);
    });
  }
}

Deno.test("a key with an escape is not taken for one that begins like it", async (t) => {
  const lines = String.raw`{"k":7,"\\":1}
{"k":7,"\n":2}
{"k":7,"\"":3}
`;
  await using folder = await enterFolder({ "list.ndjson": lines });
  await folder.write(
    "m.js",
    "export const keys = (x) => Object.keys(x)[1];\nexport const same = (x) => x;\n" +
      "export const sum = (all = {}, x) => ({ ...all, ...x });\n",
  );
  await folder.write(
    "script.js",
    `import { ndjson, results } from "${import.meta.resolve("../../mod.ts")}";\n` +
      'for (const lines of [ndjson.read("list.ndjson"), results()]) {\n' +
      "  console.log(JSON.stringify(await Array.fromAsync(lines)));\n}\n",
  );
  const map = (method: string, ...flags: string[]) =>
    cli(["map", `m.js#${method}`, "list.ndjson", "--ordered", "-q", ...flags]);
  const escapes = String.raw`"\\"|"\n"|"\""|`.replaceAll("|", "\n");
  for (const engine of ["local", "inline"]) {
    await t.step(engine, async () => {
      assertEquals((await map("keys", "--engine", engine)).stdout, escapes);
      assertEquals((await map("same", "--engine", engine)).stdout, lines);
    });
  }
  await t.step("in a script", async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", "script.js"] })
      .output();
    const list = `[${lines.trim().replaceAll("\n", ",")}]\n`;
    assertEquals(new TextDecoder().decode(stdout), list + list);
  });
  await t.step("in a reduced value", async () => {
    const { stdout } = await map("same", "--reduce", "m.js#sum");
    assertEquals(stdout, String.raw`{"k":7,"\\":1,"\n":2,"\"":3}` + "\n");
  });
});

Deno.test("a function that returns JSON text keeps its digits", async () => {
  await using _folder = await enterFolder({ "m.ts": MODULE });
  const { stdout } = await cli(["map", "./m.ts#json", "-", "--ordered", "-q"], { input: "0\n1\n" });
  assertEquals(stdout, '{"id":18446744073709551616,"i":0}\n{"id":18446744073709551616,"i":1}\n');
});

const FIVE = { input: "0\n1\n2\n3\n4\n" };
const NAN_WARNING = "2 values were NaN or infinite and became null, first in task 1 at result" +
  ".mean[0]; --nan fail makes such a task fail\n";

Deno.test("NaN becomes null with one warning a job, or fails", async (t) => {
  await using _folder = await enterFolder({ "m.ts": MODULE });
  for (
    const [name, ...flags] of [["local"], ["concurrent", "--concurrency", "3"], [
      "inline",
      "--engine",
      "inline",
    ]]
  ) {
    await t.step(name!, async () => {
      const { stdout, stderr } = await cli([
        "map",
        "./m.ts#means",
        "-",
        "--ordered",
        "-q",
        ...flags,
      ], FIVE);
      assertEquals(
        stdout.replaceAll(/"i":\d,/g, ""),
        '{"mean":[0]}\n{"mean":[null]}\n{"mean":[2]}\n{"mean":[null]}\n{"mean":[4]}\n',
      );
      assertEquals(stderr, NAN_WARNING);
    });
  }
  await t.step("a number alone", async () => {
    const { stdout, stderr } = await cli(["map", "./m.ts#one", "-", "--ordered", "-q"], FIVE);
    assertEquals([stdout, stderr], ["0\nnull\n2\nnull\n4\n", NAN_WARNING.replace(".mean[0]", "")]);
  });
  for (const engine of ["local", "inline"] as const) {
    await t.step(`the text of asJson on the engine ${engine}`, async () => {
      const flags = ["--ordered", "-q", "--engine", engine];
      const { stdout, stderr } = await cli(["map", "./m.ts#jsonMeans", "-", ...flags], FIVE);
      assertMatch(stdout, /"mean":\[null\]/);
      assertEquals(stderr, NAN_WARNING.replace("result.mean", "the result of means.mean"));
      const fails = ["map", "./m.ts#jsonMeans", "-", ...flags, "--nan", "fail"];
      assertEquals((await cli(fails, FIVE)).stdout.includes("null"), false);
    });
  }
  await t.step("with --nan fail", async () => {
    const { paths } = await runJob({
      moduleName: "./m.ts",
      methodName: "means",
      argsList: 5,
      nan: "fail",
    });
    const errors = readLines(paths.errors).map((line) => JSON.parse(line));
    assertEquals(errors.map(({ task, ERROR }) => [task, ERROR]).sort(), [
      [1, "Cannot write result.mean[0]: it is NaN or infinite, use null instead"],
      [3, "Cannot write result.mean[0]: it is NaN or infinite, use null instead"],
    ]);
  });
});

Deno.test("integers beyond 2^53 keep their digits where they are passed on", async (t) => {
  await using _folder = await enterFolder({ "m.ts": MODULE, "ids.ndjson": IDS });
  await t.step("in the errors", async () => {
    const { paths } = await runJob({
      moduleName: "./m.ts",
      methodName: "fails",
      argsList: "ids.ndjson",
      maxAttempts: 2,
      backoff: 0,
    });
    const args = readLines(paths.errors).map((line) => /"ARGS":(\{.*?\})/.exec(line)?.[1]);
    assertEquals(args.sort(), IDS.trim().split("\n").sort());
    const { stdout } = await cli(["results", "last", "--errors"]);
    assertMatch(stdout, /"ARGS":\{"id":9007199254740993,"v":1\.10\}/);
  });
  await t.step("in the results with arguments", async () => {
    await runJob({ moduleName: "./m.ts", methodName: "typed", argsList: "ids.ndjson" });
    const { stdout } = await cli(["results", "last", "--with-args"]);
    assertMatch(stdout, /"args":\{"id":9007199254740993,"v":1\.10\}/);
  });
  await t.step("in CSV", async () => {
    await runJob({
      moduleName: "./m.ts",
      methodName: "same",
      argsList: "ids.ndjson",
      bigIntegers: "bigint",
    });
    const { stdout } = await cli(["results", "last", "--ordered", "--format", "csv"]);
    assertEquals(stdout, "id,v\n9007199254740993,1.1\n5,\n9007199254740995,'=1\n");
  });
});

Deno.test("a function receives integers beyond 2^53 with a warning, or as BigInt", async (t) => {
  await using _folder = await enterFolder({ "m.ts": MODULE, "ids.ndjson": IDS });
  const map = (...flags: string[]) =>
    cli(["map", "./m.ts#typed", "ids.ndjson", "--ordered", "-q", ...flags]);
  const warning =
    "2 integers beyond 2^53 in the arguments were rounded, first 9007199254740993 in task 0; " +
    "--big-integers bigint passes such integers as BigInt\n";
  const cases: [flags: string[], stdout: string, stderr: string][] = [
    [[], '"number"\n"number"\n"number"\n', warning],
    [["--workers", "1", "--chunk", "1"], '"number"\n"number"\n"number"\n', warning],
    [["--engine", "inline"], '"number"\n"number"\n"number"\n', warning],
    [["--big-integers", "bigint"], '"bigint"\n"number"\n"bigint"\n', ""],
    [["--big-integers", "bigint", "--engine", "inline"], '"bigint"\n"number"\n"bigint"\n', ""],
  ];
  for (const [flags, stdout, stderr] of cases) {
    await t.step(flags.join(" ") || "without flags", async () => {
      assertEquals(await map(...flags), { code: 0, stdout, stderr });
    });
  }
});

Deno.test("a number beyond the range of numbers is reported, or fails", async () => {
  await using _folder = await enterFolder({ "m.ts": MODULE, "l.ndjson": "[1e400]\n[1]\n" });
  const { stderr } = await cli(["map", "./m.ts#typed", "l.ndjson", "-q"]);
  assertEquals(
    stderr,
    "1 number in the arguments became Infinity, first 1e400 in task 0; --nan fail makes such a task fail\n",
  );
  const { failed, paths } = await runJob({
    moduleName: "./m.ts",
    methodName: "typed",
    argsList: "l.ndjson",
    nan: "fail",
  });
  assertEquals(failed, 1);
  const [line] = readLines(paths.errors);
  assert(
    line!.startsWith(
      '{"ERROR":"Cannot read the argument: 1e400 is too large for a number","ARGS":[1e400],"KWARGS":{},',
    ),
    line,
  );
});

Deno.test("numbers whose digits a function does not receive are counted in one warning", async (t) => {
  const list = "[0.1000000000000000055,1.5]\n[0.1000000000000000055511151231257827]\n[1e-400]\n";
  await using _folder = await enterFolder({ "m.ts": MODULE, "l.ndjson": list });
  const stderr = "2 numbers in the arguments lost digits, first 0.1000000000000000055 in task 0; " +
    "a text keeps all digits\n";
  for (const flags of [[], ["--engine", "inline"], ["--nan", "fail"]]) {
    await t.step(flags.join(" ") || "without flags", async () => {
      const map = await cli(["map", "./m.ts#same", "l.ndjson", "--ordered", "-q", ...flags]);
      assertEquals(map, { code: 0, stdout: "[0.1,1.5]\n[0.1]\n[0]\n", stderr });
    });
  }
});

Deno.test("replay treats values as the job did", async (t) => {
  await using _folder = await enterFolder({ "m.ts": MODULE, "ids.ndjson": IDS });
  const refused = "Cannot write result.mean[0]: it is NaN or infinite, use null instead";
  const rounded =
    "1 integer beyond 2^53 in the arguments was rounded, first 9007199254740993 in task 0; " +
    "--big-integers bigint passes such integers as BigInt\n";
  const cases: [list: string, methodName: string, how: JobOptions, code: number, out: RegExp][] = [
    ["ids.ndjson", "typed", { bigIntegers: "bigint" }, 0, /^"bigint"\n$/],
    ["ids.ndjson", "same", { bigIntegers: "bigint" }, 0, /^\{"id":9007199254740993,"v":1\.1\}\n$/],
    ["ids.ndjson", "typed", {}, 0, new RegExp(`^"number"\n${RegExp.escape(rounded)}$`)],
    ["1", "means", {}, 0, new RegExp(`^.*null.*\n${RegExp.escape(one(NAN_WARNING))}$`)],
    ["1", "means", { nan: "fail" }, 1, new RegExp(RegExp.escape(refused))],
    ["1", "means", { maxResult: 10 }, 1, /Cannot return a result of .*: max_result is /],
  ];
  for (const [list, methodName, how, status, output] of cases) {
    await t.step(`${methodName} ${JSON.stringify(how)}`, async () => {
      const argsList = list === "1" ? [1] : list;
      await runJob({ moduleName: "./m.ts", methodName, argsList, ...how });
      const { code, stdout, stderr } = await cli(["replay", "last", "0"]);
      assertEquals(code, status);
      assertMatch(stdout + stderr, output);
    });
  }
});

/** Returns the warning about the only value of task 0. */
function one(warning: string): string {
  return warning.replace("2 values were", "1 value was").replace("task 1", "task 0");
}
