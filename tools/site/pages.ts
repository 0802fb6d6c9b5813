/**
 * The Markdown files of the project that are pages of the site.
 *
 * @module
 */

import { filesIn } from "../../scripts/source_files.ts";
import { basename, dirname } from "node:path";

/** A page of the site, before it is rendered. */
export interface SourcePage {
  /** The path of its Markdown in the project: `docs/guides/lists.md`. */
  readonly from: string;
  /** The path of its HTML in the site: `lists.html`. */
  readonly to: string;
  readonly text: string;
}

/** Files outside of docs/ that its pages link to. */
const OTHERS = [
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CODE_OF_CONDUCT.md",
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
];

/** The front page. */
export const INDEX = "docs/README.md";

/** Finds the pages of a project, and reads them. */
export async function findPages(root: string): Promise<SourcePage[]> {
  const files = await filesIn(root, (folder) => /^(docs|examples)(\/|$)/.test(folder));
  const paths = files.filter((path) =>
    path.includes("/") ? path.endsWith(".md") : OTHERS.includes(path)
  );
  return await Promise.all(paths.map(async (from) => {
    return { from, to: siteOf(from), text: await Deno.readTextFile(`${root}/${from}`) };
  }));
}

/** Returns the path in the site of a Markdown file. */
export function siteOf(from: string): string {
  if (from === INDEX) return "index.html";
  const path = from.startsWith("docs/") ? from.slice("docs/".length) : `project/${from}`;
  return path.replace(/\.md$/, ".html");
}

/** Copies the pictures of the pages into the site. */
export async function copyFiles(root: string, out: string): Promise<void> {
  for (const path of await filesIn(`${root}/docs`, () => true)) {
    if (path.endsWith(".md") || basename(path).startsWith(".")) continue;
    await Deno.mkdir(`${out}/${dirname(path)}`, { recursive: true });
    await Deno.copyFile(`${root}/docs/${path}`, `${out}/${path}`);
  }
}
