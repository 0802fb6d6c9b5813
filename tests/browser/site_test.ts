/**
 * The site of the documentation, in Chromium.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { buildSite } from "../../tools/site/build.ts";
import { startBrowser } from "../../tools/support/browser.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { toFileUrl } from "../../lib/util/paths.ts";
import { axeFindings } from "../support/accessibility.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { walk } from "../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../support/programs.ts";

const whyNot = await whyNoProgram("chromium");

Deno.test("the site has no broken link and no broken anchor", async () => {
  await using site = await makeSite();
  const pages = walk(site.path).filter((path) =>
    path.endsWith(".html") && !path.startsWith(`${site.path}/api/`)
  );
  const texts = new Map(pages.map((path) => [path, Deno.readTextFileSync(path)]));
  const broken = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link!)
      .filter((link) => !/^(https?|data|mailto):/.test(link))
      .filter((link) => !leadsSomewhere(path, link, texts))
      .map((link) => `${path.slice(site.path.length)}: ${link}`)
  );
  assertEquals(broken, []);
  // The pages of the exports are made by Deno, with links to the sources on this machine.
  const local = walk(`${site.path}/api`).filter((path) =>
    path.endsWith(".html") && Deno.readTextFileSync(path).includes('href="file:')
  );
  assertEquals(local, []);
});

function leadsSomewhere(from: string, link: string, texts: ReadonlyMap<string, string>): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (anchor === undefined) return isFile(target);
  return texts.get(target)?.includes(`id="${anchor}"`) ?? false;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test({
  name: "the site is searchable, without a network and without complaints" + skipSuffix(whyNot),
  ignore: whyNot !== undefined,
  async fn(t) {
    await using site = await makeSite();
    await using browser = disposable(await startBrowser());
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ colorScheme, offline: true });
      const page = await context.newPage(), complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      for (const path of ["index.html", "guides/lists.html", "reference/options.html"]) {
        await t.step(`${path}, ${colorScheme}`, async () => {
          await page.goto(toFileUrl(`${site.path}/${path}`));
          assertEquals(await axeFindings(page), {});
        });
      }
      await t.step(`a search from the keyboard, ${colorScheme}`, async () => {
        await page.keyboard.press("/");
        await page.keyboard.type("max attempts");
        await page.waitForSelector("#found a");
        assertEquals(await axeFindings(page), {});
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.waitForURL(/#max_attempts$/);
        assertMatch(await page.title(), /^Options of jobs - dl_jobs$/);
      });
      assertEquals(complaints, []);
    }
    await t.step("a phone scrolls no page sideways", async () => {
      const context = await browser.newContext({ viewport: { width: 360, height: 700 } });
      const page = await context.newPage();
      for (const path of ["index.html", "guides/options.html", "why/comparison.html"]) {
        await page.goto(toFileUrl(`${site.path}/${path}`));
        const width = await page.evaluate("document.documentElement.scrollWidth");
        assertEquals({ path, width }, { path, width: 360 });
      }
    });
  },
});

async function makeSite(): Promise<Folder> {
  const folder = await makeFolder();
  await buildSite(folder.path);
  return folder;
}

function disposable<T extends { close(): Promise<void> }>(one: T): T & AsyncDisposable {
  return Object.assign(one, { [Symbol.asyncDispose]: () => one.close() });
}
