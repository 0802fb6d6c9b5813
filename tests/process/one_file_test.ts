import { dirname } from "node:path";
import { denoCompile } from "../../scripts/compile/deno_compile.ts";
import { makeSelfExtracting } from "../../scripts/compile/self_extracting.ts";
import { findTarget } from "../../scripts/compile/targets.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { endOf, type Said } from "../support/jobs.ts";
import { until } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { useEnv } from "../../lib/util/env.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const ROOT = dirname(dirname(import.meta.dirname!));
const HERE = findTarget(Deno.build.target);

const whyNoPython = await whyNoProgram("python3");

const NO_REGISTRY = { NPM_CONFIG_REGISTRY: "http://127.0.0.1:1" };

// Built once for all tests.
const made = await makeFolder();
const FILE = `${made.path}/dl_jobs`;
await makeSelfExtracting(FILE, HERE);
addEventListener("unload", () => Deno.removeSync(made.path, { recursive: true }));

/** Starts the one file as on a machine with nothing installed, in a process group of its own. */
function start(
  args: readonly string[],
  { cwd, home, env = {} }: { cwd: string; home: string; env?: Record<string, string> },
): Deno.ChildProcess {
  const { XDG_CACHE_HOME: _1, DENO_DIR: _2, TMPDIR: _3, ...rest } = Deno.env.toObject();
  return new Deno.Command(FILE, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...rest, PATH: "", HOME: home, NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

async function run(
  args: readonly string[],
  place: Parameters<typeof start>[1],
  input = "",
): Promise<Said> {
  return await endOf(start(args, place), input);
}

function parseLines(text: string): unknown[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Lists the programs in the cache of a home folder, whole and partial ones. */
function unpacked(home: string): string[] {
  try {
    return [...Deno.readDirSync(`${home}/${HERE.caches}/dl_jobs`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("one file: runs what the command runs, with nothing installed", async (t) => {
  await using home = await makeFolder();
  await using folder = await makeFolder({
    "work/half.ts": `
      import { parse } from "npm:acorn@8.19.0";
      import { divide } from "./divide.ts";
      export const task = (n: number) => [divide(n), parse("x", { ecmaVersion: 2020 }).type];`,
    "work/divide.ts": "export const divide = (n: number): number => n / 2;",
    "run/added.ts": `
      import { Job } from "dl_jobs";
      export const task = () => new Job({ fn: (n: number) => n + 1, argsList: [1, 2] });`,
    "dl_jobs.config.yaml": "ordered: true\n",
    "square.ts": "export const task = (n: number) => n * n;",
    "keep.ts": "export const task = (row: unknown) => row;",
    "square.py": "def task(n):\n    return n * n\n",
    "countries/shapes.ts": await Deno.readTextFile(`${ROOT}/examples/countries/shapes.ts`),
    "countries/run/countries.ts": await Deno.readTextFile(
      `${ROOT}/examples/countries/run/countries.ts`,
    ),
  });
  const place = { cwd: folder.path, home: home.path };

  await t.step("its own parts need no registry", async () => {
    const env = NO_REGISTRY;
    const { code, stdout, stderr } = await run(["test", "3"], { ...place, env });
    assertEquals(code, 0, stderr);
    const ids = (parseLines(stdout) as { task_id: number }[]).map(({ task_id }) => task_id);
    assertEquals(ids.sort(), [0, 1, 2]);
    const { stdout: added, stderr: why } = await run(["run", "added"], { ...place, env });
    assertEquals(added, "2\n3\n", why);
  });

  await t.step("a filter", async () => {
    const { code, stdout, stderr } = await run(["map", "square.ts"], place, "1\n2\n");
    assertEquals([code, stdout], [0, "1\n4\n"], stderr);
  });

  await t.step("the packages of lists, results and schemas need no registry", async () => {
    const apart = { ...place, env: NO_REGISTRY };
    for (const name of ["squares.parquet", "squares.ndjson.zst"]) {
      const { code, stderr } = await run(["map", "square.ts", "-o", name], apart, "2\n3\n");
      assertEquals(code, 0, stderr);
    }
    const read = ["map", "square.ts", "squares.ndjson.zst"];
    assertEquals((await run(read, apart)).stdout, "16\n81\n");
    const { stdout } = await run(["map", "keep.ts", "squares.parquet"], apart);
    assertEquals(stdout, '{"result":4}\n{"result":9}\n');
    for (const draft of ["draft/2020-12", "draft/2019-09", "draft-07"]) {
      const schema = { $schema: `http://json-schema.org/${draft}/schema#`, type: "integer" };
      await Deno.writeTextFile(`${folder.path}/schema.json`, JSON.stringify(schema));
      const args = ["map", "square.ts", "--schema", "schema.json", "--invalid", "skip"];
      const { stdout, stderr } = await run(args, apart, '5\n"a"\n');
      assertEquals(stdout, "25\n", stderr);
    }
  });

  await t.step({
    name: "a function in Python, also for the platform",
    ignore: whyNoPython !== undefined,
    fn: async () => {
      const env = { ...NO_REGISTRY, PATH: Deno.env.get("PATH")! };
      const { code, stdout, stderr } = await run(["map", "square.py"], { ...place, env }, "3\n");
      assertEquals([code, stdout], [0, "9\n"], stderr);
      const args = ["map", "square.py", "-", "--engine", "compute", "--dry-run"];
      const { stderr: shown } = await run(args, { ...place, env }, "3\n");
      assertMatch(shown, /dl_jobs_far_side\/bundle\.py/);
    },
  });

  await t.step("a session, and a job that it submits", async () => {
    const entries = "const handle = await submit(job((x: number) => x * 3, { argsList: 3 }))\n" +
      '(await results(handle)).toSorted().join("-")\n';
    const { code, stdout, stderr } = await run(["repl"], place, entries);
    assertEquals([code, stdout.includes("0-3-6")], [0, true], stdout + stderr);
  });

  await t.step("a task that imports a file and a package", async () => {
    const args = ["map", "work.half.task", "--grouped_results"];
    const { code, stdout, stderr } = await run(args, place, "1\n2\n");
    assertEquals([code, stdout], [0, '[0.5,"Program"]\n[1,"Program"]\n'], stderr);
  });

  await t.step("the countries", async () => {
    const cwd = `${folder.path}/countries`;
    const { code, stdout, stderr } = await run(["run", "countries.area"], { ...place, cwd });
    assertEquals([code, parseLines(stdout).length], [0, 177], stderr);
  });

  await t.step("the page of a job, as a file", async () => {
    const env = NO_REGISTRY;
    const { code, stderr } = await run(["report", "--out", "job.html"], { ...place, env });
    assertEquals(code, 0, stderr);
    const html = await Deno.readTextFile(`${folder.path}/job.html`);
    assertMatch(html, /<script type="application\/json" id="report">\{"made":/);
  });

  await t.step("a sandbox", async () => {
    const { code, stderr } = await run(["map", "square.ts", "--allow-read=."], place, "3\n");
    assertEquals(code, 0, stderr);
  });

  await t.step("a task is replayed", async () => {
    const { code, stdout, stderr } = await run(["replay", "last", "0"], place);
    assertEquals([code, stdout], [0, "9\n"], stderr);
  });

  await t.step("a script that is checked with its types, without a registry", async () => {
    const [id] = unpacked(home.path), app = `${home.path}/${HERE.caches}/dl_jobs/${id}`;
    const mod = JSON.stringify(`file://${app}/mod.ts`);
    await folder.write("script.ts", `import { Job } from ${mod};\nnew Job({ argsList: true });`);
    const { stderr } = await new Deno.Command(`${app}/deno`, {
      args: ["check", "--no-config", "--no-lock", `${folder.path}/script.ts`],
      env: { ...NO_REGISTRY, DENO_DIR: `${home.path}/deno`, NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertMatch(said, /Type 'true' is not assignable to type 'ArgsList/);
    assertEquals(said.match(/TS\d+/g)?.length, 1, said);
  });

  await t.step("the documentation", async () => {
    const { code, stdout } = await run(["docs", "max_attempts"], place);
    assertEquals([code, stdout.split("\n")[0]], [0, "### max_attempts"]);
  });

  await t.step("another project's configuration around it", async () => {
    await folder.write("deno.json", `{ "nodeModulesDir": "manual", "lock": "none/at/all" }`);
    await folder.write("package.json", `{ "dependencies": { "no-such-package": "1.0.0" } }`);
    const { code, stdout, stderr } = await run(["map", "square.ts"], place, "3\n");
    assertEquals([code, stdout], [0, "9\n"], stderr);
    await folder.write("deno.json", "{ broken");
    assertEquals((await run(["--help"], place)).code, 0);
  });

  assertEquals(unpacked(home.path).length, 1);
});

Deno.test("one file: two first starts at the same time both work", async () => {
  await using home = await makeFolder();
  const place = { cwd: home.path, home: home.path };
  const [one, other] = await Promise.all([run(["--help"], place), run(["--help"], place)]);
  assertEquals([one.code, other.code], [0, 0], one.stderr + other.stderr);
  assertEquals(one.stdout, other.stdout);
  assertMatch(one.stdout, /^Usage: dl_jobs/);
  const [id, ...more] = unpacked(home.path);
  assertEquals(more, []);
  const inside = [...Deno.readDirSync(`${home.path}/${HERE.caches}/dl_jobs/${id}`)];
  assertEquals(inside.filter(({ name }) => name.startsWith(id!)), []);
});

/** Decompresses only the start of an archive, and never ends. */
const HALF_GZIP = '#!/bin/sh\nPATH=/usr/bin:/bin\ngzip "$@" | head -c 1000000\nexec sleep 600\n';

Deno.test("one file: a first start that is killed halfway leaves nothing that later starts use", async () => {
  await using home = await makeFolder();
  await using programs = await makeFolder({ gzip: HALF_GZIP });
  Deno.chmodSync(`${programs.path}/gzip`, 0o755);
  const place = { cwd: home.path, home: home.path };
  const child = start(["--help"], { ...place, env: { PATH: programs.path } });
  await until(() => unpacked(home.path).length > 0, "it unpacks");
  Deno.kill(-child.pid, "SIGKILL");
  await Promise.all([endOf(child), child.stdin.close()]);
  const [half] = unpacked(home.path);
  assert(half!.includes("."), half);
  const { code, stderr } = await run(["--help"], place);
  assertEquals(code, 0, stderr);
  assertEquals(unpacked(home.path), [half!.slice(0, half!.indexOf("."))]);
});

Deno.test("one file: unpacks elsewhere without a home, or names the variable to set", async () => {
  await using temp = await makeFolder();
  const env = { XDG_CACHE_HOME: "/dev/null", TMPDIR: temp.path };
  const place = { cwd: temp.path, home: "", env };
  const { code, stderr } = await run(["test", "1"], place);
  assertEquals(code, 0, stderr);
  const nowhere = { ...place, env: { ...env, TMPDIR: "/dev/null" } };
  const { code: failed, stderr: why } = await run(["test", "1"], nowhere);
  assertEquals(failed, 1);
  assertMatch(why, /^Error: Cannot unpack dl_jobs: .*; set XDG_CACHE_HOME to a folder where/s);
});

Deno.test("one file: runs no program that other users could have written", async (t) => {
  await using folder = await makeFolder({ "evil/deno": "#!/bin/sh\necho evil\n" });
  const cache = `${folder.path}/cache/dl_jobs`;
  const env = { XDG_CACHE_HOME: `${folder.path}/cache`, TMPDIR: "/dev/null" };
  const place = { cwd: folder.path, home: "", env };
  assertEquals((await run(["--version"], place)).code, 0);
  const [id] = [...Deno.readDirSync(cache)].map(({ name }) => name);
  Deno.chmodSync(`${folder.path}/evil/deno`, 0o755);
  const refused = async (at: string) => {
    const { code, stdout, stderr } = await run(["--version"], place);
    assertEquals([code, stdout], [1, ""]);
    assert(stderr.includes(`Cannot unpack dl_jobs: other users can write to ${at};`), stderr);
  };
  for (const at of [cache, `${folder.path}/cache`]) {
    await t.step(`all write to ${at.slice(folder.path.length)}`, async () => {
      Deno.chmodSync(at, 0o777);
      await refused(at);
      Deno.chmodSync(at, 0o700);
    });
  }
  await t.step("a link to a folder of all", async () => {
    await Deno.rename(cache, `${folder.path}/aside`);
    await Deno.mkdir(`${folder.path}/shared/${id}`, { recursive: true });
    await Deno.copyFile(`${folder.path}/evil/deno`, `${folder.path}/shared/${id}/deno`);
    Deno.chmodSync(`${folder.path}/shared`, 0o777);
    await Deno.symlink(`${folder.path}/shared`, cache);
    await refused(`${folder.path}/shared`);
    await Deno.remove(cache);
    await Deno.rename(`${folder.path}/aside`, cache);
  });
  const noRoot = Deno.uid() === 0 ? undefined : "only root can give files to other users";
  await t.step({
    name: `a program of another user${skipSuffix(noRoot)}`,
    ignore: noRoot !== undefined,
    async fn() {
      const { stdout } = await run(["--version"], place);
      await Deno.copyFile(`${folder.path}/evil/deno`, `${cache}/${id}/deno`);
      await Deno.chown(`${cache}/${id}/deno`, 1234, 1234);
      assertEquals((await run(["--version"], place)).stdout.includes("evil"), false);
      assertEquals(stdout.startsWith("dl_jobs "), true);
    },
  });
});

Deno.test("one file: can be built for another machine", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/dl_jobs`;
  await makeSelfExtracting(file, findTarget("aarch64-unknown-linux-gnu"));
  const head = (await Deno.readTextFile(file)).split("\n").indexOf("exit 1") + 1;
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", `tail -n +${head + 1} dl_jobs | gzip -dc | tar -xf -`],
    cwd: folder.path,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  for (const program of ["deno", "lib/packages/esbuild"]) {
    const bytes = await Deno.readFile(`${folder.path}/${program}`);
    const machine = new DataView(bytes.buffer).getUint16(18, true);
    assertEquals([String.fromCharCode(...bytes.slice(1, 4)), machine], ["ELF", 183], program);
  }
});

Deno.test("findTarget() names the targets", () => {
  assertThrows(
    () => findTarget("riscv64"),
    RangeError,
    'Cannot compile for "riscv64": the targets are x86_64-unknown-linux-gnu, ' +
      "aarch64-unknown-linux-gnu, x86_64-apple-darwin, aarch64-apple-darwin",
  );
});

Deno.test("denoCompile() adds all that is needed to the runtime", async () => {
  await using folder = await makeFolder();
  // Uses a whole Deno in place of the runtime: the result is complete, but does not run.
  using _env = useEnv({ DENORT_BIN: Deno.execPath() });
  assert(await denoCompile(`${folder.path}/dl_jobs`, HERE));
  const { size } = await Deno.stat(`${folder.path}/dl_jobs`);
  const { size: runtime } = await Deno.stat(Deno.execPath());
  assert(size - runtime > 8e6, "the bundler is missing");
});
