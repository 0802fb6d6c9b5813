import { jobIds } from "../../../lib/job_dir/find.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import type { TaskContext } from "../../../mod.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import {
  bare,
  cli,
  endOf,
  enterFolder,
  eventLines,
  readEvents,
  readLines,
  readLogs,
  runJob,
  startCli,
} from "../../support/jobs.ts";

/** Tasks that count to a number, and report where they began and ended. */
const WORK = `
  const exists = (path) => { try { return Deno.statSync(path) && true; } catch { return false; } };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export async function counts(most, ctx) {
    let n = ctx.checkpoint.last ?? 0;
    const first = n;
    try {
      while (n < most && !exists("enough")) {
        ctx.signal.throwIfAborted();
        await wait(10);
        ctx.checkpoint.save(++n);
        ctx.progress(n / most, "step " + n);
      }
      return first > 0 ? "continued" : "whole";
    } finally {
      ctx.log("left", { n });
    }
  }
  export async function plain(x) {
    try {
      await wait(3_600_000);
    } finally {
      Deno.writeTextFileSync("left.txt", "");
    }
  }
  export async function ends(x, { signal }) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return signal.reason.name;
  }
  export function busy(x, ctx) {
    for (;;);
  }
`;

/** Starts a job of one task that counts, and waits until it has saved a checkpoint. */
async function startCounting(most: number, ...flags: readonly string[]) {
  await Deno.writeTextFile("list.ndjson", `${most}\n`);
  const process = startCli(["map", "work.js#counts", "list.ndjson", "--quiet", ...flags]);
  const end = endOf(process);
  const folder = await until(jobFolder, "the job begins");
  await until(() => savedIn(folder).length > 1, "two checkpoints are saved");
  return { process, end, folder };
}

function jobFolder(): string | undefined {
  const [job] = jobIds();
  return job && exists(`.dl_jobs/${job}/events.ndjson`) ? `.dl_jobs/${job}` : undefined;
}

/** Returns the checkpoints in a journal that may grow. */
function savedIn(folder: string): number[] {
  const lines = readLines(`${folder}/events.ndjson`).filter((line) => line.includes("checkpoint"));
  return lines.map((line) => JSON.parse(line).value);
}

Deno.test("status shows the progress of a task that runs", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const { process, end } = await startCounting(1e9, "--workers", "1");
  const { stdout } = await cli(["status", "--json"]);
  const { progress: [task] } = JSON.parse(stdout);
  assertEquals([task.id, task.attempt, task.text.slice(0, 5)], [0, 1, "step "]);
  assert(task.fraction >= 0 && task.fraction < 0.1, `${task.fraction}`);
  assert((await cli(["status"])).stdout.includes("0 % (step "));
  process.kill("SIGKILL");
  await end;
});

Deno.test("a canceled run lets tasks react, and the next run continues from their checkpoints", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const { end, folder } = await startCounting(100_000, "--workers", "1");
  // A cancellation is what a second Ctrl-C is.
  await cli(["cancel"]);
  await within(end, "the command ends");
  const [log] = readLogs(folder);
  assertEquals(savedIn(folder).at(-1), log!.fields!.n);
  assertEquals(readEvents(folder), [], "no attempt is charged");
  await Deno.writeTextFile("enough", "");
  assertEquals((await cli(["resume", "--quiet"])).stdout, '"continued"\n');
});

Deno.test("a task continues after its controller was killed", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const { process, end } = await startCounting(100_000, "--workers", "1");
  process.kill("SIGKILL");
  await end;
  await Deno.writeTextFile("enough", "");
  assertEquals((await cli(["resume", "--quiet"])).stdout, '"continued"\n');
});

Deno.test("a task continues after its worker was killed", async () => {
  await using _folder = await enterFolder();
  const fn = async (_x: number, ctx: TaskContext) => {
    if (!ctx.checkpoint.last) {
      ctx.checkpoint.save({ pid: Deno.pid });
      await new Promise((resolve) => setTimeout(resolve, 50));
      Deno.kill(Deno.pid, "SIGKILL");
    }
    return [ctx.attempt, ctx.checkpoint.last];
  };
  const { paths } = await runJob({ fn, argsList: [7], workers: 1 });
  const [, lost, end] = eventLines(paths.folder).map((line) => JSON.parse(line));
  assertEquals([lost.type, lost.attempt], ["lost", 1]);
  assertEquals(end.result[0], 1, "the attempt is not charged");
  assertEquals(Object.keys(end.result[1]), ["pid"]);
});

Deno.test("retry continues a failed task from its checkpoint", async () => {
  await using _folder = await enterFolder();
  const fn = (_x: number, ctx: TaskContext<unknown, { n: number }>) => {
    const { last } = ctx.checkpoint;
    if (last?.n === 2) return last;
    ctx.checkpoint.save({ n: (last?.n ?? 0) + 1 });
    throw new Error("not yet");
  };
  const { paths } = await runJob({ fn, argsList: [7], name: "again" });
  assertEquals(eventLines(paths.folder).map((line) => JSON.parse(line).type), [
    "checkpoint",
    "failed",
  ]);
  assertEquals((await cli(["retry", "--quiet"])).code, 1);
  // The job saves its results to a file, so retry prints none.
  const { code, stdout } = await cli(["retry", "--quiet"]);
  assertEquals([code, stdout], [0, ""]);
  assertEquals((await cli(["results"])).stdout, '{"n":2}\n');
});

Deno.test("a task that exceeds its time limit fails, whatever it returns then", async (t) => {
  const late = { type: "Timeout", class: "timeout" };
  const cases: [method: string, grace: number, message: string][] = [
    ["ends", 3600, "it ran longer than the timeout of 0.2 s"],
    ["busy", 0.1, "it ran longer than the timeout of 0.2 s and was killed"],
    // A function without a context cannot react.
    ["plain", 3600, "it ran longer than the timeout of 0.2 s and was killed"],
  ];
  for (const [methodName, grace, message] of cases) {
    await t.step(methodName, async () => {
      await using _folder = await enterFolder({ "work.js": WORK });
      const { paths } = await runJob({
        ...{ moduleName: "./work.js", methodName, argsList: [0], timeout: 0.2, grace },
      });
      assertEquals(bare(readEvents(paths.folder)), [
        { id: 0, attempt: 1, type: "failed", error: { message, ...late } },
      ]);
      assertEquals(exists("left.txt"), false);
    });
  }
});

Deno.test("the last checkpoint of a task that returns after its time limit is kept", async () => {
  await using _folder = await enterFolder();
  const fn = async (_x: number, { signal, checkpoint }: TaskContext<unknown, string>) => {
    if (checkpoint.last) return checkpoint.last;
    checkpoint.save("at the start");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    checkpoint.save("at the limit");
    return "late";
  };
  // The second attempt has 30 seconds.
  const options = { timeout: 0.3, maxAttempts: 2, retry: { timeout: "2 x100" }, backoff: 0 };
  const { paths } = await runJob({ fn, argsList: [0], ...options });
  const results = readEvents(paths.folder).flatMap((event) =>
    "result" in event ? event.result : []
  );
  assertEquals(results, ["at the limit"]);
});

Deno.test("a worker whose task ended late runs further tasks", async () => {
  await using _folder = await enterFolder();
  const fn = async (x: number, ctx: TaskContext) => {
    if (x !== 1) return Deno.pid;
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    return "late";
  };
  const { paths } = await runJob({ fn, argsList: [0, 1, 2], workers: 1, timeout: 3 });
  const events = readEvents(paths.folder).toSorted((a, b) => a.id - b.id);
  assertEquals(events.map(({ type }) => type), ["succeeded", "failed", "succeeded"]);
  const pids = events.flatMap((event) => "result" in event ? event.result : []);
  assertEquals(new Set(pids).size, 1);
});
