import { listJobs } from "../../lib/job_dir/find.ts";
import { figure } from "../../tools/support/browser.ts";
import { until, within } from "../../tools/support/until.ts";
import { assertEquals, assertLess, assertStringIncludes } from "../support/assert.ts";
import { runJob, startCli } from "../support/jobs.ts";
import { firstState, runModule, serve, show, STREAM, test } from "./page_rig.ts";

const MODULE = `
export async function task({ n }) {
  if (n === 7) await new Promise((resolve) => setTimeout(resolve, 300));
  if (n % 10 === 3) throw new RangeError("Cannot read a tile");
  return { n, half: n / 2, text: n % 2 ? "=odd" : "even, \\"e\\"" };
}
`;

test("all tasks of a job are listed, found by state, text and duration, and sorted", async (page) => {
  await runModule(MODULE, { count: 200 });
  await using server = await serve(page);
  await page.goto(server.address);
  const search = async () => {
    await show(page, "tasks");
    await page.getByText("200 tasks", { exact: true }).waitFor();
    await page.getByLabel("Arguments contain").fill("TILE_13");
    await page.getByText("11 of 200 tasks").waitFor();
  };
  await search();
  await page.getByLabel("State", { exact: true }).last().selectOption("failed");
  await page.getByText("2 of 200 tasks").waitFor();
  assertEquals(await page.locator(".all .row").first().innerText().then(words), [
    "13",
    "failed",
    '{"tile":"tile_13","n":13}',
    "Cannot read a tile",
  ]);
  assertStringIncludes(page.url(), "/tasks?text=TILE_13&state=failed");
  await page.reload();
  await page.getByText("2 of 200 tasks").waitFor();
  assertEquals(await page.getByLabel("Arguments contain").inputValue(), "TILE_13");
  await search();
  await search();
  await page.getByLabel("State", { exact: true }).last().selectOption("failed");
  await page.getByText("2 of 200 tasks").waitFor();
  await page.getByLabel("Arguments contain").fill("");
  await page.getByText("20 of 200 tasks").waitFor();
  await page.getByLabel("State", { exact: true }).last().selectOption("all");
  await page.getByRole("button", { name: "time" }).click();
  await page.getByRole("row").nth(1).getByText("tile_7").waitFor();
  await page.getByLabel("Took at least").fill("0.2 s");
  await page.getByText("1 of 200 tasks").waitFor();
  await page.getByLabel("Arguments contain").fill("no such tile");
  const found = page.getByText("0 of 200 tasks");
  await found.waitFor();
  const { y, height } = (await found.boundingBox())!;
  assertLess(y + height, page.viewportSize()!.height);
  // Two fields that change at the same time both count.
  await page.getByLabel("Arguments contain").fill("");
  await page.getByLabel("Took at least").fill("2 parsecs");
  await page.locator("[aria-invalid=true]").waitFor();
  await page.getByText("200 tasks", { exact: true }).waitFor();
});

test("the list of tasks shows failures beside long arguments", async (page) => {
  const { id } = await runJob({
    fn: (_path: string) => {
      throw new Error("Cannot read");
    },
    argsList: ["/data".repeat(60)],
    name: "long",
  });
  await using server = await serve(page);
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 740 });
    await page.goto("about:blank");
    await page.goto(`${server.address}#${id}/tasks`);
    const boxOf = async (text: string) => (await page.getByText(text).boundingBox())!;
    const args = await boxOf('"/data'), failure = await boxOf("Cannot read");
    assertLess(args.x + args.width, failure.x);
    assertLess(60, failure.width);
    assertLess(failure.x + failure.width, width - 20);
  }
});

test("the list of tasks finds those that a service has limited too often", async (page) => {
  await Deno.writeTextFile(
    "tiles.ts",
    `import { RateLimited } from "dl_jobs";
    export function task(x) {
      throw x === "1" ? new RateLimited(0.001) : new Error("no");
    }`,
  );
  const args = ["map", "tiles.ts", "--retry", "limited=1", "--no-log", ":::", "0", "1"];
  await startCli(args).output();
  await using server = await serve(page);
  await page.goto(server.address);
  await show(page, "tasks");
  await page.getByText("2 tasks", { exact: true }).waitFor();
  await page.getByLabel("State", { exact: true }).last().selectOption("failed: limited");
  await page.getByText("1 of 2 tasks").waitFor();
  assertEquals(await page.locator(".all .row").first().innerText().then(words), [
    ...["1", "limited", '"1"'],
    "the service limits requests",
  ]);
});

/** Splits the text of a row at the gaps between its cells. */
function words(text: string): string[] {
  return text.split(/\s*\n\s*/).filter((word) => word !== "" && !/^[\d.]+ ms$/.test(word));
}

test("a link leads to a job, a view, a filter and a task, and the browser goes back", async (page) => {
  await runModule(MODULE, { count: 30 });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.locator(".figure").filter({ hasText: "failed" }).getByRole("link").click();
  await page.getByText("3 of 30 tasks").waitFor();
  await page.locator(".all .row").nth(1).click();
  const dialog = page.getByRole("dialog", { name: "Task 13" });
  await dialog.getByText(/^dl_jobs replay \S+ 13$/).waitFor();
  const address = page.url();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.goto("about:blank");
  await page.goto(address);
  await dialog.waitFor();
  await page.getByText("3 of 30 tasks").waitFor();
  await page.goto(address.replace(/\?.*/, ""));
  await page.getByText("30 tasks", { exact: true }).waitFor();
  await page.goBack();
  await dialog.waitFor();
  assertEquals(await page.title(), "failed: tiles.task, dl_jobs");
});

test("the results are sorted by a column, and saved as CSV", async (page) => {
  await runModule(MODULE, { count: 12 });
  await using server = await serve(page);
  await page.goto(server.address);
  await show(page, "results");
  const first = () => page.getByRole("row").nth(1).innerText();
  await page.getByRole("button", { name: "n", exact: true }).click();
  await page.getByRole("columnheader", { name: "n ↑" }).waitFor();
  assertStringIncludes(await first(), "task 0");
  await page.getByRole("button", { name: "n ↑" }).click();
  await page.getByRole("columnheader", { name: "n ↓" }).waitFor();
  assertStringIncludes(await first(), "task 11");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const csv = await Deno.readTextFile(await download.path());
  assertEquals(csv.split("\n").slice(0, 3), [
    "task,n,half,text",
    "11,11,5.5,'=odd",
    '10,10,5,"even, ""e"""',
  ]);
  await show(page, "tasks");
  const [tasks] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download as CSV" }).click(),
  ]);
  assertEquals((await Deno.readTextFile(await tasks.path())).split("\n").length, 14);
});

test("results are sorted by their own column task, or by the ids of tasks", async (page) => {
  const fn = (x: number) => ({ task: (x * 2) % 3 });
  const { id } = await runJob({ fn, argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}/results`);
  const heads = page.getByRole("columnheader");
  const ids = () => page.getByRole("rowheader").allInnerTexts();
  await heads.nth(1).getByRole("button").click();
  await heads.nth(1).getByText("task ↑").waitFor();
  assertEquals(await ids(), ["task 0", "task 2", "task 1"]);
  await heads.nth(0).getByRole("button").click();
  await heads.nth(1).getByText("task", { exact: true }).waitFor();
  assertEquals(await ids(), ["task 0", "task 1", "task 2"]);
  await heads.nth(0).getByRole("button").click();
  await heads.nth(0).getByText("task ↓").waitFor();
  assertEquals(await ids(), ["task 2", "task 1", "task 0"]);
});

test("results and differences are complete when the journal is read", async (page) => {
  for (let i = 0; i < 2; i++) await runModule(MODULE, { count: 20 });
  const [other, job] = listJobs();
  await using server = await serve(page);
  const readInPart = () =>
    page.route(STREAM, async (route) => {
      const state = await firstState(route.request());
      const body = state.replace('"read":1,', '"read":0.5,');
      await route.fulfill({ contentType: "text/event-stream", body });
    }, { times: 1 });
  await readInPart();
  const part = { rows: [{ id: 5, result: { n: 5 } }], of: 1 };
  await page.route("**/results", (route) => route.fulfill({ json: part }), { times: 1 });
  await page.goto(`${server.address}#${job}/results`);
  await page.getByRole("row").nth(1).getByText("task 5").waitFor();
  await page.getByRole("row").nth(18).waitFor();
  await page.goto("about:blank");
  await readInPart();
  await page.route("**/compare?*", async (route) => {
    const json = await (await fetch(route.request().url())).json();
    await route.fulfill({ json: { ...json, worse: { count: 1, ids: [5] } } });
  }, { times: 1 });
  await page.goto(`${server.address}#${job}/compare?with=${other}`);
  await page.getByText("Succeeded there, failed here: 1 task").waitFor();
  await page.getByText("Succeeded there, failed here: 0 tasks").waitFor();
});

test("two jobs are compared", async (page) => {
  await runModule(MODULE, { count: 20 });
  await runModule(MODULE.replace("=== 3", "=== 4"), { count: 20 });
  await using server = await serve(page);
  await page.goto(server.address);
  await show(page, "compare");
  await page.getByLabel("Job to compare with").selectOption({ index: 1 });
  await page.getByText("Failed there, succeeded here: 2 tasks").waitFor();
  const hidden = await page.getByRole("region", { name: "Figures of both jobs" })
    .evaluate((box) => box.scrollHeight - box.clientHeight);
  assertEquals(hidden, 0);
  assertEquals(await page.locator("section section li").allInnerTexts(), [
    "task 3",
    "task 13",
    "task 4",
    "task 14",
  ]);
  const succeeded = await page.getByRole("row", { name: "succeeded" }).getByRole("cell")
    .allInnerTexts();
  assertEquals([succeeded, await figure(page, "succeeded")], [["18", "18"], 18]);
  await page.reload();
  await page.getByText("Succeeded there, failed here: 2 tasks").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  const outside = await page.getByRole("region", { name: "Figures of both jobs" })
    .evaluate((box) => box.scrollWidth - box.clientWidth);
  assertEquals(outside, 0);
  // The other job runs again.
  await Deno.writeTextFile("tiles.ts", "export function task() {}");
  await Deno.remove("task.ndjson");
  await startCli(["retry", listJobs()[0]!]).output();
  await page.getByText("Failed there, succeeded here: 0 tasks").waitFor();
});

test("an answer that takes longer than the time between two requests is shown", async (page) => {
  await runModule(MODULE, { count: 2 });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByRole("heading", { level: 1 }).waitFor();
  let asked = 0;
  const second = Promise.withResolvers<void>();
  await page.route("**/tasks?*", async (route) => {
    if (++asked > 1) return second.resolve();
    await second.promise;
    await route.continue();
  });
  await show(page, "tasks");
  await page.getByRole("row", { name: "tile_1" }).waitFor();
  await page.unrouteAll();
});

test("each view says that its data are on the way", async (page) => {
  await runModule(MODULE, { count: 2 });
  await runModule(MODULE, { count: 2 });
  const [other, job] = listJobs();
  await using server = await serve(page);
  const free = Promise.withResolvers<void>();
  await page.route(/\/(results|logs|compare|task\/1)(\?|$)/, async (route) => {
    await free.promise;
    await route.continue();
  });
  await page.goto(`${server.address}#${job}/results`);
  await page.getByText("Reading the results…").waitFor();
  await show(page, "logs");
  await page.getByText("Reading the log…").waitFor();
  await page.goto(`${server.address}#${job}/compare?with=${other}&task=1`);
  await page.getByText("Reading the task…").waitFor();
  await page.getByText("Reading the other job…").waitFor();
  free.resolve();
  await page.getByText("Attempt 1: succeeded").waitFor();
  await until(async () => await page.getByText("Reading").count() === 0, "all data are there");
});

test("a server that answers again is asked again, and its missing answers are dropped", async (page) => {
  await runModule(MODULE, { count: 20 });
  await runModule(MODULE, { count: 20 });
  await using server = await serve(page);
  // The browser logs each request that fails.
  await page.addInitScript(`{
    const { fetch } = globalThis;
    globalThis.fetch = (...args) => globalThis.isDown ? Promise.reject(new Error()) : fetch(...args);
  }`);
  await page.goto(server.address);
  const [other, job] = listJobs(Deno.cwd());
  await show(page, "compare");
  await page.evaluate("globalThis.isDown = true");
  await page.getByLabel("Job to compare with").selectOption(other!);
  const missing = page.getByText("Cannot reach the server");
  await missing.waitFor();
  await page.evaluate(`location.hash = "#${job}?task=3"`);
  await page.getByRole("dialog").getByText("Cannot reach the server").waitFor();
  await page.evaluate("globalThis.isDown = false");
  await page.getByRole("dialog").getByText("Attempt 1: failed").waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate("globalThis.isDown = true");
  await page.getByRole("button", { name: "Retry failed" }).click();
  await missing.waitFor();
  await show(page, "compare");
  await page.getByLabel("Job to compare with").selectOption(other!);
  await missing.nth(1).waitFor();
  await page.evaluate("globalThis.isDown = false");
  await page.getByRole("region", { name: "Figures of both jobs" }).waitFor();
  // The state of the job after an end of the connection is that of a server that answers.
  await startCli(["retry", job!]).output();
  await missing.waitFor({ state: "hidden" });
});

test("a link to a task or a job that does not exist says so", async (page) => {
  await runModule(MODULE, { count: 2 });
  await using server = await serve(page);
  const [id] = listJobs(Deno.cwd());
  await page.goto(`${server.address}#${id}/tasks?task=7`);
  const dialog = page.getByRole("dialog", { name: "Task 7" });
  await dialog.getByText("The list of this job has no such task").waitFor();
  assertEquals(await dialog.getByText("dl_jobs replay").count(), 0);
  // The browser logs each answer that is an error.
  await page.route(
    "**/compare?with=gone",
    (route) => route.fulfill({ status: 200, body: "Cannot find job" }),
  );
  await page.goto(`${server.address}#${id}/compare?with=gone`);
  await page.getByText(/is not valid JSON/).waitFor();
});

test("the log is searched", async (page) => {
  await runModule(
    `export function task({ n }) { console.log("reading", n, n % 5 ? "ok" : 'a "Bad" one'); }`,
    { count: 40 },
  );
  await using server = await serve(page);
  await page.goto(server.address);
  await show(page, "logs");
  const lines = page.getByRole("log").locator("code");
  await lines.nth(39).waitFor();
  await page.getByLabel("Lines contain").fill('"bad"');
  await page.getByRole("log").getByText('reading 35 a "Bad" one').waitFor();
  await lines.nth(8).waitFor({ state: "hidden" });
  assertEquals(await lines.count(), 8);
  await page.getByLabel("Lines contain").fill("nothing like it");
  await page.getByText("No line contains the text.").waitFor();
});

test("jobs are found by name, state and time", async (page) => {
  const module = `${MODULE} export { task as smallOne, task as otherOne };`;
  await runModule(module, { count: 3, method: "smallOne" });
  await runModule(module, { count: 5, method: "otherOne" });
  await using server = await serve(page);
  await page.goto(server.address);
  const jobs = page.getByRole("navigation", { name: "Jobs" });
  const names = () => jobs.getByRole("listitem").locator(".name").allInnerTexts();
  await jobs.getByRole("listitem").nth(1).waitFor();
  assertEquals(await names(), ["tiles.otherOne", "tiles.smallOne"]);
  await jobs.getByLabel("Find jobs").fill("ONE tiles.small");
  await jobs.getByText("1 of 2").waitFor();
  assertEquals(await names(), ["tiles.smallOne"]);
  await jobs.getByLabel("Find jobs").fill("");
  await jobs.getByLabel("State").selectOption("failed");
  await jobs.getByText("1 of 2").waitFor();
  assertEquals(await names(), ["tiles.otherOne"]);
  await jobs.getByLabel("Started").selectOption("last hour");
  assertEquals(await names(), ["tiles.otherOne"]);
});

const WAITING = `
export async function task({ n }) {
  while (!await Deno.stat("free" + n).catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
`;

test("a filter holds while the job changes", async (page) => {
  await Deno.writeTextFile("tiles.ts", WAITING);
  await Deno.writeTextFile("list.ndjson", '{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n');
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--workers", "4", "--no-log"]);
  await page.clock.install();
  await using server = await serve(page);
  await page.goto(server.address);
  await show(page, "tasks");
  await page.getByText("4 tasks", { exact: true }).waitFor();
  await Deno.writeTextFile("free0", "");
  await page.locator(".all .row").first().getByText("succeeded").waitFor();
  await Deno.writeTextFile("free1", "");
  await until(async () => (await page.title()).startsWith("50 %"), "two tasks have ended");
  const asked: (string | null)[] = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith("/tasks")) asked.push(searchParams.get("text"));
  });
  await page.getByLabel("Arguments contain").fill('"n":3');
  await page.getByText("1 of 4 tasks").waitFor();
  // The rows are fetched again at most this long after a change.
  await page.clock.fastForward(2000);
  const filtered = () => asked.slice(asked.findIndex((text) => text !== null));
  await until(() => filtered().length > 1, "the rows are fetched again");
  assertEquals(new Set(filtered()), new Set(['"n":3']));
  assertEquals(await page.locator(".all .row").count(), 1);
  for (const n of [2, 3]) await Deno.writeTextFile(`free${n}`, "");
  await within(job.output(), "the job ends");
});
