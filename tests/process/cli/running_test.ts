/**
 * The running tasks in `dl_jobs status`, and the memory of tasks.
 *
 * @module
 */

import { until } from "../../../tools/support/until.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "../../support/assert.ts";
import { command, dlJobs, makeProject } from "./commands.ts";

const HOLD = `
import { ctx } from "dl_jobs";
export async function hold(x: number, ctx: { progress(part: number, text: string): void }) {
  ctx.progress(0.5, "holding");
  const code = "import sys; data = bytearray(300_000_000); sys.stdin.read()";
  const child = new Deno.Command("python3", { args: ["-c", code], stdin: "piped" }).spawn();
  while (await Deno.stat("stop").catch(() => undefined) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await child.stdin.close();
  await child.status;
  return x;
}
`.replace(/^import.*\n/m, "");

/** The part of a status that is tested. */
interface Running {
  readonly at: number;
  readonly tasks: readonly Record<string, unknown>[];
}

Deno.test("dl_jobs status lists running tasks, and query their memory", async () => {
  await using folder = await makeProject({ "hold.ts": HOLD });
  const cwd = folder.path;
  const job = command("map hold.ts#hold - -q --workers 1 --output out.ndjson", { cwd }, "piped");
  const writer = job.stdin.getWriter();
  await writer.write(new TextEncoder().encode("7\n"));
  await writer.close();
  const running = await until(async () => {
    const { out, code } = await dlJobs("status --json", { cwd });
    const running: Running | undefined = code === 0 ? JSON.parse(out).running : undefined;
    return Number(running?.tasks[0]?.memory) > 300e6 ? running : undefined;
  }, "the task holds its memory");
  const [{ since, pid, memory: _, cpu, ...task } = {}] = running.tasks;
  assertEquals(task, {
    ...{ id: 0, attempt: 1, worker: "0", args: "7" },
    progress: { id: 0, attempt: 1, type: "progress", fraction: 0.5, text: "holding" },
  });
  assert(Number(since) <= running.at - 1000 && Number(pid) > 0 && Number(cpu) > 0);
  const text = (await dlJobs("status", { cwd })).out;
  assertMatch(text, /^running tasks, as of .*\ntask +for +usually +worker +memory +cpu +progress/m);
  assertMatch(
    text,
    /^ *0 +(?:\d+ min )?[\d.]+ s +0 \(pid \d+\) +\d+ MB +[\d.]+ m?s +50 % \(holding\) +7$/m,
  );
  await Deno.writeTextFile(`${cwd}/stop`, "");
  await job.status;
  const rows =
    (await dlJobs(["query", "select memory from tasks", "--format", "ndjson"], { cwd })).out;
  const [journal] = [...Deno.readDirSync(`${cwd}/.dl_jobs`)].filter(({ name }) => /^\d/.test(name));
  const events = Deno.readTextFileSync(`${cwd}/.dl_jobs/${journal!.name}/events.ndjson`);
  const { memory, children } = JSON.parse(/^.*"type":"usage".*$/m.exec(events)![0]);
  assertEquals(rows, `{"memory":${memory}}\n`);
  assertAlmostEquals(children, 300e6, 30e6);
  assert(memory > children, String(memory));
  assertEquals(JSON.parse((await dlJobs("status --json", { cwd })).out).running, undefined);
});
