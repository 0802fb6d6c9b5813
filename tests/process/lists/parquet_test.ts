import { makeFolder } from "../../../tools/support/files.ts";
import { withoutDocs } from "../../support/jobs.ts";
import { assertEquals } from "../../support/assert.ts";
import { openDuckDb, rowsOf } from "../../support/parquet.ts";
import { dlJobs } from "../cli/commands.ts";

const MODULE = "export const task = (x: unknown) => x;\n";

/** Writes the rows of a query as Parquet. */
async function write(path: string, sql: string): Promise<void> {
  using db = await openDuckDb();
  await db.run(`copy (${sql}) to '${path}' (format parquet)`);
}

/** Runs a script in bash, where `map` is the command. */
async function bash(script: string, cwd: string) {
  const cli = new URL("../../../cli.ts", import.meta.url).pathname;
  const map = `map() { "${Deno.execPath()}" run -A "${cli}" map "$@"; }; ${script}`;
  const { stdout, stderr, code } = await new Deno.Command("bash", { args: ["-c", map], cwd })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { out, err: withoutDocs(err!), code };
}

Deno.test("a Parquet file is a list from a disk, stdin, a pipe, and compressed", async (t) => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  const { path } = folder;
  await write(`${path}/t.parquet`, "select i as id, 'é ' || i as name from range(3) r(i)");
  await Deno.copyFile(`${path}/t.parquet`, `${path}/noname`);
  const rows = '{"id":0,"name":"é 0"}\n{"id":1,"name":"é 1"}\n{"id":2,"name":"é 2"}\n';
  for (
    const [script, out] of [
      ["map m.ts t.parquet -q --ordered", rows],
      ["map m.ts noname t.parquet -q --ordered", rows + rows],
      ["map m.ts - -q --ordered < t.parquet", rows],
      ["cat t.parquet | map m.ts - -q --ordered", rows],
      ["map m.ts --input parquet <(cat noname) -q --ordered", rows],
      ["gzip -k t.parquet; map m.ts t.parquet.gz -q --ordered", rows],
    ] as const
  ) {
    await t.step(script, async () => {
      assertEquals(await bash(script, path), { out, err: "", code: 0 });
    });
  }
});

Deno.test("a Parquet file that cannot be read stops before the job exists", async () => {
  await using folder = await makeFolder({ "m.ts": MODULE });
  await write(`${folder.path}/t.parquet`, "select 1 as id");
  const bytes = await Deno.readFile(`${folder.path}/t.parquet`);
  await Deno.writeFile(`${folder.path}/t.parquet`, bytes.subarray(0, -1));
  for (const args of ["map m.ts t.parquet", "map m.ts --input parquet m.ts"]) {
    const { out, err, code } = await dlJobs(args, { cwd: folder.path });
    const state = args.endsWith("t.parquet")
      ? "t.parquet: it ends early, without a footer"
      : "m.ts: it is not Parquet, because it does not start with PAR1";
    assertEquals({ out, err, code }, {
      out: "",
      err: `Error: Cannot read ${state}, make or download it again\n`,
      code: 2,
    });
  }
  const left = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  assertEquals(left, ["m.ts", "t.parquet"]);
});

Deno.test("a job over a Parquet file that was killed resumes with the other rows", async () => {
  await using folder = await makeFolder({
    "m.ts": `export const task = async ({ id }: { id: number }) => {
      if (id === 4000 && await Deno.stat("go").catch(() => undefined) === undefined) {
        Deno.kill(Deno.ppid, "SIGKILL");
        await new Promise(() => {});
      }
      return id;
    };\n`,
  });
  const cwd = folder.path, numbers = Array.from({ length: 9000 }, (_, i) => String(i));
  await write(`${cwd}/t.parquet`, "select i::int as id from range(9000) r(i)");
  const args = "map m.ts t.parquet -q --workers 1 -o out.ndjson";
  assertEquals((await dlJobs(args, { cwd })).code, 137);
  await folder.write("go", "");
  assertEquals((await dlJobs("resume last -q", { cwd })).code, 0);
  const found = (await Deno.readTextFile(`${cwd}/out.ndjson`)).trim().split("\n");
  assertEquals(found.sort(), numbers.sort());
});

Deno.test("results are written as Parquet, by map and by results, and DuckDB reads them", async () => {
  await using folder = await makeFolder({
    "m.ts": "export const task = (x: number) => ({ half: x / 2, big: 2n ** 60n, list: [x] });\n",
  });
  const cwd = folder.path, map = "map m.ts - -q -o a.parquet";
  assertEquals(await dlJobs(map, { cwd, stdin: "1\n2\n" }), { out: "", err: "", code: 0 });
  const { code, out } = await dlJobs("results last --with-args --output b.parquet", { cwd });
  assertEquals({ code, out }, { code: 0, out: "" });
  using db = await openDuckDb();
  const rows = [
    { half: 0.5, big: "1152921504606846976", list: ["1"] },
    { half: 1, big: "1152921504606846976", list: ["2"] },
  ];
  assertEquals(await rowsOf(db, `select * from '${cwd}/a.parquet'`), rows);
  const withArgs = rows.map((row, i) => ({ id: String(i), args: String(i + 1), ...row }));
  assertEquals(await rowsOf(db, `select * from '${cwd}/b.parquet'`), withArgs);
});
