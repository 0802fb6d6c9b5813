import { listJobs } from "../../lib/job_dir/find.ts";
import { JobLock } from "../../lib/job_dir/lock.ts";
import { readRunning } from "../../lib/job_dir/running_tasks.ts";
import { makeReport } from "../../lib/web/report.ts";
import { until, within } from "../../tools/support/until.ts";
import { assertEquals, assertLess, assertMatch } from "../support/assert.ts";
import { startCli } from "../support/jobs.ts";
import { serve, test } from "./page_rig.ts";

const MODULE = `
export async function task({ tile }, ctx) {
  ctx.progress(0.5, "half of " + tile);
  while (!await Deno.stat("free").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
`;

test("the page shows the running tasks with their workers, memory and progress", async (page) => {
  await Deno.writeTextFile("tiles.ts", MODULE);
  await Deno.writeTextFile("list.ndjson", '{"tile":"a"}\n{"tile":"b"}\n');
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--workers", "2", "--no-log"]);
  await using server = await serve(page);
  await page.goto(server.address);
  const row = page.getByRole("region", { name: "Table of running tasks" })
    .getByRole("row", { name: "task 1" });
  await row.getByText('{"tile":"b"}').waitFor();
  await row.getByText("50 % half of b").waitFor();
  const cells = () => row.getByRole("cell").allInnerTexts();
  await until(async () => / s$/.test((await cells())[0]!), "the task runs for a second");
  await until(async () => /MB$/.test((await cells())[3]!), "its memory is known");
  assertEquals(await page.title(), "0 %: tiles.task, dl_jobs");
  await row.getByRole("button", { name: "task 1" }).click();
  const dialog = page.getByRole("dialog", { name: "Task 1" });
  await dialog.getByText("The task has not finished.").waitFor();
  await Deno.writeTextFile("free", "");
  await within(job.output(), "the job ends");
  await dialog.getByText(/^Attempt 1: succeeded/).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("h1 + .state.succeeded").waitFor();
  await row.waitFor({ state: "hidden" });
});

/** Creates the folder of a job of which one of four tasks has ended. */
async function makeJob(started: number, more: object = {}): Promise<string> {
  const id = "20261124T020000-000000", folder = `.dl_jobs/${id}`;
  const record = {
    id,
    name: "tiles.mean",
    function: { module: "file:///tiles.ts", method: "mean" },
    engine: "local",
    options: {},
    length: 4,
    started: new Date(started).toISOString(),
    ...more,
  };
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/job.json`, JSON.stringify(record));
  await Deno.writeTextFile(
    `${folder}/events.ndjson`,
    `{"journal":2,"job":"${id}"}\n{"id":0,"ms":1000,"result":1}\n`,
  );
  await addSpan(folder, "0", started);
  return folder;
}

async function addSpan(folder: string, worker: string, from: number): Promise<void> {
  const span = { worker, from, to: from + 1000, id: 0, count: 1 };
  await Deno.writeTextFile(`${folder}/spans.ndjson`, `${JSON.stringify(span)}\n`, { append: true });
}

test("a job that waits for an answer after its canary has its name in the list, and no end", async (page) => {
  const started = Date.now() - 5000, asked = new Date(started + 3_600_000).toISOString();
  const folder = await makeJob(started, { asked });
  using _lock = await JobLock.take(folder);
  await using server = await serve(page);
  await page.goto(server.address);
  await page.locator("h1 + .state", { hasText: "waiting for an answer" }).waitFor();
  const item = page.getByRole("listitem").filter({ hasText: "1 of 4" });
  const boxes = await Promise.all(
    [item, item.locator(".name"), item.locator(".state")].map((part) => part.boundingBox()),
  );
  const [whole, name, state] = boxes.map((box) => box!);
  assertLess(60, name!.width);
  assertLess(state!.x + state!.width, whole!.x + whole!.width);
  assertEquals(await page.locator(".figure", { hasText: "pending" }).count(), 1);
  assertEquals(await page.locator(".figure", { hasText: /left|per second/ }).count(), 0);
});

test("the machines of a job on Kubernetes are pods", async (page) => {
  const folder = await makeJob(Date.now() - 5000, { engine: "kubernetes" });
  const hosts = ["there", "new"].map((state, i) => ({
    name: `p${i}`,
    state,
    workers: 1,
    tasks: 0,
  }));
  await Deno.mkdir(`${folder}/kubernetes`);
  await Deno.writeTextFile(`${folder}/kubernetes/hosts.json`, JSON.stringify(hosts));
  using _lock = await JobLock.take(folder);
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByText("1 of 2 pods").waitFor();
});

test("the timeline of another run has the names of its workers", async (page) => {
  await page.addInitScript(`{
    const { prototype } = CanvasRenderingContext2D, { fillText } = prototype;
    globalThis.drawn = [];
    prototype.fillText = function (text, ...rest) {
      globalThis.drawn.push(text);
      return fillText.call(this, text, ...rest);
    };
  }`);
  const started = Date.now() - 600_000, folder = await makeJob(started);
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByRole("img", { name: "Timeline of 1 worker" }).waitFor();
  await addSpan(folder, "lab7:0", started + 300_000);
  await until(() => page.evaluate(`drawn.includes("lab7:0")`), "the new name is drawn");
});

test("times are those of the server, whose clock may differ", async (page) => {
  // The browser of another machine is ten minutes behind.
  await page.clock.install({ time: Date.now() - 600_000 });
  await Deno.writeTextFile(
    "tiles.ts",
    MODULE.replace("ctx) {", 'ctx) { if (tile === "a") return;'),
  );
  await Deno.writeTextFile("list.ndjson", '{"tile":"a"}\n{"tile":"b"}\n');
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--workers", "2", "--no-log"]);
  await using server = await serve(page);
  await page.goto(server.address);
  const cell = page.getByRole("region", { name: "Table of running tasks" })
    .getByRole("row", { name: "task 1" }).getByRole("cell").first();
  await until(async () => /^\d+(\.\d+)? s$/.test(await cell.innerText()), "it runs for seconds");
  await Deno.writeTextFile("free", "");
  await within(job.output(), "the job ends");
  await page.locator("h1 + .state.succeeded").waitFor();
});

test("a report of a running job shows the times of its creation, and arguments", async (page) => {
  await Deno.writeTextFile("tiles.ts", MODULE);
  await Deno.writeTextFile("list.ndjson", '{"tile":"a"}\n');
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--no-log"]);
  const [id] = await until(runningLong, "its task runs for a second");
  await Deno.writeTextFile("report.html", await makeReport(`.dl_jobs/${id}`));
  await Deno.writeTextFile("free", "");
  await within(job.output(), "the job ends");
  await page.clock.install({ time: Date.now() + 3_600_000 });
  await page.goto(`file://${Deno.cwd()}/report.html`);
  const row = page.getByRole("region", { name: "Table of running tasks" })
    .getByRole("row", { name: "task 0" });
  await row.getByText('{"tile":"a"}').waitFor();
  assertMatch(await row.getByRole("cell").first().innerText(), /^\d+(\.\d+)? s$/);
});

test("a connection that hangs is reported, and opened again", async (page) => {
  await page.clock.install();
  const server = startCli(["ui"]);
  try {
    const reader = server.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("Ctrl-C")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The server has ended: ${said}`);
      said += value;
    }
    await page.goto(/http:\S+/.exec(said)![0]);
    await page.getByText("There are no jobs in this folder yet").waitFor();
    server.kill("SIGSTOP");
    await page.clock.fastForward(60_000);
    await page.getByText("Not connected").waitFor();
    server.kill("SIGCONT");
    await page.getByText("Not connected").waitFor({ state: "hidden" });
    await page.close();
    await reader.cancel();
  } finally {
    server.kill("SIGKILL");
    await Promise.all([server.stdout.cancel(), server.status]);
  }
});

/** Returns the jobs with tasks that run for longer than a second. */
function runningLong(): string[] | undefined {
  const ids = listJobs(Deno.cwd()).filter((id) => readRunning(`.dl_jobs/${id}`));
  return ids.length > 0 ? ids : undefined;
}
