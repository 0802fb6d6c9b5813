import { appendControl } from "../../lib/job_dir/control.ts";
import { exists } from "../../lib/util/files/fs.ts";
import { until } from "../../tools/support/until.ts";
import { fromFileUrl } from "../../lib/util/paths.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { readLines } from "../support/jobs.ts";
import { skipSuffix } from "../support/programs.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url).href);
const TASK = `export const task = (x: number) => ({ x, text: "x".repeat(500) });\n`;
const TASKS = 20_000;

/** A disk in memory that fills up quickly. */
class SmallDisk implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "dl_jobs_disk_" });

  constructor(size: string) {
    run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", this.path);
  }

  resize(size: string): void {
    run("mount", "-o", `remount,size=${size}`, this.path);
  }

  makeReadOnly(): void {
    run("mount", "-o", "remount,ro", this.path);
  }

  [Symbol.dispose](): void {
    run("umount", this.path);
    Deno.removeSync(this.path);
  }
}

const whyNot = canMount() ? undefined : "only root on Linux can mount a small disk";

Deno.test({
  name: `a job that fills the disk says so, and resumes when there is room${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("4m");
    await Deno.writeTextFile(`${disk.path}/task.ts`, TASK);
    const list = Array.from({ length: TASKS }, (_, x) => `${x}\n`).join("");
    await Deno.writeTextFile(`${disk.path}/in.ndjson`, list);
    const map = ["map", "task.ts", "in.ndjson", "--output", "out.ndjson", "--no-noisy"];
    const { code, err } = await dlJobs(disk.path, map);
    assertMatch(
      err,
      /^Error: Cannot write \S+: No space left on device \(os error 28\), fix this and continue with dl_jobs resume\n$/,
    );
    assertEquals(code, 1);
    disk.resize("64m");
    assertEquals(await dlJobs(disk.path, ["resume"]), { code: 0, err: "" });
    const results = readLines(`${disk.path}/out.ndjson`).map((line) => JSON.parse(line).x);
    assertEquals(results.sort((a, b) => a - b), Array.from({ length: TASKS }, (_, x) => x));
  },
});

Deno.test({
  name: `a job that finds no room before its first task leaves nothing${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("1m");
    await Deno.writeTextFile(`${disk.path}/task.ts`, TASK);
    await Deno.writeTextFile(`${disk.path}/in.ndjson`, "1\n");
    // The program is cached while there is room, then a file takes all of it.
    const map = ["map", "task.ts", "in.ndjson", "--output", "out.ndjson", "--no-noisy"];
    assertEquals((await dlJobs(disk.path, map)).code, 0);
    const before = namesIn(`${disk.path}/.dl_jobs`);
    fill(`${disk.path}/filler`);
    const { code, err } = await dlJobs(disk.path, map);
    assertMatch(err, /^Error: Cannot create job \S+: No space left on device .*; nothing has run/);
    assertEquals([code, namesIn(`${disk.path}/.dl_jobs`)], [1, before]);
    Deno.removeSync(`${disk.path}/filler`);
    assertEquals(await dlJobs(disk.path, map), { code: 0, err: "" });
    assertEquals(readLines(`${disk.path}/out.ndjson`).length, 1);
  },
});

Deno.test({
  name: `a change that a full disk cannot record ends the job with its reason${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("4m");
    const wait = "export const task = async () => {\n" +
      '  if (await Deno.stat("waits").catch(() => undefined)) return 1;\n' +
      '  Deno.writeTextFileSync("waits", "");\n' +
      "  await new Promise((resolve) => setTimeout(resolve, 1e8));\n};\n";
    await Deno.writeTextFile(`${disk.path}/task.ts`, wait);
    const running = dlJobs(disk.path, ["map", "task.ts", "--grid", "n=1", "-q"]);
    await until(() => exists(`${disk.path}/waits`), "the task runs");
    const [id] = namesIn(`${disk.path}/.dl_jobs`).filter((name) => /^\d/.test(name));
    // The request still fits, and the record of the change does not.
    fill(`${disk.path}/filler`);
    Deno.truncateSync(`${disk.path}/filler`, Deno.statSync(`${disk.path}/filler`).size - 4096);
    appendControl(`${disk.path}/.dl_jobs/${id}`, { set: { workers: 1 } }, {});
    const { code, err } = await running;
    assertMatch(err, /^Error: Cannot write \S+: No space left on device .*\n$/);
    assertEquals(code, 1);
    Deno.removeSync(`${disk.path}/filler`);
    const { code: resumed } = await dlJobs(disk.path, ["resume", "-q"]);
    assertEquals(resumed, 0);
  },
});

Deno.test({
  name: `a disk that is full of what hosts send ends the job, which resumes${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("4m");
    const write = "export async function task({ n }, { dir }) {\n" +
      "  await Deno.mkdir(dir, { recursive: true });\n" +
      "  await Deno.writeFile(`${dir}/${n}`, new Uint8Array(1_000_000));\n  return n;\n}\n";
    await Deno.writeTextFile(`${disk.path}/task.js`, write);
    const home = await Deno.makeTempDir();
    const connect = `export HOME=${home}; cd || exit 1; exec sh -c "$2"\n`;
    await Deno.writeTextFile(`${disk.path}/connect.sh`, connect);
    const ssh = ["--engine", "ssh", "--ssh", "hosts=h1*1,h2*1,command=sh connect.sh"];
    const map = ["map", "task.js", "--grid", "n=0..19", "--output", "out.ndjson", "-q", ...ssh];
    const { code, err } = await dlJobs(disk.path, map);
    assertMatch(err, /^Error: Cannot write \S+: No space left on device .*\n$/);
    assertEquals(code, 1);
    disk.resize("64m");
    assertEquals(await dlJobs(disk.path, ["resume", "-q"]), { code: 0, err: "" });
    assertEquals(readLines(`${disk.path}/out.ndjson`).length, 20);
    assertEquals(namesIn(`${home}/.cache/dl_jobs/jobs`), []);
    await Deno.remove(home, { recursive: true });
  },
});

Deno.test({
  name: `the state and the results of a job on a read-only disk can be read${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("4m");
    await Deno.writeTextFile(`${disk.path}/task.ts`, TASK);
    await Deno.writeTextFile(`${disk.path}/in.ndjson`, "1\n");
    await dlJobs(disk.path, ["map", "task.ts", "in.ndjson", "--no-noisy"]);
    disk.makeReadOnly();
    for (const command of ["status", "jobs", "results", "logs"]) {
      assertEquals(await dlJobs(disk.path, [command]), { code: 0, err: "" }, command);
    }
  },
});

Deno.test({
  name: `a full disk costs no file that a command would replace${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn() {
    using disk = new SmallDisk("4m");
    await Deno.writeTextFile(`${disk.path}/task.ts`, TASK);
    await Deno.writeTextFile(`${disk.path}/in.ndjson`, "1\n");
    await dlJobs(disk.path, ["map", "task.ts", "in.ndjson", "-q"]);
    await dlJobs(disk.path, ["config", "workers=3"]);
    await dlJobs(disk.path, ["report", "--out", "page.html"]);
    const kept = ["dl_jobs.config.yaml", "page.html"].map((name) => `${disk.path}/${name}`);
    const before = kept.map((path) => Deno.readTextFileSync(path));
    fill(`${disk.path}/filler`);
    const names = namesIn(disk.path);
    const commands = {
      "config --force workers=4": `${disk.path}/dl_jobs.config.yaml`,
      "report --out page.html": "page.html",
      "init ts .": undefined,
    };
    for (const [command, path = "the project to ."] of Object.entries(commands)) {
      if (command.startsWith("init")) ["task.ts", "in.ndjson"].forEach((name) => hide(disk, name));
      assertEquals(await dlJobs(disk.path, command.split(" ")), {
        code: 1,
        err: `Error: Cannot write ${path}: No space left on device (os error 28), fix this and ` +
          "try again\n",
      });
    }
    assertEquals(kept.map((path) => Deno.readTextFileSync(path)), before);
    assertEquals(namesIn(disk.path), names.map((name) => HIDDEN[name] ?? name).sort());
  },
});

Deno.test({
  name: `a full disk is named with the output file of each format${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  async fn(t) {
    using work = new SmallDisk("32m");
    using disk = new SmallDisk("256k");
    await Deno.writeTextFile(`${work.path}/task.ts`, TASK);
    const map = ["map", "task.ts", "--grid", "x=1..2000", "-q", "--output"];
    for (const [ending, reason] of [["csv", NO_SPACE], ["sqlite", "database or disk is full"]]) {
      await t.step(ending!, async () => {
        const path = `${disk.path}/out.${ending}`;
        const { code, err } = await dlJobs(work.path, [...map, path]);
        const begin =
          `Error: Cannot write ${path}: ${reason}, write it again; all tasks have ended`;
        assertEquals([code, err.startsWith(begin)], [1, true], err);
        assertEquals(namesIn(disk.path), []);
      });
    }
  },
});

const NO_SPACE = "No space left on device (os error 28)";

const HIDDEN: Record<string, string> = { "task.ts": "hidden.ts", "in.ndjson": "hidden.ndjson" };

function hide({ path }: SmallDisk, name: string): void {
  Deno.renameSync(`${path}/${name}`, `${path}/${HIDDEN[name]}`);
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

/** Writes a file until the disk is full. */
function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  const bytes = new Uint8Array(1024);
  try {
    while (true) file.writeSync(bytes);
  } catch (error) {
    assertMatch((error as Error).message, /No space left/);
  }
}

/**
 * True when this process may mount a disk. The root user of a container may lack the permission.
 */
function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    using _disk = new SmallDisk("1m");
    return true;
  } catch {
    return false;
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(command, { args: [...args] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function dlJobs(
  cwd: string,
  args: readonly string[],
): Promise<{ code: number; err: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", CLI, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}
