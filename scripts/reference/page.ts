/**
 * Pages of the reference, as Markdown.
 *
 * @module
 */

import { runDeno } from "../steps/deno.ts";

/** A page of the reference. */
export interface ReferencePage {
  /** The name of its file. */
  readonly name: string;
  readonly text: string;
}

/** Text in Markdown that shows characters as they are. */
export function plain(text: string): string {
  return text.replace(/[*<>|[\]]/g, "\\$&");
}

/** Text as code, which may contain any character but a grave accent. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** Returns a list of links to headings of the page. */
export function contents(headings: readonly string[]): string {
  return headings.map((text) => `[${plain(text)}](#${anchorOf(text)})`).join(" ·\n");
}

/** Returns the anchor of a heading, by the rules of GitHub. */
export function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\- _]/gu, "").replaceAll(" ", "-");
}

/** Formats pages as the project's Markdown. */
export async function formatPages(pages: readonly ReferencePage[]): Promise<ReferencePage[]> {
  const folder = await Deno.makeTempDir();
  try {
    for (const { name, text } of pages) await Deno.writeTextFile(`${folder}/${name}`, text);
    const { ok, output } = await runDeno("fmt", "--quiet", "--config", "deno.json", folder);
    if (!ok) throw new Error(output);
    return await Promise.all(pages.map(async ({ name }) => {
      return { name, text: await Deno.readTextFile(`${folder}/${name}`) };
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
