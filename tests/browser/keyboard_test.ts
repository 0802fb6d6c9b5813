import type { Page } from "../../tools/support/browser.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { check } from "./axe.ts";
import { press, runModule, serve, tabTo, test } from "./page_rig.ts";

const MODULE = `
export async function task({ n }) {
  console.log("reading", n);
  if (n % 10 === 3 && !await Deno.stat("mended").catch(() => null)) throw new RangeError("Cannot read a tile");
  return { n, lon: n, lat: 45 };
}
`;

/** Chooses an option of a menu by its first letters. */
async function choose(page: Page, name: string, letters: string): Promise<void> {
  await tabTo(page, "combobox", name);
  await page.keyboard.type(letters);
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, "searchbox", name);
  await page.keyboard.type(text);
}

test("the list of jobs can be skipped", async (page) => {
  await runModule(MODULE, { count: 4 });
  await using server = await serve(page);
  await page.goto(server.address);
  const skip = page.getByRole("button", { name: "Skip the list of jobs" });
  await skip.waitFor();
  await page.keyboard.press("Tab");
  assertEquals(await skip.evaluate((button) => button.getBoundingClientRect().left > 0), true);
  await check(page, "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const focused = page.getByRole("main").locator(":focus");
  assertEquals(await focused.innerText(), "Retry failed");
});

test("twelve journeys by keyboard only", async (page) => {
  const module = `${MODULE} export { task as other };`;
  await runModule(module, { count: 300, method: "other" });
  await runModule(module, { count: 300 });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.locator("h1").waitFor();

  // 1. Finds a job and opens it.
  await type(page, "Find jobs", "other");
  await page.getByText("1 of 2").waitFor();
  await page.keyboard.press("Tab");
  await until(async () => {
    await page.keyboard.press("Tab");
    return await page.evaluate("document.activeElement.matches('.jobs li a')");
  }, "a job has the focus");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "tiles.other" }).waitFor();

  // 2. Opens a kind of failures, and one of its tasks.
  await until(async () => {
    await page.keyboard.press("Tab");
    return await page.evaluate("document.activeElement.matches('summary')");
  }, "a kind of failures has the focus");
  await page.keyboard.press("Enter");
  await press(page, "button", "task 3");
  await page.getByRole("dialog", { name: "Task 3" }).waitFor();

  // 3. Copies the command that runs the task again, and closes the dialog.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await press(page, "button", "Copy");
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const command = String(await page.evaluate("navigator.clipboard.readText()"));
  assertEquals(/^dl_jobs replay \S+ 3$/.test(command), true);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // 4. Zooms into the charts, and back.
  await tabTo(page, "img", "Timeline of 2 workers");
  await page.keyboard.press("+");
  await page.getByRole("button", { name: "Show all" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show all" }).waitFor({ state: "hidden" });

  // 5. Finds tasks by their arguments.
  await press(page, "link", "tasks");
  await type(page, "Arguments contain", "tile_29");
  await page.getByText("11 of 300 tasks").waitFor();

  // 6. Walks through the rows, and opens one.
  await tabTo(page, "grid", "Tasks: arrow keys choose one, Enter opens it");
  for (const key of ["ArrowDown", "End", "ArrowUp", "Home", "PageDown"]) {
    await page.keyboard.press(key);
  }
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Task 290" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // 7. Selects the failed tasks, and sorts them by their times.
  await page.keyboard.press("Shift+Tab");
  await choose(page, "State", "failed");
  await page.getByText("1 of 300 tasks").waitFor();
  await press(page, "button", "time");
  await page.locator("[aria-sort=descending]").waitFor();

  // 8. Sorts the results, and shows them on a map with zoom.
  await press(page, "link", "results");
  await press(page, "button", "n");
  await page.locator("[aria-sort=ascending]").waitFor();
  await press(page, "button", "map");
  await tabTo(page, "img", "Map of 270 places");
  for (const key of ["+", "ArrowRight", "ArrowUp", "-"]) await page.keyboard.press(key);

  // 9. Plots a field of the results.
  await press(page, "button", "plot");
  await choose(page, "Show", "lon");
  await page.getByRole("img", { name: "lon over task" }).waitFor();

  // 10. Searches the log.
  await press(page, "link", "logs");
  await type(page, "Lines contain", "reading 13");
  await page.getByRole("log").getByText("reading 13", { exact: true }).waitFor();

  // 11. Compares the job with another.
  await press(page, "link", "compare");
  await choose(page, "Job to compare with", "tiles.task");
  await page.getByText("Failed there, succeeded here: 0 tasks").waitFor();

  // 12. Retries the failed tasks, whose cause has been mended.
  await Deno.writeTextFile("mended", "");
  await press(page, "button", "Retry failed");
  await page.locator("h1 + .state.succeeded").waitFor();
});
