/** Tests of texts that the page shows, such as long or hostile ones, and of the page on paper. */

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "../support/assert.ts";
import { runJob, startCli } from "../support/jobs.ts";
import type { Page } from "../../tools/support/browser.ts";
import { until } from "../../tools/support/until.ts";
import { serve, show, test } from "./page_rig.ts";

const TURNED = "\u202egpj.exe";
const LONG = "long ".repeat(2000);

/** Returns the characters on the page that change the order of a line. */
async function turned(page: Page): Promise<string[]> {
  const text = await page.evaluate("document.title + document.body.innerText") as string;
  return text.match(/[\u202a-\u202e\u2066-\u2069]/g) ?? [];
}

test("characters that change the order of a line are shown as escapes", async (page) => {
  const { id } = await runJob({
    fn: ({ x, text }: { x: number; text: string }) => {
      if (x === 1) throw Object.assign(new Error(text), { name: text });
      return { [text]: text };
    },
    argsList: [0, 1].map((x) => ({ x, text: TURNED })),
    name: TURNED,
  });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  await page.locator("summary").click();
  await page.locator(".examples code", { hasText: "\\u202egpj.exe" }).waitFor();
  assertEquals(await turned(page), []);
  assertEquals(await page.getByRole("heading", { level: 1 }).innerText(), "\\u202egpj.exe");
  await show(page, "tasks");
  await page.locator(".all .mono", { hasText: "\\u202egpj.exe" }).nth(1).waitFor();
  assertEquals(await turned(page), []);
  await show(page, "results");
  await page.getByRole("cell", { name: "\\u202egpj.exe" }).waitFor();
  assertEquals(await turned(page), []);
  await page.getByRole("button", { name: "task 0" }).click();
  await page.getByRole("dialog").getByText("Attempt 1: succeeded").waitFor();
  assertEquals(await turned(page), []);
});

test("a long message and a long name of a column do not cover other things", async (page) => {
  const name = "column_".repeat(11);
  const { id } = await runJob({
    fn: ({ x, text, name }: { x: number; text: string; name: string }) => {
      if (x === 1) throw Object.assign(new Error(text), { stack: undefined });
      return { [name]: x, next: x };
    },
    argsList: [0, 1].map((x) => ({ x, text: LONG, name })),
    name: "long",
  });
  await using server = await serve(page);
  await page.goto(`${server.address}#${id}`);
  await page.locator("summary").click();
  await page.locator(".examples code").waitFor();
  assertLess((await page.locator("summary").boundingBox())!.height, 400);
  assertStringIncludes(await page.locator(".examples pre").innerText(), LONG.trim());
  await show(page, "results");
  const box = (name: string) => page.getByRole("columnheader").getByText(name).boundingBox();
  await page.getByRole("columnheader").nth(2).waitFor();
  const [first, second] = [(await box("column_"))!, (await box("next"))!];
  assertLess(first.x + first.width, second.x - 8);
});

test("a job of a program shows its command, and another one the end of its address", async (page) => {
  await startCli(["map", "--no-log", "--", "echo", "http://host/a/b/c/{}", ":::", "1"]).output();
  await using server = await serve(page);
  await page.goto(server.address);
  const place = page.locator(".facts .path");
  await place.getByText("echo http://host/a/b/c/{}", { exact: true }).waitFor();
  await Deno.mkdir("a/b", { recursive: true });
  await Deno.writeTextFile("a/b/tiles.ts", "export const mean = (x) => x;");
  await startCli(["map", "a/b/tiles.ts#mean", "--no-log", ":::", "1"]).output();
  await place.getByText("a/b/tiles.ts#mean", { exact: true }).waitFor();
});

test("on paper, the newest job is shown alone, with all rows and columns of a table", async (page) => {
  const fn = (x: number) =>
    Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, `${x} and a long text `.repeat(9)]));
  await runJob({ fn, argsList: 40, name: "tiles" });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByRole("heading", { level: 1, name: "tiles" }).waitFor();
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.emulateMedia({ media: "print" });
  await page.getByRole("heading", { level: 1, name: "tiles" }).waitFor();
  assertEquals(await page.getByRole("navigation", { name: "Jobs" }).count(), 0);
  assertEquals(await page.getByRole("button", { name: /^(?!task )/ }).count(), 0);
  assertEquals(await page.getByRole("navigation").count(), 0);
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 1280, height: 900 });
  await show(page, "results");
  await page.getByRole("row").nth(40).waitFor();
  await page.emulateMedia({ media: "print" });
  assertEquals(await page.getByRole("button", { name: "Save as CSV" }).count(), 0);
  const heights = await page.locator(".table").evaluate((box) => [
    box.clientHeight,
    box.scrollHeight,
  ]);
  assertEquals(heights[0], heights[1]);
  await page.setViewportSize({ width: 794, height: 1123 });
  const outside = await page.locator(".table").evaluate((box) => box.scrollWidth - box.clientWidth);
  assertEquals(outside, 0);
  await page.emulateMedia({ media: "screen" });
  await show(page, "tasks");
  await page.getByText("40 tasks").waitFor();
  await page.emulateMedia({ media: "print" });
  assertEquals(await page.getByRole("search").count(), 0);
  assertEquals(await page.getByRole("link", { name: "Download" }).count(), 0);
});

test("on paper, charts fit and colours are light", async (page) => {
  const fn = async (x: number) => await new Promise((resolve) => setTimeout(resolve, x));
  await runJob({ fn, argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(server.address);
  await page.getByRole("img", { name: "Timeline of" }).waitFor();
  const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const dark = await background();
  await page.emulateMedia({ media: "print" });
  assert(dark !== await background());
  assertEquals(await background(), "rgb(245, 246, 248)");
  // A browser prints before a chart is drawn again.
  const chart = page.locator(".uplot").last();
  const filter = await chart.evaluate((box) =>
    box.ownerDocument.defaultView!.getComputedStyle(box).filter
  );
  assertEquals(filter, "invert(1) hue-rotate(180deg)");
  const sizes = await page.locator(".chart").last().evaluate((chart) => {
    const canvas = chart.querySelector("canvas")!, ratio = canvas.width / canvas.height;
    chart.style.width = "300px";
    const { width, height } = canvas.getBoundingClientRect();
    return { width, isWhole: Math.abs(width / height / ratio - 1) < 0.01 };
  });
  assertEquals(sizes, { width: 300, isWhole: true });
});

test("a map has the colours of the screen, also after they have changed", async (page) => {
  await runJob({ fn: (lon: number) => ({ lon, lat: 0 }), argsList: 3, name: "places" });
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByRole("heading", { level: 1, name: "places" }).waitFor();
  await show(page, "results");
  await page.getByRole("button", { name: "map" }).click();
  const map = page.getByRole("img", { name: "Map of 3 places" });
  await until(
    () => map.evaluate((canvas) => (canvas as HTMLCanvasElement).width > 500),
    "the map is drawn",
  );
  const drawn = () => map.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const light = await drawn();
  await page.emulateMedia({ colorScheme: "dark" });
  await until(async () => await drawn() !== light, "the map is drawn again");
});

test("bars are shown on paper and in high contrast", async (page) => {
  await runJob({ fn: (x: number) => x, argsList: 3, name: "tiles" });
  await using server = await serve(page);
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto(server.address);
  for (const bar of [page.locator("header .bar .good"), page.locator(".histogram i").first()]) {
    const [paper, colour] = await bar.evaluate((element) => {
      const { defaultView } = element.ownerDocument;
      const { printColorAdjust, backgroundColor } = defaultView!.getComputedStyle(element);
      return [printColorAdjust, backgroundColor];
    });
    assertEquals(paper, "exact");
    assertMatch(colour!, /^rgb\((29, 117, 55|40, 100, 204)\)$/);
  }
});

test("the page says when the list of jobs leaves older ones out", async (page) => {
  for (let i = 0; i < 501; i++) {
    const folder = `.dl_jobs/20261128T100000-${String(i).padStart(6, "0")}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/job.json`, "{");
  }
  await using server = await serve(page);
  await page.goto(server.address);
  await page.getByText("These are the newest 500 jobs.").waitFor();
  await page.getByRole("link", { name: "000500" }).waitFor();
  assertEquals(await page.getByRole("link", { name: "-000000" }).count(), 0);
});
