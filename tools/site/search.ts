/**
 * The data of the search: one entry for each part of a page.
 *
 * @module
 */

import type { Rendered } from "./markdown.ts";
import type { SourcePage } from "./pages.ts";

/** A part of a page, which a search can find. */
export interface SearchEntry {
  readonly id: number;
  /** The title of the page. */
  readonly page: string;
  /** The heading of the part. */
  readonly heading: string;
  /** Its text, without markup. */
  readonly text: string;
  /** Its address in the site. */
  readonly to: string;
}

/** Returns a script with the entries. A script, unlike JSON, can be loaded without a server. */
export function searchData(pages: readonly (readonly [SourcePage, Rendered])[]): string {
  const entries = pages.flatMap(([page, rendered]) => partsOf(page, rendered));
  const numbered = entries.map((entry, id): SearchEntry => ({ id, ...entry }));
  return `globalThis.searchEntries = ${JSON.stringify(numbered)};\n`;
}

function partsOf({ to }: SourcePage, { title, html }: Rendered): Omit<SearchEntry, "id">[] {
  return html.split(/(?=<h[1-6] id=)/).filter((part) => part.trim() !== "").map((part) => {
    const [, id = "", heading = ""] = /^<h[1-6] id="([^"]*)">(.*?)<\/h/s.exec(part) ?? [];
    const text = textOf(part.replace(/^<h[1-6].*?<\/h[1-6]>/s, ""));
    return { page: title, heading: textOf(heading), text, to: `${to}#${id}` };
  });
}

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&amp;", "&").replace(/\s+/g, " ").trim();
}
