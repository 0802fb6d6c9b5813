/**
 * The page of a job of a million tasks, in a real browser: its first paint, a search in its list of
 * tasks, and what blocks the browser while ten thousand tasks end every second.
 *
 * @module
 */

import { listJobs } from "../lib/job_dir/find.ts";
import { UiServer } from "../lib/web/server.ts";
import { type Browser, figure, type Page, startBrowser } from "../tools/support/browser.ts";
import { type Folder, makeFolder } from "../tools/support/files.ts";
import { until } from "../tools/support/until.ts";
import { writeList } from "./lines.ts";
import { CLI, commandOf, denoRun, IS_QUICK, roundsOf, settleDisk } from "./process.ts";
import { median, type Report } from "./report.ts";

const TASKS = 1_000_000;
const ROUNDS = roundsOf(7);
const PER_SECOND = 10_000;
const LIVE_MS = IS_QUICK ? 2000 : 15_000;
const TASK = `export const task = ({ n }) => {
  if (n % 1000 === 7) throw new RangeError("Cannot read a tile");
  return { n, half: n / 2 };
};
`;

/** Measures the page. */
export async function* bench(): AsyncGenerator<Report> {
  await using folder = await makeFolder({ "tiles.js": TASK });
  const browser = await startBrowser();
  try {
    yield await benchEnded(browser, folder);
    yield await benchLive(browser, folder);
  } finally {
    await browser.close();
  }
}

/** Measures the page of a job that has ended. */
async function benchEnded(browser: Browser, { path }: Folder): Promise<Report> {
  writeList(`${path}/list.ndjson`, TASKS, (n) => ({ tile: `tile_${n}`, n }));
  await start(path).output();
  await settleDisk();
  await using server = await UiServer.start({ cwd: path });
  const paints: number[] = [], searches: number[] = [];
  // The first round fills the caches.
  for (let round = -1; round < ROUNDS; round++) {
    const page = await browser.newPage();
    await page.goto(server.address);
    await page.locator(".figure").first().waitFor();
    const paint = await page.evaluate(FIRST_PAINT) as number;
    const search = await timeSearch(page, TASKS - 2 - round);
    if (round >= 0) {
      paints.push(paint);
      searches.push(search);
    }
    await page.close();
  }
  return {
    title: `The page of a job of ${TASKS} tasks, in milliseconds; ${ROUNDS} rounds`,
    rows: [row("first paint", paints), row("search for a text in the arguments", searches)],
  };
}

const FIRST_PAINT = `performance.getEntriesByName("first-contentful-paint")[0].startTime`;

/** Returns the time from the input of a text until the page shows the one task that has it. */
async function timeSearch(page: Page, task: number): Promise<number> {
  await page.getByRole("link", { name: "tasks", exact: true }).click();
  await page.getByText(/^[\d,]+ tasks$/).waitFor();
  return await page.getByLabel("Arguments contain").evaluate(search, `"tile_${task}"`);
}

/** Runs in the browser: types a text, and waits for the next frame after the list has one task. */
// deno-lint-ignore no-explicit-any -- The types of a page are not those of Deno.
const search = async (field: any, text: string): Promise<number> => {
  const { defaultView } = field.ownerDocument, { document, MutationObserver } = defaultView;
  const found = new Promise<void>((resolve) => {
    const look = () => /\b1 of [\d,]+ tasks/.test(document.body.textContent) && resolve();
    const changes = { characterData: true, childList: true, subtree: true };
    new MutationObserver(look).observe(document.body, changes);
  });
  const begun = performance.now();
  field.value = text;
  field.dispatchEvent(new defaultView.InputEvent("input", { bubbles: true }));
  await found;
  await new Promise((resolve) => defaultView.requestAnimationFrame(resolve));
  return performance.now() - begun;
};

/** Measures what blocks the browser while it shows a job that runs. */
async function benchLive(browser: Browser, { path }: Folder): Promise<Report> {
  const others = listJobs(path);
  const job = start(path, "--rate", `${PER_SECOND}/s`).spawn();
  try {
    const isNew = (id: string) => !others.includes(id);
    const id = await until(() => listJobs(path).find(isNew), "the job has begun");
    await using server = await UiServer.start({ cwd: path });
    const page = await browser.newPage();
    await page.goto(`${server.address}#${id}`);
    await page.locator("h1 + .state.running").waitFor();
    const before = await figure(page, "succeeded");
    const blocked = await page.evaluate(`(${longTasks})(${LIVE_MS})`) as number[];
    const perSecond = (await figure(page, "succeeded") - before) / LIVE_MS * 1000;
    await page.close();
    return {
      title: `What blocks the page while ${PER_SECOND} tasks end every second, in milliseconds, ` +
        `for ${LIVE_MS / 1000} s`,
      rows: [{
        measure: "tasks of the browser above 50 ms",
        count: blocked.length,
        longest: Math.round(Math.max(0, ...blocked)),
        "tasks per second": Math.round(perSecond),
      }],
    };
  } finally {
    job.kill("SIGKILL");
    await job.status;
  }
}

/** Runs in the browser, which reports tasks of its own above 50 ms. */
const longTasks = async (ms: number): Promise<number[]> => {
  const found: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) found.push(duration);
  });
  observer.observe({ type: "longtask" });
  await new Promise((resolve) => setTimeout(resolve, ms));
  observer.disconnect();
  return found;
};

/** Returns the command that starts the job. Its failed tasks give it an exit status. */
function start(cwd: string, ...flags: string[]): Deno.Command {
  const map = ["map", "tiles.js#task", "list.ndjson", "-o", "out.ndjson", ...flags];
  return commandOf(denoRun(CLI, ...map), cwd, { stdout: "null", stderr: "null" });
}

function row(measure: string, times: readonly number[]): Report["rows"][number] {
  return { measure, median: Math.round(median(times)), most: Math.round(Math.max(...times)) };
}
