/**
 * Parts of lists of every kind: the options, the messages and the record.
 *
 * @module
 */

import { Job } from "../../../lib/api/job.ts";
import type { Cuts } from "../../../lib/tasks/cuts/cuts.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
import { enterFolder } from "../../support/jobs.ts";
import { command, dlJobs } from "../cli/commands.ts";

const LIBRARY = new URL("../../../mod.ts", import.meta.url).href;
const MODULE = "export const task = (x: unknown) => x;\n";
const ROWS = Array.from({ length: 10 }, (_, id) => ({ id, year: 1996 + id, band: "nr"[id % 2]! }));
const NDJSON = ROWS.map((row) => JSON.stringify(row) + "\n").join("");

/** A folder with a function and a list. */
const makeLists = (more: Readonly<Record<string, string>> = {}) =>
  makeFolder({ "m.ts": MODULE, "a.ndjson": NDJSON, ...more });

async function* generate() {
  for (const row of ROWS) yield await Promise.resolve(row);
}

/** Returns the words of a command line. Quotes hold blanks together. */
const split = (line: string) =>
  Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);

Deno.test("each cut selects its part of a list, in a fixed order", async (t) => {
  await using _folder = await enterFolder();
  await Deno.writeTextFile("a.ndjson", NDJSON);
  const cases: [cuts: Cuts, ids: number[]][] = [
    [{ limit: 3 }, [0, 1, 2]],
    [{ limit: 0 }, []],
    [{ skip: 8 }, [8, 9]],
    [{ skip: 1, limit: 2 }, [1, 2]],
    [{ unique: "band" }, [0, 1]],
    [{ where: "year > 2000", limit: 2 }, [5, 6]],
    [{ where: "year > 2000 && band === 'n'", skip: 1 }, [8]],
    [{ where: "it.id % 2", unique: "band", limit: 5 }, [1]],
    [{ sample: 4, seed: 7 }, [0, 2, 3, 8]],
    [{ sample: "40%", seed: 7 }, [2, 3]],
    [{ sample: 4, seed: 7, shuffle: true, skip: 1 }, [2, 8, 0]],
    [{ sample: "100%", seed: 7, shuffle: true, where: "id > 6" }, [9, 8, 7]],
  ];
  const fn = ({ id }: { id: number }) => id;
  for (const [cuts, ids] of cases) {
    await t.step(JSON.stringify(cuts), async () => {
      for (const argsList of ["a.ndjson", ROWS, generate()]) {
        const job = new Job({
          fn,
          argsList,
          ...cuts,
          ordered: true,
          quiet: true,
          saveResults: false,
        });
        assertEquals(await Array.fromAsync(job.run()), ids);
      }
    });
  }
});

Deno.test("a call without a list cannot be cut", async () => {
  await using _folder = await enterFolder();
  const job = new Job({ fn: () => 1, limit: 1, quiet: true });
  const message = "Cannot cut the list of the job: it has none, it is one call";
  assertEquals((await assertRejects(async () => await job.run(), UsageError)).message, message);
});

Deno.test("lists of all kinds can be cut", async () => {
  await using folder = await makeLists({
    "lines.txt": "b a.tif\nc.tif\nb a.tif\n",
    "a.csv": "id,year\n1,1999\n2,2001\n3,2002\n",
    "points.csv": "x,y\n1,5\n2,5\n3,6\n",
    "work.ts": `import { Job } from "${LIBRARY}";
export const double = (x: number) => 2 * x;
const fn = double;
export const array = () => new Job({ fn, argsList: [1, 2, 3], limit: 2, where: "it > 1" });
export const number = (_band: string) => new Job({ fn, argsList: 100 });
export const generated = () => new Job({ fn, argsList: (function* () { yield 1; yield 2; })() });
`,
  });
  const cases: [args: string, out: string, stdin?: string][] = [
    ['map m.ts lines.txt --unique --where "it.endsWith(`.tif`)"', '"b a.tif"\n"c.tif"\n'],
    ['map m.ts a.csv --where "year > 2000" -n 1', '{"id":"2","year":"2001"}\n'],
    ["map m.ts points.csv --unique=y", '{"x":"1","y":"5"}\n{"x":"3","y":"6"}\n'],
    ["map m.ts a.csv a.ndjson --skip 2 -n 2", '{"id":"3","year":"2002"}\n' + first(1)],
    ["map m.ts - -n 2", "1\n2\n", "1\n2\n3\n"],
    ['map m.ts - --where "it > 1"', "2\n3\n", "1\n2\n3\n"],
    ["map m.ts --grid a=1..3 b=x,y --skip 1 -n 2", '{"a":1,"b":"y"}\n{"a":2,"b":"x"}\n'],
    ['map a.ndjson --where "id === 3" -- echo {id}', '"3"\n'],
    ["run ./work.ts#array -n 1", "4\n"],
    ['run ./work.ts#number nir --unique --where "it > 97"', "196\n198\n"],
    ["run ./work.ts#generated --skip 1", "4\n"],
  ];
  for (const [args, out, stdin] of cases) {
    const words = split(`${args} --ordered -q`), at = words.indexOf("--");
    // The words after -- belong to the program.
    const sorted = at < 0 ? words : [words.slice(0, at), words.slice(-2), words.slice(at, -2)];
    const done = await dlJobs(sorted.flat(), {
      cwd: folder.path,
      ...stdin === undefined ? {} : { stdin },
    });
    assertEquals({ args, ...done }, { args, out, err: "", code: 0 });
  }
});

function first(count: number): string {
  return NDJSON.split("\n").slice(0, count).map((line) => line + "\n").join("");
}

Deno.test("a job with cuts says so in its summary, its status and its record", async () => {
  await using folder = await makeLists();
  const run = (line: string) => dlJobs(split(line), { cwd: folder.path });
  const cut = async (flags: string) => {
    const { err } = await run(`map m.ts a.ndjson ${flags}`);
    return err.split("\n").find((line) => line.startsWith("  cut"));
  };
  assertEquals(await cut("-n 3"), "  cut     3 elements: --limit 3");
  assertEquals(
    await cut("--sample 40% --seed 7"),
    "  cut     2 of 10 elements: --sample 40% --seed 7",
  );
  assertEquals(
    await cut('--where "year > 2000" --skip 1'),
    "  cut     4 of 10 elements: --where 'year > 2000' --skip 1",
  );
  assertStringIncludes(
    (await run("status")).out,
    "\ncut      4 of 10 elements: --where 'year > 2000' --skip 1\n",
  );
  const flags = "--where 'year > 2000' --skip 1";
  assertEquals(JSON.parse((await run("status --json")).out).cut, { flags, elements: 10 });
  const [newest = ""] = Array.from(Deno.readDirSync(`${folder.path}/.dl_jobs`), ({ name }) => name)
    .filter((name) => name !== "cache").sort().reverse();
  const record = await Deno.readTextFile(`${folder.path}/.dl_jobs/${newest}/job.json`);
  const { cuts, elements } = JSON.parse(record);
  assertEquals([cuts, elements], [{ where: "year > 2000", skip: 1 }, 10]);
  assertEquals((await run('map m.ts a.ndjson --dry-run --where "id > 1"')).err, DRY);
});

const DRY = "m.task: job ID would run the tasks of its list (--where 'id > 1') on local\n";

Deno.test("cuts that cannot be used stop before the job exists", async () => {
  await using folder = await makeLists();
  const cases: [flags: string, message: string][] = [
    ['--where "yaer > 1"', "'yaer > 1': no element has the key yaer, did you mean year?"],
    ['--where "year = 1"', "'year = 1': = sets a value, write === to compare"],
    ['--where "year >"', "'year >': unexpected token at its end"],
    [
      '--where "year.a.b"',
      "'year.a.b': it throws TypeError: Cannot read properties of undefined (reading 'b')",
    ],
    [
      '--allow-read --where "Deno.env.toObject()"',
      "'Deno.env.toObject()': it throws NotCapable: Requires env access, run again with the " +
      "--allow-env flag",
    ],
  ];
  for (const [flags, message] of cases) {
    assertEquals(await dlJobs(split(`map m.ts a.ndjson ${flags}`), { cwd: folder.path }), {
      out: "",
      err: `Error: Cannot use --where ${message}\n`,
      code: 2,
    });
  }
  assertEquals(await dlJobs("map m.ts a.ndjson --unique band", { cwd: folder.path }), {
    out: "",
    err: "Error: Cannot read band: no such file, for a key write --unique=band\n",
    code: 2,
  });
  const jobs = Array.from(Deno.readDirSync(`${folder.path}/.dl_jobs`), ({ name }) => name);
  assertEquals(jobs.filter((name) => name !== "cache"), []);
});

Deno.test("tasks of a part fail with the places of their lines", async () => {
  await using folder = await makeLists({ "b.ndjson": "7\n\n{no\n8\nnull\n[]\n" });
  const errorsOf = async (flags: string) => {
    await dlJobs(split(`map m.ts a.ndjson b.ndjson -q ${flags}`), { cwd: folder.path });
    const [file] = Array.from(Deno.readDirSync(`${folder.path}/errors`), ({ name }) => name);
    const text = await Deno.readTextFile(`${folder.path}/errors/${file}`);
    await Deno.remove(`${folder.path}/errors`, { recursive: true });
    return text.trim().split("\n").map((line) => JSON.parse(line).ERROR);
  };
  const bad = "Cannot read b.ndjson:3: Expected property name or '}' in JSON at position 1 " +
    "(line 1 column 2)";
  for (const flags of ["--skip 9", "--sample 100% --shuffle", "--unique"]) {
    assertStringIncludes((await errorsOf(flags)).join("\n"), "b.ndjson:3");
  }
  assertEquals((await errorsOf('--where "it.year > 0 || it === 7"')).sort(), [
    "Cannot filter b.ndjson:5: --where throws TypeError: Cannot read properties of null (reading " +
    "'year')",
    (await errorsOf("-n 12"))[0] ?? bad,
  ]);
});

Deno.test("a limit ends the reading of an endless list", async () => {
  await using folder = await makeLists();
  const cases: [flags: string[], stdin: string, out: string][] = [
    [["-n", "3"], "2\n3\n4\n5\n", "2\n3\n4\n"],
    [["--where", "it > 1", "-n", "3"], "2\n3\n4\n5\n", "2\n3\n4\n"],
    // The second line of such a list is read early, because an array may be a whole file.
    [["-n", "1"], "[2]\n", "[2]\n"],
  ];
  for (const [flags, stdin, out] of cases) {
    const map = ["map", "m.ts", "-", "-q", "--ordered", ...flags];
    const process = command(map, { cwd: folder.path }, "piped");
    const writer = process.stdin.getWriter();
    // The writer never closes the pipe.
    await writer.write(new TextEncoder().encode(stdin));
    const { stdout, code } = await process.output();
    assertEquals([new TextDecoder().decode(stdout), code], [out, 0]);
    await writer.close().catch(() => {});
  }
});

Deno.test("a list on stdin that is refused leaves no job and no log", async () => {
  await using folder = await makeLists();
  const cases: [args: string, stdin: string, message: string][] = [
    ["map m.ts - --where it.x.y", "1\n2\n", "Cannot use --where 'it.x.y': it throws TypeError"],
    ["map m.ts - --unique=b", '{"a":1}\n', "Cannot use --unique=b: none of the first elements"],
    ["map - -- echo {b}", '{"a":1}\n', "Cannot run task 0: the argument has no value for {b}"],
  ];
  for (const [args, stdin, message] of cases) {
    const { out, err, code } = await dlJobs(args, { cwd: folder.path, stdin });
    assertEquals([out, code], ["", 2]);
    assertStringIncludes(err, message);
    const names = ["logs", ".dl_jobs"].map((name) =>
      Array.from(Deno.readDirSync(`${folder.path}/${name}`), ({ name }) => name).sort()
    );
    assertEquals(names, [[], [".gitignore", "cache"]]);
  }
});

Deno.test("a condition warns once about integers that it rounds", async () => {
  await using folder = await makeLists({ "big.ndjson": '{"a":9007199254740993}\n{"a":1}\n' });
  const { out, err } = await dlJobs(
    split('map big.ndjson --where "a > 0" --ordered -q -- echo {a}'),
    { cwd: folder.path },
  );
  const integers = "1 integer beyond 2^53 in the arguments was rounded, first 9007199254740993";
  assertEquals({ out, err }, {
    out: '"9007199254740993"\n"1"\n',
    err: `--where: ${integers} in task 0; --big-integers bigint passes such integers as BigInt\n`,
  });
});

Deno.test("a list in code leaves no job when it fails before its first task", async () => {
  await using folder = await enterFolder();
  const jobs = () =>
    Array.from(Deno.readDirSync(`${folder.path}/.dl_jobs`), ({ name }) => name).filter((name) =>
      /^\d/.test(name)
    );
  const run = (argsList: Iterable<unknown>) =>
    new Job({ fn: (x: unknown) => x, argsList, quiet: true, engine: "inline" }).run();
  const circular: unknown[] = [],
    rows = (count: number) =>
      (function* () {
        for (let i = 0; i < count; i++) yield i;
        throw new RangeError("no more rows");
      })();
  circular.push(circular);
  await assertRejects(async () => await run(circular), TypeError);
  await assertRejects(async () => await run(rows(0)), RangeError);
  assertEquals(jobs(), []);
  await assertRejects(async () => await run(rows(1)), RangeError);
  assertEquals(jobs().length, 1);
});
