/**
 * Takes the pictures of the page in `docs/`, with jobs from the countries example:
 * `deno run -A tools/screenshots.ts`.
 *
 * @module
 */

import { dirname } from "node:path";
import { type Browser, type Page, startBrowser } from "./support/browser.ts";
import { UiServer } from "../lib/web/server.ts";

const ROOT = dirname(import.meta.dirname!);

/** A slow job that pretends to fetch borders over the network. Small countries fail. */
const BORDERS = `
import { Job } from "dl_jobs";
import { loadCountries } from "../shapes.ts";

export const list = () => new Job({
  name: "borders.trace", moduleName: import.meta.url, methodName: "trace",
  argsList: loadCountries().map(({ properties }) => properties.name), workers: 6, log: false,
});

export async function trace(name: string) {
  console.log("looking for the border of", name);
  await new Promise((resolve) => setTimeout(resolve, 20 * name.length ** 1.5));
  const country = loadCountries().find(({ properties }) => properties.name === name)!;
  const points = country.geometry.coordinates.flat(2).length;
  if (points < 9) throw new RangeError(\`Cannot trace a border: \${points} points are too few\`);
  return { name, points };
}
`;

/** A picture of the page. */
interface Picture {
  readonly name: string;
  readonly job: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
  /** Brings the page into the state to capture. */
  prepare(page: Page): Promise<unknown>;
}

const PICTURES: readonly Picture[] = [
  {
    name: "ui",
    job: "borders.trace",
    width: 1280,
    height: 930,
    colorScheme: "light",
    prepare: (page) => page.locator("dd").first().filter({ hasText: /^1[2-5]\d$/ }).waitFor(),
  },
  {
    name: "ui_phone",
    job: "borders.trace",
    width: 390,
    height: 720,
    colorScheme: "dark",
    prepare: (page) => page.locator("h1 + .state.failed").waitFor(),
  },
  {
    name: "ui_map",
    job: "countries.measure",
    width: 1280,
    height: 700,
    colorScheme: "dark",
    prepare: async (page) => {
      await page.getByRole("link", { name: "results" }).click();
      await page.getByRole("button", { name: "map" }).click();
      await page.getByLabel("Coloured by").selectOption("area");
      await page.mouse.wheel(0, 10_000);
    },
  },
];

async function main(): Promise<void> {
  const temporary = await Deno.makeTempDir({ prefix: "dl_jobs_screenshots_" });
  try {
    const folder = `${temporary}/countries`;
    await copyExample(folder);
    await run(folder, "countries.area");
    await Promise.all([run(folder, "borders.list"), takeAll(folder)]);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function copyExample(folder: string): Promise<void> {
  const from = `${ROOT}/examples/countries`;
  await Deno.mkdir(`${folder}/run`, { recursive: true });
  await Deno.copyFile(`${from}/shapes.ts`, `${folder}/shapes.ts`);
  await Deno.copyFile(`${from}/run/countries.ts`, `${folder}/run/countries.ts`);
  await Deno.writeTextFile(`${folder}/run/borders.ts`, BORDERS);
}

/** Runs a job. Some of its tasks fail on purpose. */
async function run(cwd: string, method: string): Promise<void> {
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${ROOT}/cli.ts`, "run", method, "--quiet"],
    cwd,
    stdout: "null",
    stderr: "null",
  }).output();
}

async function takeAll(cwd: string): Promise<void> {
  await using server = await UiServer.start({ cwd });
  const browser = await startBrowser();
  try {
    for (const picture of PICTURES) await take(browser, server.address, picture);
  } finally {
    await browser.close();
  }
}

async function take(browser: Browser, address: string, picture: Picture): Promise<void> {
  const { name, job, width, height, colorScheme, prepare } = picture;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(address);
  await page.getByRole("link", { name: job }).click();
  await page.getByRole("heading", { level: 1, name: job }).waitFor();
  await prepare(page);
  // Waits until hover effects and scrolling have ended.
  await page.mouse.move(0, 0);
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
  const path = `${ROOT}/docs/${name}.png`;
  await page.screenshot({ path });
  console.log(`docs/${name}.png: ${Math.ceil((await Deno.stat(path)).size / 1024)} KB`);
  await page.close();
}

await main();
