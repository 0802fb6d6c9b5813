/**
 * Lists of parameters: `--grid`, `--zip` and `:::`.
 *
 * @module
 */

import { readRecord } from "../../../lib/job_dir/record.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { checkAll, command, dlJobs, linesIn } from "../cli/commands.ts";

const MODULE = `export const same = (x: unknown) => x;
let calls = 0;
export const held = async (x: unknown) => {
  while (++calls > 20 && !(await Deno.stat("go").catch(() => undefined))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return x;
};
`;

const FILES = {
  "m.ts": MODULE,
  "bands.txt": "nir\nred\n",
  "tiles.ndjson": '{"path":"a.tif"}\n\n{"path":"b.tif"}\n',
  "names.txt": "a b\n",
};

Deno.test("dl_jobs map runs the combinations of parameters", async (t) => {
  await using folder = await makeFolder(FILES);
  const cases: [args: readonly string[], out: string][] = [
    [
      ["m.ts#same", "--grid", "y=1..2", "m=01", "-j2"],
      '{"y":1,"m":"01"}\n{"y":2,"m":"01"}\n',
    ],
    [["--", "echo", "{1}", "{0}", ":::", "-q", "", ":::", "--"], '"-- -q"\n"-- "\n'],
    [["tiles.ndjson", "--grid", "z=7", "--", "echo", "{path}", "{z}"], '"a.tif 7"\n"b.tif 7"\n'],
  ];
  await checkAll(
    t,
    folder.path,
    cases.map(([args, out]) => ({ args: ["map", "-q", "--ordered", ...args], out })),
  );
});

Deno.test("dl_jobs map names what is wrong with parameters, and starts no job", async (t) => {
  await using folder = await makeFolder(FILES);
  const cases: [args: readonly string[], message: string][] = [
    [["--grid"], 'Cannot use option "--grid" without a value: write --grid NAME=VALUES...'],
    [
      ["tiles.ndjson", "--grid", "path=1"],
      "Cannot combine tiles.ndjson:1: it has the key path, give the parameter path another name",
    ],
  ];
  await checkAll(
    t,
    folder.path,
    cases.map(([args, message]) => ({
      args: ["map", "m.ts#same", ...args],
      err: `Error: ${message}\n`,
      code: 2,
    })),
  );
  const left = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  assertEquals(left, Object.keys(FILES).sort());
});

Deno.test("a row that has the name of a parameter fails alone", async () => {
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "a.ndjson": '{"p":1}\n{"z":2}\n{"p":\n{"p":3}\n',
  });
  const args = "map m.ts#same a.ndjson --grid z=1..2 -q --ordered";
  const { out, code } = await dlJobs(args, { cwd: folder.path });
  assertEquals({ out, code }, {
    out: '{"p":1,"z":1}\n{"p":1,"z":2}\n{"p":3,"z":1}\n{"p":3,"z":2}\n',
    code: 1,
  });
  const errors = await linesIn(`${folder.path}/errors`) as { ERROR: string }[];
  assertEquals(errors.map(({ ERROR }) => ERROR), [
    "Cannot read a.ndjson:2: it has the key z, as a parameter has",
    "Cannot read a.ndjson:3:6: Unexpected end of JSON input",
  ]);
});

/** Returns the folder of the only job. */
function jobIn(folder: string): string {
  const names = Array.from(Deno.readDirSync(`${folder}/.dl_jobs`), ({ name }) => name);
  return `${folder}/.dl_jobs/${names.find((name) => /^\d/.test(name))}`;
}

/** Starts a job whose tasks are held after the first ones, and kills it after its first result. */
async function killEarly(args: readonly string[], cwd: string): Promise<void> {
  const process = command(args, { cwd }, "null"), reader = process.stdout.getReader();
  const { done } = await reader.read();
  assert(!done, "the job has ended before it was killed");
  process.kill("SIGKILL");
  await Promise.all([reader.cancel(), process.stderr.cancel(), process.status]);
}

/** Resumes the job, and returns all results, sorted. */
async function resumeAll(cwd: string): Promise<string[]> {
  await Deno.writeTextFile(`${cwd}/go`, "");
  const resumed = await dlJobs("resume last -q", { cwd });
  assertEquals({ code: resumed.code, err: resumed.err }, { code: 0, err: "" });
  const { out } = await dlJobs("results last", { cwd });
  return out.trimEnd().split("\n").sort();
}

Deno.test("resume computes the rest of a grid after kill -9, each element once", async () => {
  await using folder = await makeFolder({ ...FILES, "n.txt": "x\ny\n" });
  const args = "map m.ts#held tiles.ndjson --grid a=1..50 b=@n.txt c=7,u -q -j2";
  await killEarly(args.split(" "), folder.path);
  const { out: status } = await dlJobs("status last --json", { cwd: folder.path });
  assertEquals(JSON.parse(status).list, "DIR/tiles.ndjson --grid a=1..50 b=@DIR/n.txt c=7,u");
  const results = await resumeAll(folder.path);
  const expected = ["a.tif", "b.tif"].flatMap((path) =>
    Array.from({ length: 50 }, (_, i) => i + 1).flatMap((a) =>
      ["x", "y"].flatMap((b) => [7, "u"].map((c) => JSON.stringify({ path, a, b, c })))
    )
  );
  assertEquals(results, expected.sort());
  const { source } = readRecord(jobIn(folder.path));
  assert(source.kind === "parameters");
  assertEquals({ ...source, files: source.files.map(({ path }) => path) }, {
    kind: "parameters",
    dimensions: [
      [{ name: "a", values: ["1..50"] }],
      [{ name: "b", values: [1] }],
      [{ name: "c", values: ['[7,"u"]'] }],
    ],
    files: ["tiles.ndjson", "n.txt"].map((name) => `${folder.path}/${name}`),
    rows: 1,
    input: {},
  });
});

Deno.test("resume refuses a grid whose file of values has changed", async () => {
  await using folder = await makeFolder({ ...FILES, "n.txt": "x\ny\n" });
  await killEarly("map m.ts#held --grid a=1..1000000 b=@n.txt -q".split(" "), folder.path);
  assertEquals(readRecord(jobIn(folder.path)).isRead, undefined);
  await Deno.writeTextFile(`${folder.path}/n.txt`, "x\ny\nz\n");
  const { err, code } = await dlJobs("resume last", { cwd: folder.path });
  assertEquals({ err, code }, {
    err:
      "Error: Cannot continue reading DIR/n.txt: it has changed since the job began, restore it " +
      "or start a new job with --reuse\n",
    code: 2,
  });
});

Deno.test("a glob lists the paths when the job starts, and resume reads the same", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `data/${i % 7}/${i} x\n.tif`);
  await using folder = await makeFolder({
    "m.ts": MODULE,
    "data/.hidden/a.tif": "",
    ...Object.fromEntries(names.map((name) => [name, ""])),
  });
  const { path } = folder;
  await killEarly(["map", "m.ts#held", "glob:data/**/*.tif", "-q", "-j1"], path);
  await folder.write("data/0/new.tif", "");
  await Deno.remove(`${path}/${names[5]}`);
  const results = await resumeAll(path);
  assertEquals(results, names.map((name) => JSON.stringify(name)).sort());
});

Deno.test("globs, files and parameters form one list", async (t) => {
  await using folder = await makeFolder({ ...FILES, "d/b.tif": "", "d/a.tif": "", "d/c.png": "" });
  await checkAll(
    t,
    folder.path,
    [
      {
        args: ["map", "m.ts#same", "glob:d/*.tif", "names.txt", "glob:d/*.{png,jpg}"],
        out: '"d/a.tif"\n"d/b.tif"\n"a b"\n"d/c.png"\n',
      },
      {
        args: ["map", "m.ts#same", "glob:d/*.tif", "--grid", "z=1"],
        out: '{"row":"d/a.tif","z":1}\n{"row":"d/b.tif","z":1}\n',
      },
      {
        args: ["map", "--grid", "p=@glob:d/*.tif", "--", "echo", "{p|stem}"],
        out: '"a"\n"b"\n',
      },
      {
        args: ["map", "m.ts#same", "glob:d/*.no"],
        err: "Error: Cannot read glob:d/*.no: no path matches (relative paths start at DIR)\n",
        code: 2,
      },
    ].map((one) => ({ ...one, args: ["map", "-q", "--ordered", ...one.args.slice(1)] })),
  );
});
