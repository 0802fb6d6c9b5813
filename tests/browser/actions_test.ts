import { listJobs } from "../../lib/job_dir/find.ts";
import { until, within } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { readLines, startCli } from "../support/jobs.ts";
import { check } from "./axe.ts";
import { press, runModule, serve, tabTo, test } from "./page_rig.ts";

const HELD = `
export async function task({ n }) {
  Deno.writeTextFileSync("began", n + "\\n", { append: true });
  while (!await Deno.stat("free").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
`;

test("a running job is changed by keyboard, and shows its memory and CPU over time", async (page) => {
  await Deno.writeTextFile("tiles.ts", HELD);
  const list = Array.from({ length: 9 }, (_, n) => `{"n":${n}}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--workers", "1", "--no-log"]);
  await until(() => readLines("began").length === 1, "a task runs");
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByText("Change while it runs").waitFor();
  await until(async () => {
    await page.keyboard.press("Tab");
    return await page.evaluate("document.activeElement.matches('.steer summary')");
  }, "the form can be reached");
  await page.keyboard.press("Enter");
  await tabTo(page, "textbox", "Workers");
  assertEquals(await page.getByRole("textbox", { name: "Workers" }).inputValue(), "1");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Changed workers=3").waitFor();
  await until(() => readLines("began").length === 3, "three tasks run");
  await tabTo(page, "textbox", "Time limit");
  await page.keyboard.type("5m");
  await page.keyboard.press("Enter");
  // The page may not know yet that the job has three workers, and sets them again.
  await page.getByRole("status").getByText(/Changed (workers=3, )?timeout=5m/).waitFor();
  for (
    const name of [/^Memory of the workers over time, at most \d+ MB$/, /^CPUs in use over time/]
  ) {
    await page.getByRole("img", { name }).waitFor();
  }
  await check(page, "running");
  await Deno.writeTextFile("free", "");
  await within(job.output(), "the job ends");
  await page.locator("h1 + .state.succeeded").waitFor();
  await page.getByText("Change while it runs").waitFor({ state: "hidden" });
  await page.getByRole("img", { name: "CPUs in use over time" }).waitFor();
});

const FAILS = `
export async function task({ n }) {
  const isMended = await Deno.stat("mended").catch(() => null);
  if (n % 4 === 1) throw new RangeError("Cannot read a tile");
  if (n % 4 === 3 && !isMended) throw new TypeError("No such band");
}
`;

test("one kind of failures is retried, and a job is deleted after a question", async (page) => {
  await runModule(FAILS, { count: 40 });
  await Deno.writeTextFile("mended", "");
  await using server = await serve(page);
  await page.goto(server.address);
  const kind = page.locator("summary", { hasText: "No such band" });
  await kind.focus();
  await page.keyboard.press("Enter");
  await press(page, "button", "Retry 10 tasks of this kind");
  await kind.waitFor({ state: "hidden" });
  await page.locator(".figure", { hasText: "succeeded" }).getByText("30").waitFor();
  await page.locator("h1 + .state.failed").waitFor();

  await press(page, "button", "Delete");
  const dialog = page.getByRole("dialog", { name: "Delete" });
  await dialog.getByText("Its journal with all results and logs is removed.").waitFor();
  await check(page, "delete");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  assertEquals(listJobs().length, 1);
  await press(page, "button", "Delete");
  await dialog.waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("dl_jobs map").first().waitFor();
  assertEquals(listJobs(), []);
  assertEquals(readLines("task.ndjson").length, 30);
});

test("a button that is refused stays in its place, and the reason has its lines", async (page) => {
  await runModule(FAILS, { count: 4 });
  await Deno.writeTextFile("tiles.ts", "export function task( {");
  await using server = await serve(page);
  await page.goto(server.address);
  const placeOf = async () => {
    const { x } = (await page.getByRole("button", { name: "Delete" }).boundingBox())!;
    return x;
  };
  const before = await placeOf();
  // The browser logs each answer that is an error.
  await page.route("**/retry?", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ status: 200, body: await answer.text() });
  });
  await page.getByRole("button", { name: "Retry failed" }).click();
  const lines = (await page.getByRole("alert").innerText()).split("\n");
  assertMatch(lines[0]!, /^Cannot load tiles.ts:/);
  assertMatch(lines[1]!, /^The current code cannot run/);
  assertEquals(await placeOf(), before);
});
