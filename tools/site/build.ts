/**
 * Writes the files of the site.
 *
 * @module
 */

import { dirname } from "node:path";
import { filesIn } from "../../scripts/source_files.ts";
import { ROOT, runDeno } from "../../scripts/steps/deno.ts";
import { copyFiles, findPages } from "./pages.ts";
import { layout } from "./layout.ts";
import { renderPage } from "./markdown.ts";
import { readNavigation } from "./navigation.ts";
import { searchData } from "./search.ts";

/**
 * Builds the site.
 *
 * @returns the number of pages, without those of the exports.
 */
export async function buildSite(out: string): Promise<number> {
  const pages = await findPages(ROOT);
  const navigation = readNavigation(pages);
  const rendered = pages.map((page) => [page, renderPage(page)] as const);
  await Deno.mkdir(out, { recursive: true });
  for (const [page, content] of rendered) {
    await write(`${out}/${page.to}`, layout(page, content, navigation));
  }
  await write(`${out}/search.js`, searchData(rendered));
  await write(`${out}/style.css`, await Deno.readTextFile(`${import.meta.dirname}/style.css`));
  await run(
    "bundle",
    "--quiet",
    "--minify",
    "--platform=browser",
    "--format=iife",
    `--output=${out}/site.js`,
    BROWSER,
  );
  await run("doc", "--html", "--name=dl_jobs", `--output=${out}/api`, "mod.ts");
  const files = await filesIn(`${out}/api`, () => true);
  for (const path of files) await withoutLocalLinks(`${out}/api/${path}`);
  await copyFiles(ROOT, out);
  return pages.length;
}

const BROWSER = `${import.meta.dirname}/browser.ts`;

/** Removes the links to the sources from a page of the exports: they lead to files of this machine. */
async function withoutLocalLinks(path: string): Promise<void> {
  if (!path.endsWith(".html")) return;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replaceAll(/ href="file:[^"]*"/g, ""));
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

async function run(...args: readonly string[]): Promise<void> {
  const { ok, output } = await runDeno(...args);
  if (!ok) throw new Error(`Cannot build the site: deno ${args[0]}: ${output}`);
}
