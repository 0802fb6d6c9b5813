import { resumeJob } from "../../lib/job/resume/resume.ts";
import { STORE } from "../../lib/job_dir/layout.ts";
import { listJobs } from "../../lib/job_dir/find.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "../support/assert.ts";
import {
  assertResults,
  CLI,
  cli,
  enterFolder,
  Mark,
  readEvents,
  readLines,
  recordOf,
  runJob,
  type Said,
  startCli,
} from "../support/jobs.ts";

/** Tasks that report their start, and their behaviour afterwards. */
const WORK = `
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const begin = (path) => Deno.writeTextFileSync(path + ".begun", "");
  const exists = (path) => { try { return Deno.statSync(path) && true; } catch { return false; } };
  export const untilTold = async (path) => {
    begin(path);
    while (!exists("go")) await wait(10);
    return path;
  };
  export const forEver = async (path) => {
    begin(path);
    await wait(3_600_000);
  };
  export const busyForEver = (path) => {
    begin(path);
    for (;;);
  };
  export const withChild = async (path) => {
    const child = new Deno.Command("sleep", { args: ["3600"] }).spawn();
    begin(path);
    await child.status;
  };
`;

const STOPPING =
  "Stopping: running tasks may finish, Ctrl-C again ends them, dl_jobs resume runs the rest";

/** A job of the command that runs, whose processes can be found. */
class Running implements AsyncDisposable {
  readonly mark = new Mark();
  readonly process: Deno.ChildProcess;
  readonly end: Promise<Said>;
  stderr = "";

  private constructor(method: string, flags: readonly string[]) {
    const args = ["map", `work.ts#${method}`, "list.ndjson", "--workers", "2", ...flags];
    this.process = startCli([...args, "--env", `TEST_MARK=${this.mark.env.TEST_MARK}`]);
    this.end = this.#end();
  }

  /** Starts it, and waits until two tasks have begun. */
  static async start(method: string, ...flags: readonly string[]): Promise<Running> {
    const running = new Running(method, flags);
    await until(() => begun().length >= 2, "two tasks begin");
    return running;
  }

  /** Sends a signal, and waits until the command reacts to it. */
  async stop(signal: Deno.Signal): Promise<void> {
    this.process.kill(signal);
    await until(() => this.stderr.includes(STOPPING), "it says that it stops");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // The process has ended, as expected.
    }
    await this.end;
    await this.process.stdin.close().catch(() => {});
  }

  async #end(): Promise<Said> {
    const [stdout] = await Promise.all([new Response(this.process.stdout).text(), this.#listen()]);
    const { code } = await this.process.status;
    return { code, stdout, stderr: this.stderr };
  }

  async #listen(): Promise<void> {
    for await (const text of this.process.stderr.pipeThrough(new TextDecoderStream())) {
      this.stderr += text;
    }
  }
}

const NAMES = Array.from({ length: 8 }, (_, i) => `task-${i}`);

async function enterWork() {
  return await enterFolder({
    "work.ts": WORK,
    "list.ndjson": NAMES.map((name) => `"${name}"\n`).join(""),
  });
}

function begun(): string[] {
  return Array.from(Deno.readDirSync("."), ({ name }) => name)
    .filter((name) => name.endsWith(".begun")).map((name) => name.slice(0, -6)).sort();
}

async function jobFolder(): Promise<string> {
  return `${Deno.cwd()}/${STORE}/${(await listJobs()).at(-1)}`;
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("a job that nohup started outlives its terminal", onLinux, async () => {
  await using _folder = await enterWork();
  const args = ["map", "work.ts#untilTold", "list.ndjson", "--workers", "2", "-q"];
  const process = new Deno.Command("nohup", {
    args: [Deno.execPath(), "run", "-A", "--no-check", CLI, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  try {
    await until(() => begun().length >= 2, "two tasks begin");
    process.kill("SIGHUP");
    process.kill("SIGHUP");
    Deno.writeTextFileSync("go", "");
    const { code } = await within(process.status, "the end");
    hasEnded = true;
    assertEquals([code, begun()], [0, NAMES]);
  } finally {
    if (!hasEnded) process.kill("SIGTERM");
  }
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} lets running tasks finish, and resume runs the rest`, async () => {
    await using _folder = await enterWork();
    await using running = await Running.start("untilTold");
    await running.stop(signal);
    Deno.writeTextFileSync("go", "");
    const { code, stdout } = await running.end;
    assertEquals(code, 130);
    const finished = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(finished.sort(), begun());
    const folder = await jobFolder();
    assertEquals(recordOf(folder).state, "canceled");
    await running.mark.untilGone();
    assertEquals((await cli(["resume", "--env", "TEST_MARK=x"])).code, 0);
    assertResults(folder, NAMES);
  });

  Deno.test(`a second ${signal} ends running tasks, and charges none of them`, async () => {
    await using _folder = await enterWork();
    await using running = await Running.start("forEver");
    await running.stop(signal);
    running.process.kill(signal);
    const { code, stdout } = await running.end;
    assertEquals([code, stdout], [130, ""]);
    assertEquals(readEvents(await jobFolder()), []);
    assertEquals(recordOf(await jobFolder()).state, "canceled");
    await running.mark.untilGone();
  });
}

Deno.test("with --progress json, all that the command says when it is stopped is JSON", async () => {
  await using _folder = await enterWork();
  await using running = await Running.start("forEver", "--progress", "json", "--grace", "0.2s");
  await running.stop("SIGINT");
  const said = (await running.end).stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  const message = said.find(({ type }) => type === "message");
  assertEquals(message, { type: "message", text: STOPPING });
});

Deno.test("running tasks are ended after the grace period", async () => {
  await using _folder = await enterWork();
  await using running = await Running.start("forEver", "--grace", "0.2s");
  await running.stop("SIGINT");
  assertEquals((await running.end).code, 130);
  assertEquals(readEvents(await jobFolder()), []);
  await running.mark.untilGone();
});

for (const method of ["forEver", "busyForEver", "withChild"]) {
  Deno.test(`no process outlives a controller that is killed: ${method}`, async () => {
    await using _folder = await enterWork();
    await using running = await Running.start(method);
    assert(running.mark.pids().length >= 2);
    running.process.kill("SIGKILL");
    await running.process.status;
    await running.mark.untilGone();
  });
}

Deno.test("halt starts no more tasks after a number of failures", async (t) => {
  const cases: [
    halt: string,
    list: number | Iterable<number>,
    fails: (x: number) => unknown,
    failed: number,
    most: number,
  ][] = [
    ["1", 100, (x) => x % 10 === 4 ? { ERROR: "no" } : x, 1, 5],
    ["3", 100, (x) => x % 10 === 4 ? { ERROR: "no" } : x, 3, 25],
    ["5%", 100, (x) => x % 2 ? { ERROR: "no" } : x, 5, 10],
    // A percentage of a list of unknown length counts from its hundredth task.
    ["50%", new Set(Array(300).keys()), (x) => x % 4 ? { ERROR: "no" } : x, 75, 100],
  ];
  for (const [halt, argsList, fn, failed, most] of cases) {
    await t.step(`${halt} of ${typeof argsList === "number" ? argsList : "a list"}`, async () => {
      await using _folder = await enterFolder();
      const quiet = { suppress: ["no more tasks are started"] };
      const summary = await runJob({ fn, argsList, halt, engine: "inline", ...quiet });
      assertEquals([summary.failed, summary.succeeded + summary.failed], [failed, most]);
      assertEquals(summary.isInterrupted, false);
      assertEquals(recordOf(summary.paths.folder).state, "canceled");
      assertEquals(readEvents(summary.paths.folder).length, most);
    });
  }
});

Deno.test("halt does not count failures of earlier runs", async () => {
  await using _folder = await enterFolder();
  const fn = (x: number) => x % 10 === 4 ? { ERROR: "no" } : x;
  const quiet = { suppress: ["no more tasks are started"] };
  const { paths, failed } = await runJob({
    fn,
    argsList: 40,
    halt: "2",
    engine: "inline",
    ...quiet,
  });
  assertEquals(failed, 2);
  const again = await resumeJob(paths.folder);
  assertEquals([again.failed, again.canceled], [4, 5]);
  const last = await resumeJob(paths.folder);
  assertEquals([last.total, last.succeeded, last.failed], [40, 36, 4]);
});

Deno.test("halt lets running tasks finish, reports it and exits with 1; resume runs the rest", async () => {
  await using _folder = await enterFolder({
    "work.ts": `export const task = async (x) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      try {
        Deno.statSync("mended");
      } catch {
        if (x === 3) throw new Error("three");
      }
      return x;
    };\n`,
  });
  const input = Array.from({ length: 80 }, (_, x) => `${x}\n`).join("");
  await Deno.writeTextFile("list.ndjson", input);
  const { code, stderr } = await cli(["map", "work.ts", "list.ndjson", "--halt", "1"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "1 task has failed: no more tasks are started\n");
  const events = readEvents(await jobFolder());
  assertLess(events.length, 80);
  assertEquals(events.filter(({ type }) => type === "failed").map(({ id }) => id), [3]);
  Deno.writeTextFileSync("mended", "");
  const retried = await cli(["retry", "--json"]);
  const { total, succeeded } = JSON.parse(retried.stdout);
  assertEquals([retried.code, total, succeeded], [0, 80, 80]);
});

Deno.test("a stop takes effect while the controller waits for the list", async (t) => {
  for (const engine of ["local", "inline"]) {
    await t.step(engine, async () => {
      await using _folder = await enterWork();
      const process = startCli(["map", "work.ts#untilTold", "-", "--engine", engine]);
      const writer = process.stdin.getWriter();
      await writer.write(new TextEncoder().encode('"task-0"\n'));
      Deno.writeTextFileSync("go", "");
      const reader = process.stdout.getReader();
      await reader.read();
      process.kill("SIGINT");
      const { code } = await within(process.status, "the end, though stdin is open");
      assertEquals(code, 130);
      await reader.cancel();
      await process.stderr.cancel();
      await writer.close().catch(() => {});
      assertEquals(readLines(`${await jobFolder()}/tasks.ndjson`).length, 1);
    });
  }
});
