/** Tests of the page in a real browser, each in its own folder. */

import { UiServer } from "../../lib/web/server.ts";
import {
  type Browser,
  type Page,
  type PageRequest,
  startBrowser,
} from "../../tools/support/browser.ts";
import { assertEquals } from "../support/assert.ts";
import { enterFolder, startCli } from "../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const whyNot = await whyNoProgram("chromium");
let browser: Browser | undefined;

if (!whyNot) {
  Deno.test.beforeAll(async () => void (browser = await startBrowser()));
  Deno.test.afterAll(() => browser?.close());
}

/**
 * Registers a test in its own folder. Its page must log nothing, and load nothing from elsewhere.
 */
export function test(name: string, fn: (page: Page) => Promise<void>): void {
  Deno.test({
    name: name + skipSuffix(whyNot),
    ignore: whyNot !== undefined,
    // All tests share the browser.
    sanitizeResources: false,
    sanitizeOps: false,
    fn: async () => {
      await using _folder = await enterFolder();
      const page = await browser!.newPage();
      // Other tests may keep all processors busy.
      page.setDefaultTimeout(60_000);
      const complaints: string[] = [], asked = new Set<string>();
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => asked.add(new URL(request.url()).host));
      try {
        await fn(page);
        const { host } = new URL(page.url());
        assertEquals({ complaints, asked: [...asked] }, { complaints: [], asked: [host] });
      } finally {
        await page.close();
      }
    },
  });
}

/**
 * Starts a server for a page. At its end, it closes the page first, which would otherwise log that
 * the server does not answer any more.
 */
export async function serve(page: Page): Promise<Pick<UiServer, "address"> & AsyncDisposable> {
  const server = await UiServer.start();
  return {
    address: server.address,
    async [Symbol.asyncDispose]() {
      await page.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Runs a job of a module with a number of tasks until it ends, from a folder of its own. */
export async function runModule(
  module: string,
  { method = "task", count = 10 } = {},
): Promise<void> {
  await Deno.writeTextFile("tiles.ts", module);
  const list = Array.from({ length: count }, (_, i) => `{"tile":"tile_${i}","n":${i}}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `tiles.ts#${method}`, "list.ndjson", "--workers", "2", "--no-log"];
  await startCli([...args, "--output", `${method}.ndjson`]).output();
}

/** The requests for the stream of a job. */
export const STREAM = /\/stream\?job=/;

/** Returns the first event that a request for a job's stream receives. */
export async function firstState(request: PageRequest): Promise<string> {
  const { body } = await fetch(request.url(), { headers: await request.allHeaders() });
  let text = "";
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    const [state] = /^event: job\ndata: .*\n\n/m.exec(text) ?? [];
    if (state) return state;
  }
  throw new Error(`There is no state in ${text}`);
}

/** Shows a view of the job. */
export async function show(page: Page, view: string): Promise<void> {
  const views = page.getByRole("navigation", { name: "Views of the job" });
  await views.getByRole("link", { name: view }).click();
}

/** Presses Tab until an element with a role and a name has the focus. */
export async function tabTo(
  page: Page,
  role: "link" | "button" | "searchbox" | "combobox" | "grid" | "img" | "textbox",
  name: string,
): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true }).first();
  await wanted.waitFor();
  for (let i = 0; i < 100; i++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach the ${role} ${name}`);
}

/** Reaches a link or a button by Tab, and presses it. */
export async function press(page: Page, role: "link" | "button", name: string): Promise<void> {
  await tabTo(page, role, name);
  await page.keyboard.press("Enter");
}
