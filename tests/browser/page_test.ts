import { toFileUrl } from "../../lib/util/paths.ts";
import { makeReport } from "../../lib/web/report.ts";
import { UiServer } from "../../lib/web/server.ts";
import { figure, type Page } from "../../tools/support/browser.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "../support/assert.ts";
import { recordOf, runJob, startCli } from "../support/jobs.ts";
import { firstState, serve, show, STREAM, test } from "./page_rig.ts";

const LONG_NAME = "a_very_long_name_".repeat(5);

/** A module whose tasks wait for a limit, print a line, and fail until a file exists. */
const TILES = `
const limit = () => Deno.readTextFile("limit").then(Number, () => Infinity);
export async function mean(x) {
  while (x >= await limit()) await new Promise((resolve) => setTimeout(resolve, 20));
  console.log("tile", x);
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (x % 10 === 3 && !await Deno.stat("fixed").catch(() => null)) {
    throw new RangeError("Cannot read tile " + x);
  }
  return { x, lon: x / 10, lat: 45 };
}
export const noop = (x) => x;
export async function half(x) {
  if (x > 500_000) await new Promise((resolve) => setTimeout(resolve, 5));
  return x;
}
export function ${LONG_NAME}(x) {
  if (x > 0) throw new Error("a_very_long_word_without_a_blank_".repeat(9) + x);
  return { name: "another_very_long_word_".repeat(9), x };
}
`;

/** Starts a job with a number of tasks in its own process. */
async function startJob(method: string, count: number): Promise<Deno.ChildProcess> {
  await Deno.writeTextFile("tiles.ts", TILES);
  const list = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `tiles.ts#${method}`, "list.ndjson", "--workers", "2", "--no-log"];
  return startCli([...args, "--output", "results.ndjson"]);
}

/** Runs a job until it ends. */
async function runToEnd(method: string, count: number): Promise<void> {
  await (await startJob(method, count)).output();
}

/** Cancels the job, and confirms it. */
async function cancel(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
}

test("the counts of a running job move, it is canceled and resumed, and its failures are retried", async (page) => {
  await using server = await serve(page);
  await Deno.writeTextFile("limit", "50");
  const job = await startJob("mean", 400);
  await page.goto(server.address);
  await page.getByRole("button", { name: "Cancel" }).waitFor();
  for (let seen = 0, limit = 100; limit <= 200; limit += 50) {
    seen = await until(async () => {
      const now = await figure(page, "succeeded");
      return now > seen && now;
    }, "the count moves");
    await Deno.writeTextFile("limit", `${limit}`);
  }
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("h1 + .state", { hasText: "paused" }).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await cancel(page);
  await page.locator("h1 + .state.canceled").waitFor();
  assertEquals((await within(job.output(), "the job ends")).code, 130);
  await Deno.remove("limit");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator("h1 + .state.failed").waitFor();
  assertEquals(await figure(page, "failed"), 40);
  await Deno.writeTextFile("fixed", "");
  await page.getByRole("button", { name: "Retry failed" }).click();
  await page.locator("h1 + .state.succeeded").waitFor();
  assertEquals([await figure(page, "succeeded"), await figure(page, "failed")], [400, 0]);
});

test("a failure opens to its stack and the details of a task", async (page) => {
  await runToEnd("mean", 40);
  await using server = await serve(page);
  await page.goto(server.address);
  // Uses the keyboard only.
  await page.locator("summary").focus();
  await page.keyboard.press("Enter");
  assertStringIncludes(await page.locator(".examples pre").innerText(), "tiles.ts:8");
  await page.locator(".examples li", { hasText: "task 13" }).getByText("13", { exact: true })
    .waitFor();
  await page.locator(".examples").getByRole("button", { name: "task 13" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("tile 13", { exact: true }).waitFor();
  const text = await dialog.innerText();
  for (const part of ["Arguments", "13", "Attempt 1: failed", "RangeError: Cannot read tile 13"]) {
    assertStringIncludes(text, part);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

test("many kinds of failures: the page shows the first ones, then all on request", async (page) => {
  const { id } = await runJob({
    fn: (x: number) => {
      throw new Error(["ash", "bay", "cow", "day", "eel", "fog", "gap"][x]);
    },
    argsList: 7,
    name: "words",
  });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  await page.getByText("7 kinds").waitFor();
  assertEquals(await page.locator("summary").count(), 5);
  await page.getByRole("button", { name: "Show all kinds" }).click();
  await page.locator("summary").nth(6).waitFor();
  assertEquals((await page.locator("summary .message").allInnerTexts()).sort().at(-1), "gap");
});

test("a job that does not exist has a message", async (page) => {
  const { id } = await runJob({ fn: (x: number) => x, argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id.slice(0, -1)}%`);
  await page.getByText("This job no longer exists").waitFor();
  await page.getByRole("link", { name: "tiles" }).click();
  await page.getByRole("heading", { level: 1, name: "tiles" }).waitFor();
});

test("a job that is deleted, or cannot be read, while it is shown has a message", async (page) => {
  const { id } = await runJob({ fn: (x: number) => x, argsList: 3, name: "tiles" });
  const { id: other } = await runJob({ fn: (x: number) => x, argsList: 3, name: "other" });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  await page.getByRole("heading", { level: 1, name: "tiles" }).waitFor();
  await Deno.remove(`.dl_jobs/${id}`, { recursive: true });
  await page.getByText("This job no longer exists").waitFor();
  await until(async () => await page.title() === "dl_jobs", "the title names no job");
  assertEquals(await page.getByRole("button").count(), 0);
  await page.getByRole("link", { name: "other" }).click();
  await page.getByRole("heading", { level: 1, name: "other" }).waitFor();
  await Deno.writeTextFile(`.dl_jobs/${other}/job.json`, "{");
  await page.getByText(/job.json is damaged, restore this file/).waitFor();
  await page.getByRole("link", { name: other }).getByText("damaged").waitFor();
});

test("results are a table, a plot and a map", async (page) => {
  await runToEnd("mean", 40);
  await using server = await serve(page);
  await page.goto(server.address);
  const results = page.getByRole("region", { name: "Results", exact: true });
  await page.getByText(/95% within \d+ ms, the longest \d+ ms$/).waitFor();
  await show(page, "results");
  await results.getByRole("row").nth(36).waitFor();
  const columns = await results.getByRole("columnheader").allInnerTexts();
  assertEquals(columns, ["task", "x", "lon", "lat"]);
  await results.getByRole("button", { name: "plot" }).click();
  await results.getByLabel("Show", { exact: true }).selectOption("lon");
  await results.getByRole("img", { name: "lon over task" }).waitFor();
  await results.getByRole("button", { name: "map" }).click();
  await results.getByRole("img", { name: "Map of 36 places" }).waitFor();
  await results.getByRole("button", { name: "Zoom in" }).click();
  await results.getByRole("button", { name: "plot" }).click();
  await results.getByRole("img", { name: "x over task" }).waitFor();
});

test("a click on a place of the map opens its task, and the end of a drag does not", async (page) => {
  const { id } = await runJob({ fn: () => ({ lon: 7, lat: 45 }), argsList: 1, name: "place" });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}/results?form=map`);
  const map = page.getByRole("img", { name: "Map of 1 place" });
  await map.waitFor();
  await until(async () => {
    // The pointer finds no place before the map knows its size.
    await page.mouse.move(0, 0);
    await map.hover();
    return await page.getByText("Task 0: ").isVisible();
  }, "the place under the pointer is named");
  const { x, y, width, height } = (await map.boundingBox())!;
  const [left, top] = [x + width / 2, y + height / 2];
  await page.mouse.move(left - 60, top);
  await page.mouse.down();
  await page.mouse.move(left, top, { steps: 3 });
  await page.mouse.up();
  const dialog = page.getByRole("dialog", { name: "Task 0" });
  assertEquals(await dialog.count(), 0);
  await page.mouse.down();
  await page.mouse.move(left + 1, top);
  await page.mouse.up();
  await dialog.waitFor();
});

/** Results that look like other things, as JSON. */
const ODD_RESULTS = [
  '{"constructor":1}',
  '{"__proto__":{"x":1},"x":2}',
  '{"toString":1,"valueOf":2,"hasOwnProperty":3,"toJSON":4}',
  '{"length":-1}',
  '{"length":4294967296,"0":1}',
  '{"__defineGetter__":1,"__lookupSetter__":{},"key":null,"children":[]}',
  '{"length":3}',
  '{"type":"constructor","coordinates":[1,2]}',
  '{"type":"toString","coordinates":[1,2]}',
  '{"type":"__proto__","coordinates":[1,2]}',
  '{"type":"Feature","geometry":null}',
  '{"type":"Feature"}',
  '{"type":"FeatureCollection","features":[null,1,{"type":"Feature","geometry":[]}]}',
  '{"type":"Point","coordinates":{"length":2,"0":1,"1":2}}',
  '{"type":"Point","coordinates":[1,{"valueOf":1,"toString":1}]}',
  '{"type":"Point","coordinates":[1,null]}',
  '{"type":"Polygon","coordinates":[[[1]],null,[[1,2],[3,4]]]}',
  '{"type":"Point","coordinates":[7,45]}',
  '{"lon":{"valueOf":1},"lat":[]}',
  '{"lon":1e999,"lat":-1e999}',
  '{"x":1e308,"y":-1e308}',
  '{"x":-1e308,"y":5e-324}',
  '{"x":9007199254740993,"y":9007199254740992}',
  '{"key":"","$$typeof":1,"props":{"children":"<b>no</b>"},"type":"b","ref":{"current":1}}',
  `"${"<img src=x onerror=console.log(1)>"}"`,
  `{"${"k".repeat(5000)}":"${"v".repeat(100_000)}"}`,
  `${"[".repeat(1000)}${"]".repeat(1000)}`,
  `${'{"type":"Feature","geometry":'.repeat(1000)}null${"}".repeat(1000)}`,
  `[${"0,".repeat(100_000)}0]`,
  "null",
  "true",
  '""',
  "[]",
  "{}",
];

/** Runs a job with these results and returns its id. */
async function runOddJob(): Promise<string> {
  const list = ODD_RESULTS.map((text) => JSON.stringify(text) + "\n").join("");
  await Deno.writeTextFile("list.ndjson", list);
  await Deno.writeTextFile(
    "odd.ts",
    `import { asJson } from "dl_jobs"; export const task = asJson((text) => text);`,
  );
  const args = ["map", "odd.ts", "list.ndjson", "--no-log", "--output", "results.ndjson"];
  assertEquals((await startCli(args).output()).code, 0);
  return listed(".dl_jobs")![0]!;
}

async function browseOddResults(page: Page): Promise<void> {
  const results = page.getByRole("region", { name: "Results", exact: true });
  await show(page, "results");
  await results.getByRole("row").nth(ODD_RESULTS.length).waitFor();
  await results.getByText("<img src=x onerror=console.log(1)>", { exact: true }).waitFor();
  const empty = await results.getByRole("row").nth(4).getByRole("cell").allInnerTexts();
  assertEquals(empty.filter((text) => text !== ""), ["-1"]);
  await results.getByRole("button", { name: "plot" }).click();
  for (const field of ["constructor", "__proto__.x", "length", "x", "y"]) {
    await results.getByLabel("Show", { exact: true }).selectOption(field);
    await results.getByRole("img", { name: `${field} over task` }).waitFor();
  }
  await results.getByLabel("over", { exact: true }).selectOption("x");
  await results.getByRole("img", { name: "y over x" }).waitFor();
  await results.getByRole("button", { name: "map" }).click();
  await results.getByRole("img", { name: /Map of \d places/ }).waitFor();
  await results.getByRole("button", { name: "table" }).click();
  for (const task of [0, 1, 2, 24]) {
    await results.getByRole("button", { name: `task ${task}`, exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
  }
}

test("results that look like other things are shown as what they are", async (page) => {
  const id = await runOddJob();
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  await browseOddResults(page);
});

test("a report shows results that look like other things as what they are", async (page) => {
  const id = await runOddJob(), path = `${Deno.cwd()}/report.html`;
  await Deno.writeTextFile(path, await makeReport(`.dl_jobs/${id}`));
  await page.goto(toFileUrl(path));
  await browseOddResults(page);
});

test("a page on a phone is as wide as the phone, also in the dark", async (page) => {
  await runToEnd(LONG_NAME, 3);
  await using server = await serve(page);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(server.address);
  await page.getByRole("link", { name: LONG_NAME }).click();
  await page.locator("summary").click();
  await page.locator(".examples code", { hasText: "1" }).first().waitFor();
  assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 360);
  await page.getByRole("link", { name: "All jobs" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor({ state: "hidden" });
});

test("a window that becomes wide shows the newest job", async (page) => {
  await runJob({ fn: (x: number) => x, argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.setViewportSize({ width: 640, height: 450 });
  await page.goto(server.address);
  await page.getByRole("link", { name: "tiles" }).waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("heading", { level: 1, name: "tiles" }).waitFor();
});

test("results and tasks appear when a server that was gone starts again", async (page) => {
  const { id } = await runJob({ fn: (x: number) => ({ x }), argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  for (const view of ["results", "tasks"]) {
    await page.route(`**/${view}**`, (route) => route.fulfill({ body: "" }), { times: 2 });
    await show(page, view);
    await page.getByText("task 2").or(page.getByText("3 tasks", { exact: true })).waitFor();
  }
});

test("a folder without jobs and a server that is gone each have a message", async (page) => {
  const server = await UiServer.start();
  await page.goto(server.address);
  await page.getByText("There are no jobs in this folder yet").waitFor();
  // The browser would log that it cannot connect again.
  await page.route("**/stream", () => {});
  await server[Symbol.asyncDispose]();
  await page.getByText("Not connected").waitFor();
});

test("a million tasks: the page paints from one small event, and updates keep coming", async (page) => {
  const job = await startJob("half", 1_000_000);
  await using server = await serve(page);
  const [id] = await until(() => listed(".dl_jobs"), "the job has a folder");
  await until(() => countOf(`.dl_jobs/${id}/spans.ndjson`) > 500_000, "half of it is done");
  // The page receives only the first state of the job.
  let bytes = 0;
  await page.route(STREAM, async (route) => {
    const body = await firstState(route.request());
    bytes = body.length;
    await route.fulfill({ contentType: "text/event-stream", body });
  }, { times: 1 });
  await page.goto(`${server.address}#${id}`);
  await page.locator(".figure").first().waitFor();
  assert(await figure(page, "succeeded") > 0);
  assert(bytes > 0 && bytes < 200_000, `the event has ${bytes} bytes`);
  // The page connects again, and receives the rest.
  const later = await until(async () => {
    const now = await figure(page, "succeeded");
    return now > 500_000 && now;
  }, "the journal has been read");
  await until(async () => await figure(page, "succeeded") > later, "updates keep coming");
  await cancel(page);
  await page.locator("h1 + .state.canceled").waitFor();
  await job.output();
  const canvases = await page.evaluate("document.querySelectorAll('*').length");
  assertLess(canvases as number, 4000);
});

function listed(folder: string): string[] | undefined {
  try {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => /^\d/.test(name));
    return names.length > 0 ? names : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the number of tasks that have ended. */
function countOf(spans: string): number {
  try {
    return Deno.readTextFileSync(spans).split("\n").slice(0, -1)
      .reduce((sum, line) => sum + JSON.parse(line).count, 0);
  } catch {
    return 0;
  }
}

test("a report opens the slowest tasks, which its sample of results may leave out", async (page) => {
  const { id } = await runJob({
    fn: async (x: number) => {
      if (x === 6001) await new Promise((resolve) => setTimeout(resolve, 400));
      return { x };
    },
    argsList: 12_000,
    name: "slow",
  });
  const path = `${Deno.cwd()}/report.html`;
  await Deno.writeTextFile(path, await makeReport(`.dl_jobs/${id}`));
  await page.goto(toFileUrl(path));
  await page.getByRole("button", { name: "task 6001" }).click();
  await page.getByRole("dialog").getByText(/^Attempt 1: succeeded, \d+ ms$/).waitFor();
  assertStringIncludes(await page.getByRole("dialog").innerText(), '"x": 6001');
});

test("a report opens from a file, whatever its data", async (page) => {
  const evil = `</script><script>console.log("run")</script><!-- <script>`;
  const { id } = await runJob({
    fn: ([x, evil]: [number, string]) => {
      console.log(evil);
      if (x > 3) throw new Error(evil + x);
      return { x, evil };
    },
    argsList: [0, 1, 2, 3, 4, 5].map((x) => [x, evil]),
    name: `tiles ${evil}`.replaceAll("/", "|"),
  });
  const folder = `.dl_jobs/${id}`, path = `${Deno.cwd()}/report.html`;
  await Deno.writeTextFile(path, await makeReport(folder));
  await page.goto(toFileUrl(path));
  assertEquals(await page.getByRole("heading", { level: 1 }).innerText(), recordOf(folder).name);
  assertEquals([await figure(page, "succeeded"), await figure(page, "failed")], [4, 2]);
  await page.locator("summary").click();
  await page.locator(".examples li", { hasText: "task 4" }).getByText(`[4,"</script>`).waitFor();
  await page.locator(".examples").getByRole("button", { name: "task 4" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Arguments").waitFor();
  assertStringIncludes(await dialog.innerText(), `Error: ${evil}4`);
  await page.keyboard.press("Escape");
  await show(page, "results");
  await page.getByRole("region", { name: "Results", exact: true }).getByRole("row").nth(4)
    .waitFor();
  assertEquals(await page.getByRole("button", { name: "Retry failed" }).count(), 0);
});
