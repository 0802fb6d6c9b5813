import { toFileUrl } from "../../lib/util/paths.ts";
import { makeReport } from "../../lib/web/report.ts";
import { check } from "./axe.ts";
import { runModule, serve, show, test } from "./page_rig.ts";

const MODULE = `
export async function task({ n }) {
  if (n % 2) console.log("reading", n);
  if (n % 10 === 3) throw new RangeError("Cannot read a tile");
  if (n % 10 === 4) throw new TypeError("no tile");
  await new Promise((resolve) => setTimeout(resolve, n === 7 ? 200 : 5));
  return { n, half: n / 2, lon: n, lat: 45, text: "tile " + n };
}
`;

const VIEWS = ["overview", "tasks", "results", "logs", "compare"];

test("axe finds nothing in any view, in light and dark, on desktop and phone", async (page) => {
  await runModule(MODULE, { count: 40 });
  await runModule(MODULE, { count: 40 });
  await using server = await serve(page);
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(server.address);
    await page.getByRole("listitem").nth(1).waitFor();
    await check(page, `${width} start`);
    await page.getByRole("navigation", { name: "Jobs" }).getByRole("link", { name: "failed" })
      .first().click();
    for (const view of VIEWS) {
      await show(page, view);
      await page.locator(WAITED[view]!).first().waitFor();
      if (view === "compare") {
        await page.getByLabel("Job to compare with").selectOption({ index: 1 });
        await page.getByText("Failed there, succeeded here").waitFor();
      }
      await check(page, `${width} ${view}`);
    }
  }
});

/** An element that each view shows once its data are there. */
const WAITED: Readonly<Record<string, string>> = {
  overview: ".histogram",
  tasks: ".all .mono:not(:empty)",
  results: "tbody tr",
  logs: ".logs code",
  compare: "main select",
};

test("axe finds nothing in what opens", async (page) => {
  await runModule(MODULE, { count: 40 });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.locator("summary").first().click();
  await page.locator(".examples code").first().waitFor();
  await check(page, "failures");
  await page.locator(".examples").getByRole("button").first().click();
  await page.getByText("Attempt 1: failed").waitFor();
  await check(page, "task");
  await page.keyboard.press("Escape");
  await show(page, "results");
  await page.getByRole("button", { name: "plot" }).click();
  await page.getByRole("img", { name: "n over task" }).waitFor();
  await check(page, "plot");
  await page.getByRole("button", { name: "map" }).click();
  await page.getByRole("img", { name: /Map of/ }).waitFor();
  await check(page, "map");
});

test("axe finds nothing in an empty folder", async (page) => {
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByText("There are no jobs in this folder yet").waitFor();
  await check(page, "empty");
});

test("axe finds nothing in a report", async (page) => {
  await runModule(MODULE, { count: 40 });
  const [job] = [...Deno.readDirSync(".dl_jobs")].map(({ name }) => name)
    .filter((name) => /^\d/.test(name));
  await Deno.writeTextFile("report.html", await makeReport(`.dl_jobs/${job}`));
  await page.goto(toFileUrl(`${Deno.cwd()}/report.html`));
  await page.locator(".histogram").waitFor();
  await check(page, "report");
});
